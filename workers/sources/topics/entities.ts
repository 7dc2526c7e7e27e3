import { Parser } from "htmlparser2";

const decoded = new Map<string, string>();

/** Text with its HTML entities decoded once; angle brackets in it stay text. The list sometimes carries names that were escaped for a page. */
export const decodeEntities = (text: string): string =>
  text.includes("&") ? text.replace(/&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][\da-z]{1,30});/gi, decodeOne) : text;

function decodeOne(entity: string): string {
  const before = decoded.get(entity);
  if (before !== undefined) return before;
  let text = "";
  const parser = new Parser({
    ontext(part) {
      text += part;
    },
  });
  parser.end(entity);
  // A page of invented entities must not fill the memory.
  if (decoded.size < 1000) decoded.set(entity, text);
  return text;
}
