import { type Form, listRow } from "./form";
import type { ListStyle } from "./scenario";

/** The four fields of the search form, as posted. */
export type ListFilter = { Name: string; CauseNumber: string; MagistrationLocation: string; Offense: string };

export function parseFilter(body: string): ListFilter {
  const posted = new URLSearchParams(body);
  const field = (name: string) => (posted.get(name) ?? "").trim();
  return {
    Name: field("Name"),
    CauseNumber: field("CauseNumber"),
    MagistrationLocation: field("MagistrationLocation"),
    Offense: field("Offense"),
  };
}

/** The site searches anywhere in a field, without regard to case; an empty field matches everything. */
export function matches(form: Form, filter: ListFilter): boolean {
  const has = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase());
  return (
    has(form.name, filter.Name) &&
    has(`${form.county} County`, filter.MagistrationLocation) &&
    (filter.CauseNumber === "" || form.offenses.some((line) => has(line.causeNumber, filter.CauseNumber))) &&
    (filter.Offense === "" || form.offenses.some((line) => has(line.offense, filter.Offense)))
  );
}

/** The JSON answer to a search in a given style, or null when the style is a page of HTML. */
export function listAnswer(forms: readonly Form[], style: ListStyle): unknown | null {
  switch (style) {
    case "rows":
      return { data: forms.map(listRow) };
    case "shuffled":
      return { data: shuffled(forms).map(listRow) };
    case "columns-swapped":
      return {
        data: forms
          .map((form) => listRow(form))
          .map(([name, cause, place, offense, id]) => [id, name, offense, cause, place]),
      };
    case "repeated-rows":
      return { data: forms.flatMap(rowPerOffense) };
    case "empty":
      return { data: [] };
    case "data-missing":
      return { success: true };
    case "html-error":
    case "signed-out":
      return null;
  }
}

const rowPerOffense = (form: Form) =>
  form.offenses.map((line) => [form.name, line.causeNumber, `${form.county} County`, line.offense, form.id]);

let turn = 0;

/** Another order every time: odd turns backwards, and every turn from another place. */
function shuffled(forms: readonly Form[]): Form[] {
  turn += 1;
  const from = (turn * 7) % Math.max(forms.length, 1);
  const turned = [...forms.slice(from), ...forms.slice(0, from)];
  return turn % 2 === 1 ? turned.reverse() : turned;
}
