import { createHash } from "node:crypto";
import type { IngestCharge, IngestLead } from "@/lib/contracts/ingest";
import { BAIL_TYPES, type BailType, bailTypeOf } from "@/lib/core/bail";
import type { LeadCounty } from "@/lib/core/county";
import { type OffenseClass, offenseClassOf } from "@/lib/core/offense";
import { evenSpaces, parsePersonName } from "@/lib/core/person-name";
import { fold } from "@/lib/core/text";

/** A charge in the form it is stored and compared. */
export type SourceCharge = {
  offense: string;
  level: string | null;
  class: OffenseClass;
  bailType: BailType;
  bailTypePrinted: string | null;
  bailCents: number | null;
  causeNumber: string | null;
};

/** A lead as a source showed it, in the form it is stored and compared: instants in UTC, absent facts null. Contacts are kept apart. */
export type SourceLead = {
  sourceId: string;
  sourceUrl: string | null;
  name: string;
  firstName: string | null;
  middleName: string | null;
  lastName: string | null;
  suffix: string | null;
  dateOfBirth: string | null;
  county: LeadCounty;
  arrestedAt: string | null;
  magistratedAt: string | null;
  magistrate: string | null;
  custodyStatus: string | null;
  labels: string[];
  charges: SourceCharge[];
};

const KNOWN_BAIL: ReadonlySet<string> = new Set(BAIL_TYPES);
const utc = (instant: string | undefined): string | null => (instant ? new Date(instant).toISOString() : null);

function toSourceCharge(charge: IngestCharge): SourceCharge {
  const printed = charge.bailType ?? null;
  const kind = printed && KNOWN_BAIL.has(printed) ? (printed as BailType) : bailTypeOf(printed);
  const cents = charge.bailCents ?? null;
  return {
    offense: evenSpaces(charge.offense),
    level: charge.level ?? null,
    class: offenseClassOf(charge.offense, charge.level),
    // An amount without a kind is bail of an unknown kind, not a blank form.
    bailType: kind === "blank" && cents !== null ? "unknown" : kind,
    bailTypePrinted: printed && printed !== kind ? printed : null,
    bailCents: cents,
    causeNumber: charge.causeNumber ?? null,
  };
}

/** Names as `Last, First Middle Suffix`; a printed name that does not split stays as printed. */
function nameOf(
  name: IngestLead["name"],
): Pick<SourceLead, "name" | "firstName" | "middleName" | "lastName" | "suffix"> {
  const parts = "full" in name ? parsePersonName(name.full) : { full: "", ...name };
  const given = [parts.first, parts.middle, parts.suffix].filter(Boolean).join(" ");
  const whole = parts.last && given ? `${parts.last}, ${given}` : parts.last || given || parts.full;
  return {
    name: evenSpaces(whole),
    firstName: parts.first ?? null,
    middleName: parts.middle ?? null,
    lastName: parts.last || null,
    suffix: parts.suffix ?? null,
  };
}

/** Brings a posted lead into the form that is stored and compared. Pure. */
export function toSourceLead(lead: IngestLead): SourceLead {
  return {
    sourceId: lead.sourceId,
    sourceUrl: lead.sourceUrl ?? null,
    ...nameOf(lead.name),
    dateOfBirth: lead.dateOfBirth ?? null,
    county: lead.county,
    arrestedAt: utc(lead.arrestedAt),
    magistratedAt: utc(lead.magistratedAt),
    magistrate: lead.magistrate ?? null,
    custodyStatus: lead.custodyStatus ?? null,
    labels: lead.labels ?? [],
    charges: lead.charges.map(toSourceCharge),
  };
}

/**
 * Charges paired with a key that survives re-ordering: the folded offense and which one of its kind it is (two counts of one offense are two
 * charges).
 */
export function keyedCharges<T extends { offense: string }>(charges: readonly T[]): Map<string, T> {
  const seen = new Map<string, number>();
  return new Map(
    charges.map((charge) => {
      const offense = fold(charge.offense);
      const nth = (seen.get(offense) ?? 0) + 1;
      seen.set(offense, nth);
      return [`${offense}#${nth}`, charge];
    }),
  );
}

/** Hex SHA-256 of what a form says. The order of its charges and its address do not count. */
export function contentHashOf(lead: SourceLead): string {
  const { sourceUrl: _address, charges, ...facts } = lead;
  const ordered = charges.map((charge) => JSON.stringify(charge)).sort();
  return createHash("sha256")
    .update(JSON.stringify([facts, ordered]))
    .digest("hex");
}
