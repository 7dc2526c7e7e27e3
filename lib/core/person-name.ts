/**
 * A name in its parts. `full` is the text as printed with its spaces evened out, never re-ordered. `last` is the empty text when the
 * source printed a given name behind a bare comma (`, JOHN`): a surname is never made up from a given name.
 */
export type PersonName = { full: string; first?: string; middle?: string; last: string; suffix?: string };

/** Generational suffixes as printed, without their full stop. `V` only counts behind a comma-separated given name. */
const SUFFIXES = new Set(["JR", "SR", "II", "III", "IV", "V", "2ND", "3RD", "4TH"]);

/** Words that belong to the surname after them when a name is printed without a comma: `JUAN DE LA CRUZ`. */
const PARTICLES = new Set([
  "DE",
  "DEL",
  "DELA",
  "LA",
  "LAS",
  "LOS",
  "VAN",
  "VON",
  "DER",
  "DEN",
  "DI",
  "DA",
  "DOS",
  "ST",
  "SAN",
  "SANTA",
  "MC",
  "MAC",
  "EL",
  "AL",
  "BIN",
  "LE",
  "Y",
]);

const bare = (word: string): string => word.replaceAll(".", "").toUpperCase();
const isSuffix = (word: string | undefined): boolean => word !== undefined && SUFFIXES.has(bare(word));

/** Even spaces: every run of white space, control characters included, is one space. */
export const evenSpaces = (text: string): string => text.replace(/[\s\p{Cc}\u200b\u2060\ufeff]+/gu, " ").trim();

/**
 * The parts of a printed name: `LAST, FIRST MIDDLE SUFFIX`, `LAST SUFFIX, FIRST MIDDLE`, `LAST, FIRST, SUFFIX`, or `FIRST MIDDLE LAST
 * SUFFIX` when there is no comma. Two-part surnames, accents and U+FFFD are kept as printed. Never throws; blank text gives blank parts.
 */
export function parsePersonName(printed: string): PersonName {
  const full = evenSpaces(printed);
  const comma = full.indexOf(",");
  if (comma < 0) return withoutComma(full);

  const lastWords = full.slice(0, comma).split(" ").filter(Boolean);
  const given = full
    .slice(comma + 1)
    .split(/[ ,]+/)
    .filter(Boolean);
  let suffix: string | undefined;
  if (given.length > 1 && isSuffix(given.at(-1))) suffix = given.pop();
  if (lastWords.length > 1 && isSuffix(lastWords.at(-1)) && bare(lastWords.at(-1) ?? "") !== "V") {
    const fromLast = lastWords.pop();
    suffix ??= fromLast;
  }
  // `DOE, JR` has nothing but a suffix behind the comma: it is no given name.
  if (given.length === 1 && isSuffix(given[0]) && bare(given[0] ?? "") !== "V" && !suffix) suffix = given.pop();
  return parts(full, given, lastWords.join(" "), suffix);
}

function withoutComma(full: string): PersonName {
  const words = full.split(" ").filter(Boolean);
  let suffix: string | undefined;
  if (words.length > 2 && isSuffix(words.at(-1))) suffix = words.pop();
  let start = Math.max(words.length - 1, 0);
  while (start > 1 && PARTICLES.has(bare(words[start - 1] ?? ""))) start -= 1;
  return parts(full, words.slice(0, start), words.slice(start).join(" "), suffix);
}

function parts(full: string, given: string[], last: string, suffix: string | undefined): PersonName {
  const [first, ...middle] = given;
  return {
    full,
    ...(first ? { first } : {}),
    ...(middle.length > 0 ? { middle: middle.join(" ") } : {}),
    last,
    ...(suffix ? { suffix: suffix.replace(/\.$/, "") } : {}),
  };
}
