/** What a column of a firm's own list can be, in the order in which people are asked. `names` are the headings that are taken for it, as `headingKey` reads them. */
export const IMPORT_FIELDS = {
  name: {
    label: "Full name",
    names: ["name", "full name", "defendant", "defendant name", "inmate", "inmate name", "client", "client name"],
  },
  lastName: { label: "Last name", names: ["last name", "last", "surname", "family name", "lname"] },
  firstName: { label: "First name", names: ["first name", "first", "given name", "fname"] },
  middleName: { label: "Middle name", names: ["middle name", "middle", "middle initial", "mi", "mname"] },
  suffix: { label: "Suffix", names: ["suffix", "name suffix"] },
  dateOfBirth: {
    label: "Date of birth",
    names: ["date of birth", "dob", "birth date", "birthdate", "birthday", "born"],
  },
  county: { label: "County", names: ["county", "county name", "arrest county"] },
  arrestedAt: {
    label: "Arrest date",
    names: ["arrest date", "arrested", "arrested at", "date of arrest", "booking date", "booked", "arrest date time"],
  },
  arrestedTime: { label: "Arrest time", names: ["arrest time", "time of arrest", "booking time"] },
  magistratedAt: {
    label: "Magistration date",
    names: ["magistrated at", "magistrated", "magistration date", "magistrate date"],
  },
  magistrate: { label: "Magistrate", names: ["magistrate", "magistrate name", "judge"] },
  custodyStatus: { label: "Custody", names: ["custody status", "custody", "in custody"] },
  offense: {
    label: "Offenses",
    names: ["offense", "offenses", "charge", "charges", "offense description", "charge description"],
  },
  level: {
    label: "Offense level",
    names: ["level", "offense level", "degree", "class", "charge level", "offense class"],
  },
  bailType: { label: "Kind of bail", names: ["bail type", "bond type", "kind of bail", "type of bond"] },
  bail: { label: "Bail", names: ["bail", "bail amount", "bond", "bond amount", "total bail", "total bond"] },
  causeNumber: {
    label: "Cause number",
    names: ["cause number", "cause no", "cause", "case number", "case no", "cause numbers", "docket number"],
  },
  phone: { label: "Phone", names: ["phone", "phone number", "telephone", "mobile", "cell", "cell phone"] },
  email: { label: "E-mail", names: ["email", "e mail", "email address", "e mail address"] },
  labels: { label: "Labels", names: ["labels", "label", "tags", "tag"] },
  sourceUrl: { label: "Web address", names: ["source url", "url", "link", "web address"] },
  sourceId: {
    label: "Id in your list",
    names: ["id", "source id", "record id", "lead id", "reference", "booking number"],
  },
} as const satisfies Record<string, { label: string; names: readonly string[] }>;
export type ImportField = keyof typeof IMPORT_FIELDS;

/** Their keys, in order. */
export const IMPORT_FIELD_KEYS = Object.keys(IMPORT_FIELDS) as [ImportField, ...ImportField[]];

/** Which field is read from which column, counted from 0. A field that is not there is read from none. */
export type ImportMapping = Partial<Record<ImportField, number>>;

/** What headings are compared by: lower case, words of letters and digits. */
const headingKey = (heading: string): string =>
  heading
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .trim();

/** The mapping that the headings suggest. Each column serves one field; where two would do, the first in the file. */
export function guessMapping(header: readonly string[]): ImportMapping {
  const columns = new Map<string, number>();
  for (const [column, heading] of header.entries()) {
    const key = headingKey(heading);
    if (!columns.has(key)) columns.set(key, column);
  }
  const mapping: ImportMapping = {};
  for (const field of IMPORT_FIELD_KEYS) {
    const name = IMPORT_FIELDS[field].names.find((each) => columns.has(each));
    if (name !== undefined) mapping[field] = columns.get(name) as number;
  }
  return mapping;
}

/** What a mapping lacks before rows can be read with it, or has too much; null when nothing. `county` stands for rows that name none. */
export function mappingProblem(
  mapping: ImportMapping,
  county: string | null,
  columnCount: number,
): { field: ImportField; reason: string } | null {
  const taken = new Set<number>();
  for (const [field, column] of Object.entries(mapping) as [ImportField, number][]) {
    if (!Number.isInteger(column) || column < 0 || column >= columnCount) {
      return { field, reason: "must be a column of the file" };
    }
    if (taken.has(column)) return { field, reason: "must be a column that no other field is read from" };
    taken.add(column);
  }
  if (mapping.name === undefined && mapping.lastName === undefined) {
    return { field: "name", reason: "must be chosen, or the last name" };
  }
  if (mapping.name === undefined && mapping.firstName === undefined) {
    return { field: "firstName", reason: "must be chosen beside the last name" };
  }
  if (mapping.county === undefined && county === null) {
    return { field: "county", reason: "must be chosen, or one county for the whole file" };
  }
  return null;
}
