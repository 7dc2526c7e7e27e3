import Papa from "papaparse";
import { rowEnd } from "./row-ends";

/** A file that cannot be read any further; the message is for whoever sent it and repeats nothing of what it holds. */
export class UnreadableFile extends Error {
  override readonly name: string = "UnreadableFile";
}

/** No row that we take is nearly as long; beyond it a quotation mark is missing, and everything after it would be one field. */
const MAX_ROW_CHARS = 100_000;

/** A file with such a row. With another delimiter it may be none. */
export class EndlessRow extends UnreadableFile {
  override readonly name = "EndlessRow";
  constructor(row: number) {
    super(`Row ${row} does not end within 100 kB. A quotation mark may be missing in it, or in a row before it.`);
  }
}

/** A row of the file as it stands there. The headings are row 1, and an empty line is a row too, as in a spreadsheet. A broken one has no cells. */
export type CsvRow = { number: number; cells: string[]; isBroken: boolean };

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * The rows of a CSV, a handful at a time, in constant memory and in time that grows with the file alone. UTF-8 with or without a byte order mark; lines end as
 * any system ends them.
 * @throws UnreadableFile when a byte is not UTF-8 or a row does not end, naming the row.
 */
export async function* csvRows(bytes: AsyncIterable<Uint8Array>, delimiter: string): AsyncGenerator<CsvRow[]> {
  let waiting = "";
  let count = 0;
  const take = (text: string, isLast: boolean): { rows: CsvRow[]; isEndless: boolean } => {
    waiting += text.replace(/\r\n?/g, "\n");
    const { rows, rest, isEndless } = rowsIn(waiting, delimiter, isLast);
    waiting = rest;
    for (const row of rows) row.number += count;
    count += rows.length;
    return { rows, isEndless };
  };
  for await (const part of wholeLines(bytes, () => count + 1)) {
    const { text, isWhole } = decode(part);
    const { rows, isEndless } = take(text, false);
    if (rows.length > 0) yield rows;
    if (isEndless) throw new EndlessRow(count + 1);
    if (!isWhole) throw notUtf8(count + 1);
  }
  if (waiting !== "") yield take("", true).rows;
}

/** The rows of a text, counted from 1, up to one that does not end in it. Rows with a quotation mark out of place are told apart and not parsed. */
function rowsIn(
  text: string,
  delimiter: string,
  isLast: boolean,
): { rows: CsvRow[]; rest: string; isEndless: boolean } {
  const rows: CsvRow[] = [];
  let good = 0;
  let at = 0;
  let isEndless = false;
  const parseGood = (isWithLast = false) => {
    if (good === at) return;
    const parser = new Papa.Parser({ delimiter, newline: "\n", quoteChar: '"' });
    const { data }: { data: string[][] } = parser.parse(text.slice(good, at), 0, !isWithLast);
    for (const cells of data) rows.push({ number: rows.length + 1, cells, isBroken: false });
  };
  while (at < text.length) {
    const { end, isBroken, isEnded } = rowEnd(text, at, delimiter);
    isEndless = end - at > MAX_ROW_CHARS;
    if (isEndless || !(isEnded || isLast)) break;
    if (isBroken) {
      parseGood();
      rows.push({ number: rows.length + 1, cells: [], isBroken });
      good = end;
    }
    at = end;
    if (!isEnded) break;
  }
  parseGood(isLast && !isEndless && text.at(-1) !== "\n");
  return { rows, rest: text.slice(at), isEndless };
}

const notUtf8 = (row: number) =>
  new UnreadableFile(`Row ${row} is not valid UTF-8. Save the file as “CSV UTF-8” and choose it again.`);

/** The length of the whole lines that bytes begin with. A carriage return at their very end may be half of an end of line. */
export const wholeLength = (bytes: Buffer): number =>
  Math.max(bytes.lastIndexOf(LINE_FEED), bytes.length < 2 ? -1 : bytes.lastIndexOf(CARRIAGE_RETURN, bytes.length - 2)) +
  1;

/** The same bytes, cut where a line ends: no character of UTF-8 lies across such a cut. */
async function* wholeLines(bytes: AsyncIterable<Uint8Array>, row: () => number): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const joined = rest.length > 0 ? Buffer.concat([rest, chunk]) : Buffer.from(chunk);
    const cut = wholeLength(joined);
    if (cut > 0) yield joined.subarray(0, cut);
    rest = joined.subarray(cut);
    // A character is at most three bytes for each unit of a text.
    if (rest.length > 3 * MAX_ROW_CHARS) throw new EndlessRow(row());
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
