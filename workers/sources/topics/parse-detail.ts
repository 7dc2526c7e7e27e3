import type { IngestCharge } from "@/lib/contracts/ingest";
import { parseWallTime, parseZonedWallTime } from "@/lib/core/local-time";
import { PageChanged } from "../errors";
import { parseBail } from "./parse-bail";
import { type FormParts, readForm } from "./read-form";

/** What one bail form shows. Instants are UTC; blank things are absent. */
export type BailForm = {
  arrestedAt?: Date;
  magistratedAt?: Date;
  magistrate?: string;
  /** The person's name, where the page prints it. */
  printedName?: string;
  /** `YYYY-MM-DD`, only where a form prints it. */
  dateOfBirth?: string;
  charges: IngestCharge[];
  /** Every label that has no place of its own, as `Label: value`. */
  labels: string[];
};

const LANDMARKS = ["arrest date", "magistration date", "magistrate"] as const;
/** The list has these already. */
const LISTED = ["name", "magistration location"];
const BIRTH = new Set(["date of birth", "birth date", "dob"]);
const COLUMNS = ["offense", "bail type", "bail amount", "cause number"] as const;
type Column = (typeof COLUMNS)[number];

/** What never leaves the page: data of victims, of licence files, and numbers that open doors. */
const NEVER = /victim|complainant|driver|licen[cs]e|\bdln?\b|social security|\bssn\b|photo|mugshot/i;
const NOTHING = /^(|-+|n\/?a|unknown|none)$/i;

/** A label as it is compared: `Arrest  Date :` is `arrest date`. */
const key = (label: string): string =>
  label
    .slice(0, 200)
    .replace(/[\s:?*]+$/, "")
    .toLowerCase();

/**
 * The facts of a bail form page. Columns are read by their titles, so their order does not matter. Throws `PageChanged`, and nothing
 * else, when a landmark is missing: the three known labels, the four titles, an offense, the closing "Bail Conditions?" line.
 */
export function parseDetail(html: string, timezone: string): BailForm {
  const { fields, blocks } = readForm(html);
  const values = new Map<string, string>();
  for (const { label, value } of fields) if (value !== null && !values.has(key(label))) values.set(key(label), value);
  for (const landmark of LANDMARKS) {
    if (!values.has(landmark))
      throw new PageChanged(`label ${landmark}`, "is not on the page, or has no value behind it");
  }
  const { charges, conditions } = readBlocks(blocks);
  const arrestedAt = instant(values.get("arrest date") ?? "", timezone, "arrest date");
  const magistratedAt = instant(values.get("magistration date") ?? "", timezone, "magistration date");
  const magistrate = values.get("magistrate")?.slice(0, 200).trim();
  const dateOfBirth = birthDate(values);
  const printedName = values.get("name");
  return {
    ...(arrestedAt ? { arrestedAt } : {}),
    ...(magistratedAt ? { magistratedAt } : {}),
    ...(magistrate ? { magistrate } : {}),
    ...(printedName ? { printedName } : {}),
    ...(dateOfBirth ? { dateOfBirth } : {}),
    charges,
    labels: labelsOf(fields, conditions),
  };
}

function readBlocks(blocks: FormParts["blocks"]): { charges: IngestCharge[]; conditions: string } {
  const [head, ...rest] = blocks;
  const last = rest.pop();
  if (!head || head.titles.length === 0) throw new PageChanged("offense titles", "the first block has none");
  if (!last?.closed || !last.notes.some((note) => key(note).startsWith("bail conditions"))) {
    throw new PageChanged("bail conditions line", "the last block does not have it");
  }
  const columns = head.titles.map(key);
  for (const title of COLUMNS) {
    const count = columns.filter((column) => column === title).length;
    if (count !== 1) throw new PageChanged(`title ${title}`, `stands ${count} times`);
  }
  if (columns.length !== COLUMNS.length) throw new PageChanged("offense titles", `there are ${columns.length}`);
  if (rest.length === 0) throw new PageChanged("offense blocks", "there is none");
  return { charges: rest.map((block) => chargeOf(block, columns)), conditions: last.text };
}

function chargeOf(block: FormParts["blocks"][number], columns: string[]): IngestCharge {
  if (block.cells.length !== columns.length || block.titles.length > 0) {
    throw new PageChanged("offense block", `has ${block.cells.length} values`);
  }
  const cell = (column: Column): string => block.cells[columns.indexOf(column)] ?? "";
  const offense = cell("offense").slice(0, 500).trim();
  if (offense === "") throw new PageChanged("offense block", "the offense is blank");
  const causeNumber = cell("cause number").slice(0, 80).trim();
  return {
    offense: offense.toWellFormed(),
    ...parseBail(cell("bail type"), cell("bail amount")),
    ...(causeNumber ? { causeNumber: causeNumber.toWellFormed() } : {}),
  };
}

function instant(printed: string, timezone: string, landmark: string): Date | undefined {
  if (NOTHING.test(printed)) return undefined;
  // The cap keeps the pattern's backtracking small on a hostile page.
  const [, wall = "", suffix = ""] =
    /^(.*?\d\S*(?:\s*[AP]\.?M\.?)?)\s*([A-Z]{2,5})?$/i.exec(printed.slice(0, 60)) ?? [];
  // `AM` alone is no zone: the lazy part must have taken it.
  const at = parseZonedWallTime(wall, suffix, timezone);
  if (!at) throw new PageChanged(landmark, "the text is no date and time");
  return at;
}

/** A form that prints a date of birth must print a readable one: it decides whether the person is a juvenile. */
function birthDate(values: Map<string, string>): string | undefined {
  const printed = [...values].find(([label, value]) => BIRTH.has(label) && !NOTHING.test(value))?.[1];
  if (printed === undefined) return undefined;
  const wall = parseWallTime(printed.slice(0, 40).split(" ")[0] ?? "");
  if (!wall) throw new PageChanged("date of birth", "the text is no date");
  return `${wall.year}-${String(wall.month).padStart(2, "0")}-${String(wall.day).padStart(2, "0")}`;
}

function labelsOf(fields: FormParts["fields"], conditions: string): string[] {
  const own = new Set<string>([...LANDMARKS, ...LISTED, ...BIRTH]);
  const labels = fields
    .filter(({ label, value }) => label !== "" && value && !own.has(key(label)) && !NEVER.test(label))
    .map(({ label, value }) => `${label.slice(0, 200).replace(/[\s:]+$/, "")}: ${value}`);
  if (conditions.replace(/^bail conditions\s*[?:\s]*/i, "") !== "") labels.push(conditions);
  return labels.slice(0, 50).map((label) => label.slice(0, 300).trim().toWellFormed());
}
