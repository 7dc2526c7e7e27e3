import {
  CRM_FACT_NAMES,
  CRM_FACTS,
  type CrmFact,
  type CrmField,
  type CrmMappingPage,
  type CrmRule,
} from "@/lib/contracts/connections";

/** Whose word counts when both sides changed a field. */
export const RULE_WORDS: Record<CrmRule, string> = {
  ours: "Arrestra’s word",
  theirs: "Zoho’s word",
  newest: "The newer one",
};

/** What the form holds: for each fact the field it stands in, or the empty text. */
export type CrmChoices = Record<CrmFact, { theirs: string; rule: CrmRule }>;

/** The last name always goes to the one field that Zoho must have. */
export const LAST_NAME_FIELD = "Last_Name";

/** The form for a mapping. */
export function choicesOf({ fields }: Pick<CrmMappingPage, "fields">): CrmChoices {
  const chosen = new Map(fields.map((field) => [field.ours, field]));
  const of = (fact: CrmFact) => {
    const { theirs = "", rule = CRM_FACTS[fact].isPulled ? "newest" : "ours" } = chosen.get(fact) ?? {};
    return [fact, { theirs: fact === "lastName" ? LAST_NAME_FIELD : theirs, rule }] as const;
  };
  return Object.fromEntries(CRM_FACT_NAMES.map(of)) as CrmChoices;
}

/** What is sent: a fact without a field is left out. */
export const fieldsOf = (choices: CrmChoices): CrmField[] =>
  CRM_FACT_NAMES.filter((fact) => choices[fact].theirs !== "").map((fact) => ({ ours: fact, ...choices[fact] }));

/** What is wrong with a choice before it is sent: a field that holds two things, or one that Zoho does not have. */
export function choiceProblem(
  choices: CrmChoices,
  fact: CrmFact,
  available: CrmMappingPage["available"],
): string | undefined {
  const { theirs } = choices[fact];
  if (theirs === "") return undefined;
  if (!available.some(({ name }) => name === theirs)) return `Zoho has no field ${theirs} any more. Choose another.`;
  const other = CRM_FACT_NAMES.find((each) => each !== fact && choices[each].theirs === theirs);
  return other && `${CRM_FACTS[other].label} stands there too. One field holds one thing.`;
}
