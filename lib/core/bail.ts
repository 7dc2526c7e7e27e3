/**
 * The kinds of bail a charge can show. `$0`, blank, denied and not yet set are four different facts, so the kind and the amount are kept
 * apart: `personal` with 0 cents is a $0 personal bond, `blank` says that the form shows nothing, `not_set` that it says "not set".
 */
export const BAIL_TYPES = [
  "surety",
  "cash",
  "cash_or_surety",
  "personal",
  "property",
  "denied",
  "not_set",
  "blank",
  "unknown",
] as const;
export type BailType = (typeof BAIL_TYPES)[number];

/** Words as printed on forms, lower case, to the kind they mean. Anything else is `unknown` and keeps its printed text. */
const BAIL_WORDS: readonly (readonly [RegExp, BailType])[] = [
  // Before "denied": "no bond information available" is not "no bond".
  [/\b(not (yet )?set|no bond information|to be set|pending)\b/, "not_set"],
  [/\b(denied|no bond|no bail|held without)\b/, "denied"],
  [/\bcash\b.*\bsurety\b|\bsurety\b.*\bcash\b/, "cash_or_surety"],
  [/\b(personal|pr bond|recognizance)\b/, "personal"],
  [/\bsurety\b/, "surety"],
  [/\bcash\b/, "cash"],
  [/\bproperty\b/, "property"],
];

/** The kind of bail that a printed word means; blank text is `blank`, an unfamiliar word `unknown`. */
export function bailTypeOf(printed: string | null | undefined): BailType {
  const words = (printed ?? "").trim().toLowerCase();
  if (words === "") return "blank";
  return BAIL_WORDS.find(([pattern]) => pattern.test(words))?.[1] ?? "unknown";
}

/** What the bail column of one charge shows. */
export type BailState = "amount" | "zero" | "denied" | "not_set" | "blank";

/** The state of one charge's bail from its kind and its amount (null = no amount on the form). */
export function bailStateOf(type: BailType, cents: number | null): BailState {
  if (type === "denied") return "denied";
  if (cents !== null) return cents === 0 ? "zero" : "amount";
  return type === "not_set" ? "not_set" : "blank";
}
