import { AppError } from "@/lib/core/errors";

const MAX_DEPTH = 32;
const QUOTE = 34;
const BACKSLASH = 92;

/**
 * Refuses JSON that nests deeper than 32 or names a key twice in one object, before anything is built from it. Two parsers may disagree about
 * which of two values holds, and that disagreement is an attack. One pass, no recursion; whether it is JSON at all is left to JSON.parse.
 */
export function assertPlainJson(text: string): void {
  // The keys of each open object; null for an open array.
  const open: (Set<string> | null)[] = [];
  let mayBeKey = false;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 123: // {
      case 91: // [
        open.push(text[at] === "{" ? new Set() : null);
        if (open.length > MAX_DEPTH) throw new AppError("invalid_request", `The body nests deeper than ${MAX_DEPTH}.`);
        mayBeKey = text[at] === "{";
        break;
      case 125: // }
      case 93: // ]
        open.pop();
        mayBeKey = false;
        break;
      case 44: // ,
        mayBeKey = open.at(-1) instanceof Set;
        break;
      case QUOTE: {
        const end = endOfString(text, at);
        if (mayBeKey) addKey(open.at(-1), text.slice(at, end + 1));
        mayBeKey = false;
        at = end;
      }
    }
  }
}

/** The place of the closing quote, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

function addKey(keys: Set<string> | null | undefined, quoted: string): void {
  if (!keys) return;
  let key = quoted;
  // `"a"` and `"\u0061"` are one key.
  if (quoted.includes("\\")) {
    try {
      key = JSON.stringify(JSON.parse(quoted));
    } catch {
      return;
    }
  }
  if (keys.has(key)) throw new AppError("invalid_request", "The body names a key twice in one object.");
  keys.add(key);
}
