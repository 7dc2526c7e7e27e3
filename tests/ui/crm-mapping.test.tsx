import { describe, expect, it } from "vitest";
import { CRM_FACT_NAMES, CRM_FACTS, type CrmField } from "@/lib/contracts/connections";
import { CrmMappingForm } from "@/lib/ui/crm-mapping-form";
import { choiceProblem, choicesOf, fieldsOf } from "@/lib/ui/crm-mapping-words";
import { markupOf, textOf } from "./render";

const FACTS = CRM_FACT_NAMES.map((fact) => ({ fact, ...CRM_FACTS[fact] }));
const available = ["Last_Name", "Email", "Phone"].map((name) => ({
  name,
  label: name.replace("_", " "),
  type: "text",
}));
const fields: CrmField[] = [
  { ours: "lastName", theirs: "Last_Name", rule: "ours" },
  { ours: "email", theirs: "Email", rule: "theirs" },
];
const page = (more: CrmField[] = []) => (
  <CrmMappingForm facts={FACTS} mapping={{ fields: [...fields, ...more], available }} />
);

describe("the form of the mapping", () => {
  it("names each fact, the field it stands in and whose word counts", () => {
    const markup = markupOf(page());
    for (const { label } of FACTS) expect(markup).toContain(`Field in Zoho for ${label}`);
    // Said where something of ours stands there, as the last name always does. Seen red without: the test that a fact has a field.
    expect(textOf(page()).match(/Arrestra’s word; changes in Zoho stay there/g)).toHaveLength(1);
    // Only what comes back has a rule to choose.
    expect(markup.match(/Whose word counts for/g)).toHaveLength(3);
  });

  it("says beside the line that a field is gone at Zoho, or holds two things", () => {
    expect(textOf(page([{ ours: "county", theirs: "County", rule: "ours" }]))).toContain(
      "Zoho has no field County any more. Choose another.",
    );
    const choices = choicesOf(FACTS, { fields: [...fields, { ours: "phone", theirs: "Email", rule: "ours" }] });
    expect(choiceProblem(FACTS, choices, "phone", available)).toBe(
      "E-mail stands there too. One field holds one thing.",
    );
    expect(choiceProblem(FACTS, choices, "county", available)).toBeUndefined();
  });

  it("sends what is chosen, always with the last name", () => {
    expect(fieldsOf(choicesOf(FACTS, { fields: [] }))).toEqual([
      { ours: "lastName", theirs: "Last_Name", rule: "ours" },
    ]);
    expect(fieldsOf(choicesOf(FACTS, { fields })).toSorted((a, b) => (a.ours < b.ours ? 1 : -1))).toEqual(fields);
  });
});
