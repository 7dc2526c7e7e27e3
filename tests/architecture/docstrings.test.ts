import { expect, it } from "vitest";
import { scanFile } from "./scan";
import { codeUnder, type SourceFile } from "./tree";

const EXPORT =
  /^export\s+(?:default\s+)?(?:async\s+)?(?:abstract\s+)?(?:const|let|function\*?|class|interface|type|enum)\s+(\w+)/gm;

/**
 * Every export says what it gives, right above it. Three kinds speak for themselves: a type made by one line from the schema or table above it, which
 * carries the words; what Next asks a route or page to export; and the props and parts of `lib/ui`, whose names are what one sees.
 */
function withoutDocstring(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const { bare } = scanFile(file);
    return [...bare.matchAll(EXPORT)].flatMap((match) => {
      const [statement, name = ""] = match;
      const above = file.text.slice(0, match.index).trimEnd();
      if (above.endsWith("*/") && above.slice(above.lastIndexOf("/*")).startsWith("/**")) return [];
      const line = file.text.slice(match.index, lineEnd(file.text, match.index));
      if (/\btype\b/.test(statement) && /=.*\b(typeof|keyof|z\.infer)\b/.test(line)) return [];
      return [`${file.path}:${file.text.slice(0, match.index).split("\n").length} exports ${name} without a docstring`];
    });
  });
}

const lineEnd = (text: string, at: number): number => (text.indexOf("\n", at) + 1 || text.length + 1) - 1;

it("has a docstring on every export of lib and workers", () => {
  const files = codeUnder("lib", "workers").filter(({ path }) => !path.startsWith("lib/ui/"));
  expect(withoutDocstring(files)).toEqual([]);
});

it("notices an export that says nothing", () => {
  const bad = (text: string) => withoutDocstring([{ path: "lib/core/x.ts", text }]);
  expect(bad("export function moveLead() {}")).toHaveLength(1);
  expect(bad("/* not one */\nexport const LIMIT = 3;")).toHaveLength(1);
  expect(bad("/** One. */\nexport const A = 1;\nexport async function two() {}")).toHaveLength(1);
  expect(bad("/** Moves. */\nexport function moveLead() {}\nexport type Lead = z.infer<typeof Lead>;")).toEqual([]);
});
