import { parseCents } from "@/lib/core/money";

/** A date-time as the site prints it: two spans side by side, `8/9/2024 9:37:00 AM` and `CDT`. */
export type PrintedTime = { at: string; zone: string };

/** One line of the offense block, every value as printed. */
export type FormOffense = { offense: string; bailType: string; bailAmount: string; causeNumber: string };

/** One bail form as the site holds it. Everything is the text of the page, dirt included. */
export type Form = {
  id: string;
  name: string;
  /** A county's plain name, `Travis`; the site prints `Travis County`. */
  county: string;
  arrest: PrintedTime | null;
  magistrate: string;
  magistration: PrintedTime | null;
  agency: string;
  offenses: FormOffense[];
  conditions: string;
  /** Header fields beyond the known ones, printed as they are. */
  extraFields?: { label: string; value: string }[];
};

/** What a form says, in plain values: the answer sheet that an end-to-end test compares leads with. */
export type FormTruth = {
  id: string;
  name: string;
  county: string;
  location: string;
  arrest: PrintedTime | null;
  magistration: PrintedTime | null;
  magistrate: string;
  offenses: {
    offense: string;
    bailType: string;
    bailAmount: string;
    /** Whole cents, or null when the form prints no amount: blank is not $0. */
    bailCents: number | null;
    causeNumber: string;
  }[];
};

export const printedLocation = (form: Form): string => `${form.county} County`;

export function truthOf(form: Form): FormTruth {
  return {
    id: form.id,
    name: form.name,
    county: form.county,
    location: printedLocation(form),
    arrest: form.arrest,
    magistration: form.magistration,
    magistrate: form.magistrate,
    offenses: form.offenses.map((line) => ({ ...line, bailCents: parseCents(line.bailAmount) })),
  };
}

/** The five strings of a list row. The list shows a form's first offense and first cause number. */
export function listRow(form: Form): string[] {
  const first = form.offenses[0];
  return [form.name, first?.causeNumber ?? "", printedLocation(form), first?.offense ?? "", form.id];
}
