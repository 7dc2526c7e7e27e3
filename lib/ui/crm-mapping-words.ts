import type { CrmFact, CrmField, CrmMappingPage, CrmRule } from "@/lib/contracts/connections";

/** Something of ours that a field of the CRM can hold. `isPulled`: a change there comes back. */
export type CrmFactInfo = { fact: CrmFact; label: string; isPulled: boolean };

/** Whose word counts when both sides changed a field. */
export const RULE_WORDS: Record<CrmRule, string> = {
  ours: "Arrestra’s word",
  theirs: "Zoho’s word",
  newest: "The newer one",
};

/** What the form holds: for each fact the field it stands in, or the empty text. */
export type CrmChoices = ReadonlyMap<CrmFact, CrmChoice>;
export type CrmChoice = { theirs: string; rule: CrmRule };
const NONE: CrmChoice = { theirs: "", rule: "ours" };
export const choiceOf = (choices: CrmChoices, fact: CrmFact): CrmChoice => choices.get(fact) ?? NONE;

/** The last name always goes to the one field that Zoho must have. */
export const LAST_NAME_FIELD = "Last_Name";

/** The form for a mapping. */
export function choicesOf(facts: readonly CrmFactInfo[], { fields }: Pick<CrmMappingPage, "fields">): CrmChoices {
  const chosen = new Map(fields.map((field) => [field.ours, field]));
  return new Map(
    facts.map(({ fact, isPulled }) => {
      const { theirs = "", rule = isPulled ? "newest" : "ours" } = chosen.get(fact) ?? {};
      return [fact, { theirs: fact === "lastName" ? LAST_NAME_FIELD : theirs, rule }];
    }),
  );
}

/** What is sent: a fact without a field is left out. */
export const fieldsOf = (choices: CrmChoices): CrmField[] =>
  [...choices].filter(([, { theirs }]) => theirs !== "").map(([ours, choice]) => ({ ours, ...choice }));

/** What is wrong with a choice before it is sent: a field that holds two things, or one that Zoho does not have. */
export function choiceProblem(
  facts: readonly CrmFactInfo[],
  choices: CrmChoices,
  fact: CrmFact,
  available: CrmMappingPage["available"],
): string | undefined {
  const { theirs } = choiceOf(choices, fact);
  if (theirs === "") return undefined;
  if (!available.some(({ name }) => name === theirs)) return `Zoho has no field ${theirs} any more. Choose another.`;
  const other = facts.find((each) => each.fact !== fact && choiceOf(choices, each.fact).theirs === theirs);
  return other && `${other.label} stands there too. One field holds one thing.`;
}
