import Papa from "papaparse";
import { IMPORT_MAX_COLUMNS, IMPORT_MAX_FIELD_BYTES } from "@/lib/core/import-limits";

/** A file that cannot be read any further; the message is for whoever sent it and repeats nothing of what it holds. */
export class UnreadableFile extends Error {
  override readonly name = "UnreadableFile";
}

/** A row of the file as it stands there. The headings are row 1, and an empty line is a row too, as in a spreadsheet. */
export type CsvRow = { number: number; cells: string[]; isBroken: boolean };

/** No row that we take is longer; beyond it a quotation mark is missing, and everything after it would be one field. */
const MAX_ROW_CHARS = IMPORT_MAX_COLUMNS * (IMPORT_MAX_FIELD_BYTES + 4);
const LINE_FEED = 0x0a;

type Parsed = { data: string[][]; errors: { row?: number }[]; meta: { cursor: number } };

/**
 * The rows of a CSV, a handful at a time, in constant memory. UTF-8 with or without a byte order mark; lines end as any system ends them.
 * @throws UnreadableFile when a byte is not UTF-8 or a row does not end, naming the row.
 */
export async function* csvRows(bytes: AsyncIterable<Uint8Array>, delimiter: string): AsyncGenerator<CsvRow[]> {
  const parser = new Papa.Parser({ delimiter, newline: "\n", quoteChar: '"' });
  let waiting = "";
  let count = 0;
  const take = (text: string, isLast: boolean): CsvRow[] => {
    waiting += text.replace(/\r\n?/g, "\n");
    const { data, errors, meta }: Parsed = parser.parse(waiting, 0, !isLast);
    waiting = waiting.slice(meta.cursor);
    const broken = new Set(errors.map(({ row }) => row));
    const rows = data.map((cells, index) => ({ number: count + index + 1, cells, isBroken: broken.has(index) }));
    count += rows.length;
    if (waiting.length > MAX_ROW_CHARS) throw unending(count + 1);
    return rows;
  };
  for await (const part of wholeLines(bytes, () => count + 1)) {
    const { text, isWhole } = decode(part);
    const rows = take(text, false);
    if (rows.length > 0) yield rows;
    if (!isWhole) throw notUtf8(count + 1);
  }
  if (waiting !== "") yield take("", true);
}

const unending = (row: number) =>
  new UnreadableFile(`Row ${row} does not end. A quotation mark may be missing in it, or in a row before it.`);
const notUtf8 = (row: number) =>
  new UnreadableFile(`Row ${row} is not valid UTF-8. Save the file as “CSV UTF-8” and choose it again.`);

/** The same bytes, cut where a line ends: no character of UTF-8 lies across such a cut. */
async function* wholeLines(bytes: AsyncIterable<Uint8Array>, row: () => number): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const joined = rest.length > 0 ? Buffer.concat([rest, chunk]) : Buffer.from(chunk);
    const cut = joined.lastIndexOf(LINE_FEED) + 1;
    if (cut > 0) yield joined.subarray(0, cut);
    rest = joined.subarray(cut);
    if (rest.length > 4 * MAX_ROW_CHARS) throw unending(row());
  }
  if (rest.length > 0) yield rest;
}

const strict = new TextDecoder("utf-8", { fatal: true });

/** The text of whole lines; of some that are not all UTF-8, that of those before the first one that is not. */
function decode(bytes: Buffer): { text: string; isWhole: boolean } {
  try {
    return { text: strict.decode(bytes), isWhole: true };
  } catch {
    let text = "";
    for (let from = 0; ; ) {
      const end = bytes.indexOf(LINE_FEED, from) + 1 || bytes.length;
      try {
        text += strict.decode(bytes.subarray(from, end));
      } catch {
        return { text, isWhole: false };
      }
      from = end;
    }
  }
}
