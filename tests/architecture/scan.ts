import path from "node:path";
import type { SourceFile } from "./tree";

/**
 * A file's text twice, character for character as long as the original: `code` without its comments, `bare` also without the contents of strings. TypeScript
 * 7 offers no compiler API, and for questions about imports and names a scanner of a page is enough.
 */
export type Scanned = { code: string; bare: string };

/** One import, export-from or dynamic import. `target` is a path from the root for our own files, a package's name otherwise. */
export type Import = {
  target: string;
  isOurs: boolean;
  /** Written as a path from the importing file. */
  isRelative: boolean;
  isTypeOnly: boolean;
  isReExport: boolean;
  line: number;
};

const BEFORE_REGEX = /(^|[=(,:[!&|?{};+\-*%<>~^]|\breturn|\btypeof|\bcase|=>)\s*$/;

/** Blanks comments and strings. Knows templates, regular expressions and that a plain string ends with its line. */
export function scan(text: string): Scanned {
  const code = text.split("");
  const bare = text.split("");
  const blank = (letters: string[], from: number, to: number) => {
    for (let at = from; at < to; at++) if (letters[at] !== "\n") letters[at] = " ";
  };
  /** For each open template, how many braces are open inside its `${`. */
  const templates: number[] = [];
  let at = 0;
  while (at < text.length) {
    const two = text.slice(at, at + 2);
    const one = text[at] as string;
    if (two === "//" || two === "/*") {
      const end = two === "//" ? lineEnd(text, at) : after(text, "*/", at + 2);
      blank(code, at, end);
      blank(bare, at, end);
      at = end;
    } else if (one === '"' || one === "'") {
      const end = stringEnd(text, at, one);
      blank(bare, at + 1, end - 1);
      at = end;
    } else if (one === "`" || (one === "}" && templates.at(-1) === 0)) {
      if (one === "}") templates.pop();
      const { end, opensCode } = templateEnd(text, at + 1);
      blank(bare, at + 1, end - 1);
      if (opensCode) templates.push(0);
      at = end;
    } else if (one === "/" && BEFORE_REGEX.test(bare.slice(Math.max(0, at - 40), at).join(""))) {
      const end = regexEnd(text, at);
      blank(bare, at + 1, end - 1);
      at = end;
    } else {
      const open = templates.length - 1;
      if (open >= 0 && one === "{") templates[open] = (templates[open] ?? 0) + 1;
      if (open >= 0 && one === "}") templates[open] = (templates[open] ?? 0) - 1;
      at++;
    }
  }
  return { code: code.join(""), bare: bare.join("") };
}

const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
};

const after = (text: string, mark: string, from: number): number => {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at + mark.length;
};

function stringEnd(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === quote) return at + 1;
    else if (text[at] === "\n") return at;
  }
  return text.length;
}

function templateEnd(text: string, start: number): { end: number; opensCode: boolean } {
  for (let at = start; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "`") return { end: at + 1, opensCode: false };
    else if (text[at] === "$" && text[at + 1] === "{") return { end: at + 2, opensCode: true };
  }
  return { end: text.length, opensCode: false };
}

function regexEnd(text: string, start: number): number {
  let inClass = false;
  for (let at = start + 1; at < text.length; at++) {
    const letter = text[at];
    if (letter === "\\") at++;
    else if (letter === "\n") return start + 1;
    else if (letter === "[") inClass = true;
    else if (letter === "]") inClass = false;
    else if (letter === "/" && !inClass) return at + 1;
  }
  return start + 1;
}

const scanned = new Map<string, Scanned>();

/** `scan` of a file, remembered. */
export function scanFile(file: SourceFile): Scanned {
  const known = scanned.get(file.text) ?? scan(file.text);
  scanned.set(file.text, known);
  return known;
}

const STATEMENT = /(?<![\w$.])(import|export)\b(\s+type\b(?!\s*,|\s+from))?([\w\s{},*$]*?)\bfrom\s*(["'])( *)\4/g;
const BARE_IMPORT = /(?<![\w$.])import\s*(["'])( *)\1/g;
const CALL = /(?<![\w$.])(typeof\s+)?(?:import|require(?:\.resolve)?)\s*\(\s*(["'])( *)\2/g;

/** Everything a file takes from elsewhere. */
export function importsOf(file: SourceFile): Import[] {
  const { code, bare } = scanFile(file);
  const found: Import[] = [];
  const add = (match: RegExpExecArray, blanks: string, how: { isTypeOnly: boolean; isReExport: boolean }) => {
    const end = match.index + match[0].length - 1;
    const specifier = code.slice(end - blanks.length, end);
    const line = code.slice(0, match.index).split("\n").length;
    found.push({ ...resolve(file.path, specifier), ...how, line });
  };
  for (const match of bare.matchAll(STATEMENT)) {
    const names = match[3] ?? "";
    const areTypes = /^\s*\{[^}]*\}\s*$/.test(names) && namesIn(names).every((name) => /^type\s/.test(name));
    add(match, match[5] ?? "", { isTypeOnly: Boolean(match[2]) || areTypes, isReExport: match[1] === "export" });
  }
  for (const match of bare.matchAll(BARE_IMPORT)) add(match, match[2] ?? "", { isTypeOnly: false, isReExport: false });
  for (const match of [...bare.matchAll(CALL), ...bare.matchAll(callOf(bare))]) {
    add(match, match[3] ?? "", { isTypeOnly: Boolean(match[1]), isReExport: false });
  }
  return found;
}

/** Calls of what `createRequire` gave, under whatever name. */
function callOf(bare: string): RegExp {
  const name = /\b(\w+)\s*=\s*createRequire\(/.exec(bare)?.[1];
  return name ? new RegExp(`(?<![\\w$.])(typeof\\s+)?\\b${name}\\(\\s*(["'])( *)\\2`, "g") : /(?!)/g;
}

const namesIn = (list: string): string[] =>
  list
    .replace(/[{}]/g, "")
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);

function resolve(from: string, specifier: string): Pick<Import, "target" | "isOurs" | "isRelative"> {
  if (specifier.startsWith("@/")) return { target: specifier.slice(2), isOurs: true, isRelative: false };
  if (!specifier.startsWith(".")) return { target: packageOf(specifier), isOurs: false, isRelative: false };
  return { target: path.posix.join(path.posix.dirname(from), specifier), isOurs: true, isRelative: true };
}

/** `@prisma/client/runtime/x` is `@prisma/client`; `next/server` is `next`; `node:fs` stays. */
function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
}

/** Where a pattern occurs outside comments and strings: `path:line`. The pattern needs the `g` flag. */
export function findInCode(
  files: readonly SourceFile[],
  pattern: RegExp,
): { path: string; line: number; text: string }[] {
  return files.flatMap((file) =>
    [...scanFile(file).bare.matchAll(pattern)].map((match) => ({
      path: file.path,
      line: file.text.slice(0, match.index).split("\n").length,
      text: match[0],
    })),
  );
}
