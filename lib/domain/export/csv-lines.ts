import Papa from "papaparse";
import { decryptField } from "@/lib/platform/crypto";

const NEWLINE = 0x0a;
const NO_CONTACTS = ",,";

/** What a spreadsheet would run, for papaparse's `escapeFormulae`. A value that is nothing but a number, such as a phone with its plus, is left whole. */
export const FORMULA = /^(?![+-]?\d+(\.\d+)?$)[=+\-@\t\r＝＋－＠]/;

const open = (reference: string, tenantId: string): string => {
  if (reference === "") return "";
  const colon = reference.indexOf(":");
  const place = { tenantId, table: "contact_point", column: "value_cipher", rowId: reference.slice(0, colon) };
  return decryptField(reference.slice(colon + 1), place);
};

/** `...,<phone reference>,<e-mail reference>` with both opened. Neither reference holds a comma or a quote. */
function openLine(line: string, tenantId: string): string {
  if (line.endsWith(NO_CONTACTS)) return line;
  const second = line.lastIndexOf(",");
  const first = line.lastIndexOf(",", second - 1);
  const contacts = [open(line.slice(first + 1, second), tenantId), open(line.slice(second + 1), tenantId)];
  return `${line.slice(0, first)},${Papa.unparse([contacts], { escapeFormulae: FORMULA })}`;
}

/**
 * Turns blocks of COPY's CSV into blocks of ours: whole lines, ended by CRLF, with contacts in the clear. Only a line's rest is held between
 * blocks, so memory does not grow with the export. `count` tells the lines so far.
 */
export function lineOpener(tenantId: string) {
  let rest: Buffer = Buffer.alloc(0);
  let count = 0;
  return {
    count: () => count,
    /** The finished lines of `rest` and this block; null when no line is finished yet. */
    push(block: Buffer): Buffer | null {
      const whole = rest.length > 0 ? Buffer.concat([rest, block]) : block;
      const end = whole.lastIndexOf(NEWLINE) + 1;
      rest = whole.subarray(end);
      if (end === 0) return null;
      const lines = whole
        .subarray(0, end - 1)
        .toString("utf8")
        .split("\n");
      count += lines.length;
      for (let i = 0; i < lines.length; i += 1) lines[i] = openLine(lines[i] as string, tenantId);
      return Buffer.from(`${lines.join("\r\n")}\r\n`);
    },
  };
}
