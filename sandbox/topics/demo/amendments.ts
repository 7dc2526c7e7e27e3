import type { Form } from "../form";

/** What can happen to a form after it is filed. */
export type Amendment =
  | { kind: "bail-lowered" }
  | { kind: "bail-set"; dollars: number }
  | { kind: "personal-bond" }
  | { kind: "cause-numbers-assigned"; causeNumbers: string[] }
  | { kind: "offense-added"; offense: string; dollars: number; causeNumber: string };

export const printDollars = (dollars: number): string =>
  `$${dollars.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

const dollarsOf = (printed: string): number => Number(printed.replaceAll(/[$,]/g, "")) || 0;

/** The form as it reads after the amendment; the form itself is left alone. An amendment that does not fit changes nothing. */
export function amend(form: Form, amendment: Amendment): Form {
  switch (amendment.kind) {
    case "bail-lowered": {
      const at = form.offenses.findIndex(
        (line) => dollarsOf(line.bailAmount) >= 1000 && /surety|cash/i.test(line.bailType),
      );
      const line = form.offenses[at];
      if (!line) return form;
      const lowered = Math.max(500, Math.round(dollarsOf(line.bailAmount) / 2 / 500) * 500);
      return { ...form, offenses: form.offenses.with(at, { ...line, bailAmount: printDollars(lowered) }) };
    }
    case "bail-set": {
      const at = form.offenses.findIndex((line) => line.bailAmount === "");
      const line = form.offenses[at];
      if (!line) return form;
      const set = { ...line, bailType: "Surety", bailAmount: printDollars(amendment.dollars) };
      return { ...form, offenses: form.offenses.with(at, set) };
    }
    case "personal-bond": {
      const at = form.offenses.findIndex((line) => /surety|cash/i.test(line.bailType));
      const line = form.offenses[at];
      if (!line) return form;
      return { ...form, offenses: form.offenses.with(at, { ...line, bailType: "Personal" }) };
    }
    case "cause-numbers-assigned":
      return {
        ...form,
        offenses: form.offenses.map((line, at) =>
          line.causeNumber === "" ? { ...line, causeNumber: amendment.causeNumbers[at] ?? "" } : line,
        ),
      };
    case "offense-added": {
      const { offense, dollars, causeNumber } = amendment;
      if (form.offenses.length >= 5 || form.offenses.some((line) => line.offense === offense)) return form;
      const added = { offense, bailType: "Surety", bailAmount: printDollars(dollars), causeNumber };
      return { ...form, offenses: [...form.offenses, added] };
    }
  }
}
