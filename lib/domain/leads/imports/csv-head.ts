import { looksLikeValue } from "@/lib/core/cell-values";
import { IMPORT_MAX_COLUMNS } from "@/lib/core/import-limits";
import { evenSpaces } from "@/lib/core/person-name";
import { csvRows, UnreadableFile } from "./csv-rows";

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
  let best: { delimiter: Delimiter; rows: string[][] } | null = null;
  for (const delimiter of DELIMITERS) {
    const rows = await firstRows(bytes, delimiter);
    if (!best || (rows[0]?.length ?? 0) > (best.rows[0]?.length ?? 0)) best = { delimiter, rows };
  }
  const { delimiter, rows } = best as NonNullable<typeof best>;
  const [headings = [], ...samples] = rows;
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
  return size < HEAD_BYTES ? bytes : bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
}

function assertText(bytes: Buffer): void {
  if (bytes.length === 0) throw new UnreadableFile("The file is empty.");
  if (bytes.subarray(0, 4).toString("latin1") === "PK\x03\x04")
    throw new UnreadableFile("This is a workbook. Save it as “CSV UTF-8” and choose that file.");
  if (bytes.includes(0)) throw new UnreadableFile("This is no CSV in UTF-8. Save the file as “CSV UTF-8”.");
}

async function firstRows(bytes: Buffer, delimiter: string): Promise<string[][]> {
  const found: string[][] = [];
  for await (const rows of csvRows(once(bytes), delimiter)) {
    for (const { cells } of rows) {
      if (cells.some((cell) => cell.trim() !== "")) found.push(cells);
      if (found.length > SAMPLE_ROWS) return found;
    }
  }
  return found;
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What was taken for headings is kept with the import, so it must not be a row of somebody. */
function headerOf(headings: readonly string[]): string[] {
  if (headings.length > IMPORT_MAX_COLUMNS)
    throw new UnreadableFile(`The file has ${headings.length} columns; at most ${IMPORT_MAX_COLUMNS} are read.`);
  if (headings.length === 0 || headings.some(looksLikeValue))
    throw new UnreadableFile("The first row must name the columns.");
  const seen = new Map<string, number>();
  return headings.map((heading, column) => {
    const name = evenSpaces(heading).slice(0, HEADING_CHARS) || `Column ${column + 1}`;
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return nth === 1 ? name : `${name} (${nth})`;
  });
}
