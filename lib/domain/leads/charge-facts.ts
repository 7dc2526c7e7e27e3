import { type BailType, bailStateOf } from "@/lib/core/bail";
import { gravityOf, type OffenseClass } from "@/lib/core/offense";
import type { SourceCharge } from "./source-lead";

/** What a lead's charges come to: the columns that list, search, score and export read. */
export type ChargeFacts = {
  chargeCount: number;
  topOffense: string | null;
  topClass: OffenseClass;
  offenses: string;
  causeNumbers: string;
  /** Sum of the amounts shown, in cents; null when none is shown. A sum of bonds, not one bond. */
  bailTotalCents: number | null;
  bailBonds: number;
  bailType: BailType | null;
  bailDenied: number;
  bailNotSet: number;
  bailBlank: number;
};

/** Between two charges of one class the one with the higher bail leads, then the first on the form. */
function gravest(charges: readonly SourceCharge[]): SourceCharge | undefined {
  return charges.toSorted(
    (a, b) => gravityOf(a.class) - gravityOf(b.class) || (b.bailCents ?? -1) - (a.bailCents ?? -1),
  )[0];
}

/** Sums up the charges of a form. Pure. */
export function chargeFactsOf(charges: readonly SourceCharge[]): ChargeFacts {
  const states = charges.map((charge) => bailStateOf(charge.bailType, charge.bailCents));
  const shown = charges.filter((_, i) => states[i] === "amount" || states[i] === "zero");
  const types = new Set(charges.map((charge) => charge.bailType));
  const top = gravest(charges);
  const causes = new Set(charges.flatMap((charge) => charge.causeNumber ?? []));
  return {
    chargeCount: charges.length,
    topOffense: top?.offense ?? null,
    topClass: top?.class ?? "unknown",
    offenses: charges.map((charge) => charge.offense).join(" | "),
    causeNumbers: [...causes].join(" | "),
    bailTotalCents: shown.length > 0 ? shown.reduce((sum, charge) => sum + (charge.bailCents ?? 0), 0) : null,
    bailBonds: shown.length,
    bailType: types.size === 1 ? (charges[0]?.bailType ?? null) : null,
    bailDenied: states.filter((state) => state === "denied").length,
    bailNotSet: states.filter((state) => state === "not_set").length,
    bailBlank: states.filter((state) => state === "blank").length,
  };
}
