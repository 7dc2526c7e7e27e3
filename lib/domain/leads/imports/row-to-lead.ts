import type { IngestCharge } from "@/lib/contracts/ingest";
import { listIn, readBail, readDay, readInstant } from "@/lib/core/cell-values";
import { type County, countyTimeZone, findCounty } from "@/lib/core/county";
import type { ImportField, ImportMapping } from "@/lib/core/import-fields";

/** What one row says, in the shape that ingest takes; `sourceId` is absent where the list has none. */
export type RowLead = {
  sourceId?: string;
  sourceUrl?: string;
  name: { full: string } | { first: string; middle?: string; last: string; suffix?: string };
  dateOfBirth?: string;
  county: County;
  arrestedAt?: string;
  magistratedAt?: string;
  magistrate?: string;
  custodyStatus?: string;
  charges: IngestCharge[];
  contacts?: Contact[];
  labels?: string[];
};

type Contact = { kind: "phone" | "email"; value: string };

/** What is wrong with a cell. */
export type CellProblem = { field: ImportField; reason: string };

/** Thrown and caught in this file alone: the first bad cell ends the row. */
class BadCell extends Error {
  constructor(readonly problem: CellProblem) {
    super(problem.reason);
  }
}
const refuse = (field: ImportField, reason: string): never => {
  throw new BadCell({ field, reason });
};

/** Reads a row with a mapping. `county` stands where the row names none. Pure; the reasons repeat nothing of the row. */
export function rowToLead(
  cells: readonly string[],
  { mapping, county }: { mapping: ImportMapping; county: County | null },
): { lead: RowLead } | { problem: CellProblem } {
  const cell = (field: ImportField): string => {
    const column = mapping[field];
    return column === undefined ? "" : (cells[column] ?? "").trim();
  };
  try {
    return { lead: leadOf(cell, county) };
  } catch (error) {
    if (error instanceof BadCell) return { problem: error.problem };
    throw error;
  }
}

type Cell = (field: ImportField) => string;

function leadOf(cell: Cell, fallback: County | null): RowLead {
  const county = countyOf(cell("county"), fallback);
  const zone = countyTimeZone(county);
  const given = <K extends "sourceId" | "sourceUrl" | "magistrate" | "custodyStatus">(field: K) =>
    (cell(field) === "" ? {} : { [field]: cell(field) }) as { [P in K]?: string };
  const contacts = contactsOf(cell);
  const labels = listIn(cell("labels")).filter((label) => label !== "");
  return {
    ...given("sourceId"),
    ...given("sourceUrl"),
    name: nameOf(cell),
    ...birthOf(cell("dateOfBirth")),
    county,
    ...instantOf("arrestedAt", [cell("arrestedAt"), cell("arrestedTime")].filter(Boolean).join(" "), zone),
    ...instantOf("magistratedAt", cell("magistratedAt"), zone),
    ...given("magistrate"),
    ...given("custodyStatus"),
    charges: chargesOf(cell),
    ...(contacts.length > 0 ? { contacts } : {}),
    ...(labels.length > 0 ? { labels } : {}),
  };
}

function countyOf(cell: string, fallback: County | null): County {
  if (cell === "") return fallback ?? refuse("county", "must not be empty");
  return findCounty(cell) ?? refuse("county", "must be one of the 254 counties of Texas");
}

function nameOf(cell: Cell): RowLead["name"] {
  if (cell("name") !== "") return { full: cell("name") };
  const [last, first, middle, suffix] = [cell("lastName"), cell("firstName"), cell("middleName"), cell("suffix")];
  if (last === "" && first === "") return refuse("name", "must not be empty");
  if (last === "") return refuse("lastName", "must not be empty");
  if (first === "") return refuse("firstName", "must not be empty");
  return { first, last, ...(middle ? { middle } : {}), ...(suffix ? { suffix } : {}) };
}

function birthOf(cell: string): { dateOfBirth?: string } {
  if (cell === "") return {};
  return { dateOfBirth: readDay(cell) ?? refuse("dateOfBirth", "must be a date such as 3/14/1990 or 1990-03-14") };
}

function instantOf<F extends "arrestedAt" | "magistratedAt">(
  field: F,
  cell: string,
  zone: string,
): { [P in F]?: string } {
  if (cell === "") return {};
  const at = readInstant(cell, zone) ?? refuse(field, "must be a date such as 3/14/2026, with or without a time");
  return { [field]: at } as { [P in F]?: string };
}

/** Charges stand in one cell with `;` between them; so may what belongs to each. */
function chargesOf(cell: Cell): IngestCharge[] {
  const offenses = listIn(cell("offense"));
  if (offenses.some((offense) => offense === "")) refuse("offense", "must not be empty between two semicolons");
  const partsOf = (field: ImportField, isForAll = false): ((index: number) => string) => {
    const parts = listIn(cell(field));
    if (parts.length > 0 && offenses.length === 0) refuse(field, "needs an offense beside it");
    if (parts.length > 1 && parts.length > offenses.length) refuse(field, "has more values than there are offenses");
    // One amount must not count once for each charge; one cause number is that of all.
    return (index) => (isForAll && parts.length === 1 ? parts[0] : parts[index]) ?? "";
  };
  const level = partsOf("level");
  const kind = partsOf("bailType");
  const bail = partsOf("bail");
  const cause = partsOf("causeNumber", true);
  return offenses.map((offense, index) => ({
    offense,
    ...(level(index) ? { level: level(index) } : {}),
    ...(kind(index) ? { bailType: kind(index) } : {}),
    ...(bail(index) ? bailOf(bail(index), kind(index)) : {}),
    ...(cause(index) ? { causeNumber: cause(index) } : {}),
  }));
}

function bailOf(cell: string, kind: string): Pick<IngestCharge, "bailType" | "bailCents"> {
  const bail = readBail(cell) ?? refuse("bail", "must be an amount such as $5,000.00, or say that there is none");
  if ("cents" in bail) return { bailCents: bail.cents };
  return kind ? {} : { bailType: bail.words };
}

function contactsOf(cell: Cell): Contact[] {
  const each = (kind: Contact["kind"]) =>
    cell(kind)
      .split(/[;,]/)
      .map((part) => part.trim())
      .filter(Boolean)
      .map((value): Contact => ({ kind, value }));
  return [...each("phone"), ...each("email")];
}

const CHARGE_FIELDS: Record<string, ImportField> = {
  level: "level",
  bailType: "bailType",
  bailCents: "bail",
  causeNumber: "causeNumber",
};
const NAME_FIELDS: Record<string, ImportField> = {
  full: "name",
  first: "firstName",
  middle: "middleName",
  last: "lastName",
  suffix: "suffix",
};
const SAME: ReadonlySet<string> = new Set<ImportField>([
  "sourceId",
  "sourceUrl",
  "dateOfBirth",
  "county",
  "arrestedAt",
  "magistratedAt",
  "magistrate",
  "custodyStatus",
]);

/** The field that a path inside a lead was read from: `offense` of `charges[2].offense`. */
export function fieldOfPath(path: string, lead: RowLead): ImportField | "row" {
  const [first = "", second = ""] = path.split(".");
  if (SAME.has(first)) return first as ImportField;
  if (first === "name") return NAME_FIELDS[second] ?? "name";
  if (first.startsWith("charges")) return CHARGE_FIELDS[second] ?? "offense";
  if (first.startsWith("labels")) return "labels";
  const contact = /^contacts\[(\d+)\]/.exec(first)?.[1];
  if (contact !== undefined) return lead.contacts?.[Number(contact)]?.kind ?? "row";
  return first === "contacts" ? "phone" : "row";
}
