import type { ImportProblem } from "@/lib/contracts/imports";
import type { County } from "@/lib/core/county";
import { IMPORT_MAX_FIELD_BYTES, IMPORT_MAX_ROWS } from "@/lib/core/import-limits";
import { FileChanged } from "@/lib/platform/file-changed";
import type { FileStore } from "@/lib/platform/file-store";
import { type ParsedRow, parseIngestRow } from "../parse-ingest-row";
import { type CsvRow, csvRows, UnreadableFile } from "./csv-rows";
import { type ImportRow, mappingOf } from "./import-row";
import { rowIdOf } from "./row-id";
import { fieldOfPath, type RowLead, rowToLead } from "./row-to-lead";

type GoodRow = { number: number; lead: RowLead & { sourceId: string }; parsed: Extract<ParsedRow, { kind: "lead" }> };
type BadRow = { number: number; problem: Omit<ImportProblem, "row"> };
/** What a row below the headings turned out to be. */
export type ReadRow = GoodRow | BadRow;

/** Rows that one transaction takes. */
export const SET_ROWS = 500;

type ReadOptions = { files: FileStore; at: { now: Date; observedAt: Date } };

/**
 * The rows of an import's file, read as ingest reads them, in sets. A row whose id stood in the file before is refused, and so is every row of somebody of whom
 * another row tells that they were a juvenile. Empty lines count for the numbers and are otherwise nothing.
 * @throws UnreadableFile when the file is gone or cannot be read to its end.
 */
export async function* readLeads(row: ImportRow, { files, at }: ReadOptions): AsyncGenerator<ReadRow[]> {
  const juveniles = await findJuveniles(row, { files, at });
  const seen = new Map<string, number>();
  let set: ReadRow[] = [];
  for await (const read of readRows(row, { files, at })) {
    set.push("problem" in read ? read : unlessRefused(read, seen, juveniles));
    if (set.length < SET_ROWS) continue;
    yield set;
    set = [];
  }
  if (set.length > 0) yield set;
}

function unlessRefused(read: GoodRow, seen: Map<string, number>, juveniles: ReadonlySet<string>): ReadRow {
  const { number, lead } = read;
  const first = seen.get(lead.sourceId);
  if (juveniles.has(lead.sourceId)) {
    return refusal(number, "sourceId", "juvenile", "another row tells that the person was under 17 at arrest");
  }
  if (first !== undefined) return refusal(number, "sourceId", "duplicate", `is the same as row ${first}`);
  // A copy: a piece of a text keeps all of it in memory, and the pieces of every row would keep the whole file.
  seen.set(Buffer.from(lead.sourceId).toString(), number);
  return read;
}

const refusal = (
  number: number,
  field: ImportProblem["field"],
  code: ImportProblem["code"],
  reason: string,
): BadRow => ({
  number,
  problem: { field, code, reason },
});

/** Only an id of the list's own can stand on two rows of which one has no birth date: an id made from the row differs then. */
async function findJuveniles(row: ImportRow, options: ReadOptions): Promise<ReadonlySet<string>> {
  const { sourceId, dateOfBirth } = mappingOf(row);
  const found = new Set<string>();
  if (sourceId === undefined || dateOfBirth === undefined) return found;
  for await (const read of readRows(row, options)) {
    if ("juvenile" in read && read.juvenile !== null) found.add(read.juvenile);
  }
  return found;
}

/** What was looked at when its columns were chosen, and nothing that was put in its place since. */
async function openFile({ fileKey, fileVersion }: ImportRow, files: FileStore) {
  if (fileKey === null) return null;
  try {
    return await files.open(fileKey, fileVersion ?? undefined);
  } catch (error) {
    if (!(error instanceof FileChanged)) throw error;
    throw new UnreadableFile("The file has changed since it was looked at. Begin another import.");
  }
}

async function* readRows(
  row: ImportRow,
  { files, at }: ReadOptions,
): AsyncGenerator<GoodRow | (BadRow & { juvenile: string | null })> {
  const file = await openFile(row, files);
  if (!file) throw new UnreadableFile("The file is not there any more. Choose it again.");
  const columnCount = (row.header as string[]).length;
  let rows = 0;
  let isHead = true;
  for await (const block of csvRows(file.stream, row.delimiter ?? ",")) {
    for (const each of block) {
      if (!each.isBroken && each.cells.every((cell) => cell.trim() === "")) continue;
      if (isHead) {
        isHead = false;
        continue;
      }
      rows += 1;
      if (rows > IMPORT_MAX_ROWS) {
        throw new UnreadableFile(`The file has more than ${IMPORT_MAX_ROWS.toLocaleString("en-US")} rows. Split it.`);
      }
      yield readRow(row, each, columnCount, at);
    }
  }
}

function readRow(
  row: ImportRow,
  { number, cells, isBroken }: CsvRow,
  columnCount: number,
  at: ReadOptions["at"],
): GoodRow | (BadRow & { juvenile: string | null }) {
  const refuse = (problem: BadRow["problem"], juvenile: string | null = null) => ({ number, problem, juvenile });
  const malformed = (reason: string) => refuse({ field: "row", code: "malformed", reason });
  if (isBroken) return malformed("has a quotation mark that is not closed or not doubled");
  if (cells.length !== columnCount) {
    return malformed(`has ${cells.length} columns where the headings are ${columnCount}`);
  }
  if (cells.some((cell) => cell.length > IMPORT_MAX_FIELD_BYTES)) return malformed("has a field of more than 10 kB");
  const mapping = mappingOf(row);
  const read = rowToLead(cells, { mapping, county: row.county as County | null });
  if ("problem" in read) return refuse({ ...read.problem, code: "invalid" });
  const sourceId = read.lead.sourceId ?? rowIdOf(row.tenantId, read.lead);
  if (sourceId === null) {
    const reason = "needs an id, or a birth date, arrest date or cause number beside the name";
    return refuse({ field: "sourceId", code: "invalid", reason });
  }
  const lead = { ...read.lead, sourceId };
  const parsed = parseIngestRow(lead, number, at);
  if (parsed.kind === "lead") return { number, lead, parsed };
  const problem = parsed.kind === "rejected" ? parsed.problem : null;
  const field = fieldOfPath(problem?.field ?? "", lead);
  const isJuvenile = problem?.code === "juvenile";
  const reason = problem?.reason ?? "is not acceptable";
  return refuse({ field, code: problem?.code ?? "invalid", reason }, isJuvenile ? sourceId : null);
}
