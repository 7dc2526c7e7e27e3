import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** One file of the repository, by its path from the root, with forward slashes. */
export type SourceFile = { path: string; text: string };

const SKIPPED = new Set(["node_modules", ".git", ".next", ".arrestra", ".amplify-hosting", "generated"]);
const CODE = /\.(ts|tsx|js|mjs|cjs)$/;

/** The path of every file under these places, folders walked in order. A place that does not exist yet has none. */
export function listFiles(...places: string[]): string[] {
  return places.flatMap((place) => walk(place)).sort();
}

function walk(place: string): string[] {
  let entries: ReturnType<typeof readFolder>;
  try {
    entries = readFolder(place);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR") return [place];
    if (code === "ENOENT") return [];
    throw error;
  }
  return entries.flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const at = place === "." ? entry.name : path.posix.join(place, entry.name);
    return entry.isDirectory() ? walk(at) : [at];
  });
}

const readFolder = (place: string) => readdirSync(place, { withFileTypes: true });

/** The code under these places: TypeScript and JavaScript, not what is generated. */
export const codeUnder = (...places: string[]): SourceFile[] =>
  listFiles(...places)
    .filter((file) => CODE.test(file) && !file.endsWith(".d.ts") && !file.endsWith(".d.cts"))
    .map(readSource);

const read = new Map<string, SourceFile>();

/** One file with its text. */
export function readSource(file: string): SourceFile {
  const known = read.get(file) ?? { path: file, text: readFileSync(file, "utf8") };
  read.set(file, known);
  return known;
}

/** What the product is made of, tests left out. */
export const PRODUCT = ["app", "lib", "workers", "sandbox", "infra", "middleware.ts", "instrumentation.ts"] as const;

/** Everything that is ours and is code. */
export const ALL = [
  ...PRODUCT,
  "prisma",
  "scripts",
  "tests",
  "vendor",
  "next.config.js",
  "postcss.config.mjs",
  "prisma.config.ts",
  "vitest.config.ts",
] as const;
