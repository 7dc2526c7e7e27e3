import { looksLikeValue } from "@/lib/core/cell-values";
import { IMPORT_MAX_COLUMNS, IMPORT_MAX_FIELD_BYTES } from "@/lib/core/import-limits";
import { evenSpaces } from "@/lib/core/person-name";
import { type CsvRow, csvRows, EndlessRow, UnreadableFile, wholeLength } from "./csv-rows";

/** How a file is written and what its columns are called, with its first rows. */
export type CsvHead = { delimiter: Delimiter; header: string[]; samples: string[][] };

const DELIMITERS = [",", ";", "\t", "|"] as const;
type Delimiter = (typeof DELIMITERS)[number];

/** As much of a file as is looked at. */
const HEAD_BYTES = 256 * 1024;
const SAMPLE_ROWS = 3;
const SAMPLE_CHARS = 80;
const HEADING_CHARS = 80;

/**
 * Reads the first rows of a file: the delimiter is the one that makes most columns of the headings.
 * @throws UnreadableFile when it is no CSV, has no headings or too many columns.
 */
export async function readHead(stream: ReadableStream<Uint8Array>): Promise<CsvHead> {
  const bytes = await firstBytes(stream);
  assertText(bytes);
  let best: Read | null = null;
  for (const delimiter of DELIMITERS) {
    const read = await firstRows(bytes, delimiter);
    if (!best || read.headings.length > best.headings.length) best = read;
  }
  const { delimiter, headings, samples, problem } = best as Read;
  if (problem) throw problem;
  return {
    delimiter,
    header: headerOf(headings),
    samples: samples.map((cells) =>
      headings.map((_, column) => evenSpaces(cells[column] ?? "").slice(0, SAMPLE_CHARS)),
    ),
  };
}

async function firstBytes(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= HEAD_BYTES) break;
  }
  const bytes = Buffer.concat(chunks);
  // A line that is cut off could be cut inside a character.
  if (size < HEAD_BYTES) return bytes;
  const whole = wholeLength(bytes);
  if (whole === 0) throw new EndlessRow(1);
  return bytes.subarray(0, whole);
}

function assertText(bytes: Buffer): void {
  if (bytes.length === 0) throw new UnreadableFile("The file is empty.");
  if (bytes.subarray(0, 4).toString("latin1") === "PK\x03\x04")
    throw new UnreadableFile("This is a workbook. Save it as “CSV UTF-8” and choose that file.");
  if (bytes.includes(0)) throw new UnreadableFile("This is no CSV in UTF-8. Save the file as “CSV UTF-8”.");
}

/** The first rows as a delimiter cuts them; `problem` says why there are no headings. */
type Read = { delimiter: Delimiter; headings: string[]; samples: string[][]; problem: UnreadableFile | null };

async function firstRows(bytes: Buffer, delimiter: Delimiter): Promise<Read> {
  const found: CsvRow[] = [];
  let problem: UnreadableFile | null = null;
  try {
    for await (const rows of csvRows(once(bytes), delimiter)) {
      found.push(...rows.filter(({ cells, isBroken }) => isBroken || cells.some((cell) => cell.trim() !== "")));
      if (found.length > SAMPLE_ROWS) break;
    }
  } catch (error) {
    // A row further down ends or does not; the dry run says so. With the wrong delimiter none may seem to end.
    if (!(error instanceof EndlessRow)) throw error;
    if (found.length === 0) problem = error;
  }
  const [first, ...others] = found;
  if (first?.isBroken)
    problem = new UnreadableFile(`Row ${first.number} has a quotation mark that is not closed or not doubled.`);
  const samples = others.filter(({ isBroken }) => !isBroken).slice(0, SAMPLE_ROWS);
  return { delimiter, headings: first?.cells ?? [], samples: samples.map(({ cells }) => cells), problem };
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What was taken for headings is kept with the import, so it must not be a row of somebody. */
function headerOf(headings: readonly string[]): string[] {
  if (headings.length > IMPORT_MAX_COLUMNS)
    throw new UnreadableFile(`The file has ${headings.length} columns; at most ${IMPORT_MAX_COLUMNS} are read.`);
  const long = headings.findIndex((heading) => heading.length > IMPORT_MAX_FIELD_BYTES);
  if (long !== -1) throw new UnreadableFile(`The heading of column ${long + 1} has more than 10 kB.`);
  const names = headings.map((heading) => evenSpaces(heading).slice(0, HEADING_CHARS));
  if (names.length === 0 || names.some(looksLikeValue))
    throw new UnreadableFile("The first row must name the columns.");
  const seen = new Map<string, number>();
  return names.map((heading, column) => {
    const name = heading || `Column ${column + 1}`;
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return nth === 1 ? name : `${name} (${nth})`;
  });
}
