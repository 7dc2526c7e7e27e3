/** Where a row of a text ends, and whether its quotation marks are such that a parser can read it. `isEnded` is false where the text ends before the row does. */
export type RowEnd = { end: number; isBroken: boolean; isEnded: boolean };

const QUOTE = '"';

/**
 * Where the row that begins at `from` ends, as Papa Parse sees it, in one pass. Papa looks from each quotation mark that does not close its field for the white
 * space before the next delimiter: a row of such marks and of spaces takes it the square of its length. So no such row is given to it.
 */
export function rowEnd(text: string, from: number, delimiter: string): RowEnd {
  let at = from;
  let isBroken = false;
  for (;;) {
    if (text[at] === QUOTE) {
      const field = quotedEnd(text, at + 1, delimiter);
      isBroken ||= field.isBroken;
      at = field.end;
    } else {
      while (at < text.length && text[at] !== "\n" && text[at] !== delimiter) at += 1;
    }
    if (at >= text.length) return { end: text.length, isBroken, isEnded: false };
    if (text[at] === "\n") return { end: at + 1, isBroken, isEnded: true };
    at += 1;
  }
}

/** Where a field ends that began with a quotation mark: at the delimiter or line feed behind it, or with the text. */
function quotedEnd(text: string, from: number, delimiter: string): { end: number; isBroken: boolean } {
  let isBroken = false;
  for (let at = from; ; ) {
    const quote = text.indexOf(QUOTE, at);
    if (quote === -1) return { end: text.length, isBroken: true };
    if (text[quote + 1] === QUOTE) {
      at = quote + 2;
      continue;
    }
    at = quote + 1;
    while (at < text.length && text[at] !== "\n" && text[at] !== delimiter && (text[at] ?? "").trim() === "") at += 1;
    if (at === text.length) return { end: at, isBroken: isBroken || at > quote + 1 };
    if (text[at] === "\n" || text[at] === delimiter) return { end: at, isBroken };
    isBroken = true;
  }
}
