import { expect, it } from "vitest";
import { importsOf, scan } from "./scan";

const targets = (text: string, path = "lib/domain/leads/x.ts"): string[] =>
  importsOf({ path, text }).map(({ target }) => target);

it.each([
  ['import { a, type B } from "@/lib/core/ids";', ["lib/core/ids"]],
  ['import a, * as b from "../context/ctx";', ["lib/domain/context/ctx"]],
  ['import {\n  a,\n  b,\n} from "./c";', ["lib/domain/leads/c"]],
  ['import "@/lib/core/ids";', ["lib/core/ids"]],
  ['export * from "node:fs";', ["node:fs"]],
  ['export { a as default } from "next/server";', ["next"]],
  ['const a = await import("@auth/prisma-adapter/x");', ["@auth/prisma-adapter"]],
  ['type A = typeof import("pg");', ["pg"]],
  ['const load = createRequire(import.meta.url);\nconst k = load("kickbox");', ["kickbox"]],
  ['import a from "a";\nimport b from "b";', ["a", "b"]],
])("finds what is imported by %s", (text, expected) => {
  expect(targets(text)).toEqual(expected);
});

it.each([
  '// import a from "a";',
  '/* import a from "a"; */',
  "const a = 'import b from \"b\"';",
  'const a = `import b from "b"`;',
  'const a = { from: "b" };',
  'export const a = b;\nconst c = { d, from: "e" };',
  'frame.import("a");',
])("takes nothing for an import in %s", (text) => {
  expect(targets(text)).toEqual([]);
});

it("tells types from values", () => {
  const isTypeOnly = (text: string) => importsOf({ path: "x.ts", text })[0]?.isTypeOnly;
  expect(isTypeOnly('import type { A } from "a";')).toBe(true);
  expect(isTypeOnly('import { type A, type B } from "a";')).toBe(true);
  expect(isTypeOnly('import { type A, b } from "a";')).toBe(false);
  expect(isTypeOnly('import type from "a";')).toBe(false);
});

/** Spelled so, because a linter takes it for a template that lost its quotes. */
const HOLE = ["$", "{"].join("");
const hole = (text: string): string => text.replaceAll("#{", HOLE);

it.each([
  ["a // b", "a     "],
  ['a("// b") // c', 'a("// b")     '],
  ['a(/"\\//g); // b', 'a(/"\\//g);     '],
  ["a / b / c // d", "a / b / c     "],
  ["`a #{b /* c */ + `d #{'}'}`} // e` // f", "`a #{b         + `d #{'}'}`} // e`     "],
])("blanks comments and nothing else in %s", (text, code) => {
  expect(scan(hole(text)).code).toBe(hole(code));
});

it("keeps every character in its place", () => {
  const text = hole("const a = `x#{1}y`; // z\n'b'\n/* c\nd */ e");
  const { code, bare } = scan(text);
  expect([code.length, bare.length]).toEqual([text.length, text.length]);
  expect(code.split("\n").length).toBe(text.split("\n").length);
});
