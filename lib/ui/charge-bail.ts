import type { ChargeDto } from "@/lib/contracts/leads";
import { type BailState, type BailType, bailStateOf } from "@/lib/core/bail";
import { formatMoney } from "./format";
import { BAIL_TYPE_WORDS, sentence } from "./words";

/** One charge's bail at one time. */
export type Bail = { bailType: BailType; bailCents: number | null };

/** The state of a charge's bail. */
export const stateOf = (bail: Bail): BailState => bailStateOf(bail.bailType, bail.bailCents);

/** The bail in one word or amount: `$7,500`, `$0`, `Denied`, `Not set`, `Blank on form`. */
export function bailWord(bail: Bail): string {
  const words: Partial<Record<BailState, string>> = { denied: "Denied", not_set: "Not set", blank: "Blank on form" };
  return words[stateOf(bail)] ?? formatMoney(bail.bailCents ?? 0);
}

/** The bail with its kind, as a sentence says it: `$3,000 surety`, `Denied`. */
export function bailPhrase(bail: Bail): string {
  const hasAmount = stateOf(bail) === "amount" || stateOf(bail) === "zero";
  return hasAmount && hasKind(bail.bailType) ? `${bailWord(bail)} ${BAIL_TYPE_WORDS[bail.bailType]}` : bailWord(bail);
}

/** Whether a kind says how the bond is posted. */
export const hasKind = (type: BailType): boolean => !["blank", "not_set", "denied"].includes(type);

/** The kind for its own column: the words on the form when they say more. */
export function bailKind(charge: ChargeDto): string {
  if (charge.bailTypePrinted) return charge.bailTypePrinted;
  return hasKind(charge.bailType) ? sentence(BAIL_TYPE_WORDS[charge.bailType]) : "–";
}
