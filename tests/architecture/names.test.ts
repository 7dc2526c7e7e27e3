import path from "node:path";
import { describe, expect, it } from "vitest";
import { importsOf, scanFile } from "./scan";
import { ALL, codeUnder, listFiles, PRODUCT, type SourceFile } from "./tree";

/** Names that say nothing: whatever is put in such a file is never found again. */
const EMPTY_NAMES = new Set([
  "utils",
  "util",
  "helpers",
  "helper",
  "misc",
  "common",
  "types",
  "shared",
  "lib",
  "index",
]);
/** Next and the tools decide these. */
const GIVEN_NAMES = /^(\[{1,2}\.{0,3}\w+\]{1,2}|\(\w+\)|_\w+|README\.md)$/;
/** A file that starts or ends a folder's own program may be called index. */
const MAY_BE_INDEX = new Set(["prisma/seed/index.ts", "vendor/request/index.cjs"]);

const MAX_LINES = 300;
const MAX_TEST_LINES = 400;

function badNames(files: readonly string[]): string[] {
  return files.flatMap((file) => {
    const [name = ""] = path.basename(file).split(".");
    if (EMPTY_NAMES.has(name) && !MAY_BE_INDEX.has(file)) {
      return [`${file}: call it by the verb or noun inside. "${name}" would collect whatever has no place yet.`];
    }
    const parts = file.split("/").filter((part) => !GIVEN_NAMES.test(part));
    const wrong = parts.find((part) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/.test(part.replace(/^\./, "")));
    return wrong ? [`${file}: "${wrong}" is not kebab-case.`] : [];
  });
}

/** Files that only pass on what other files export. */
function barrels(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => importsOf(file).filter(({ isReExport, isOurs }) => isReExport && isOurs).length > 1)
    .map(({ path: at }) => `${at} passes on the exports of other files. Import each from where it lives, by @/lib/...`);
}

function tooLong(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path: at, text }) => {
    const lines = text.split("\n").length - 1;
    const most = at.startsWith("tests/") ? MAX_TEST_LINES : MAX_LINES;
    return lines > most ? [`${at} has ${lines} lines; ${most} is the most. What are the two things in it?`] : [];
  });
}

/** What gets around the compiler, the linter or a test. The marks are put together here so that this file does not find itself. */
const SHORTCUTS: readonly { name: string; pattern: RegExp; inComments?: true; advice: string }[] = [
  {
    name: "any",
    pattern: /(?<=[:<,|&(=]\s*|\bas\s+|\bextends\s+)any\b(?!\s*[:(=.])/g,
    advice: "Say the shape, or unknown and parse it.",
  },
  {
    name: "@ts-",
    pattern: new RegExp(`@ts-${"(ignore|expect-error|nocheck)"}`, "g"),
    inComments: true,
    advice: "Mend the type.",
  },
  {
    name: "biome-",
    pattern: new RegExp(`biome-${"ignore"}`, "g"),
    inComments: true,
    advice: "Mend what the linter says.",
  },
  {
    name: "TO-DO",
    pattern: new RegExp(`\\b(TO${"DO"}|FIX${"ME"})\\b`, "g"),
    inComments: true,
    advice: "Do it, or open an issue.",
  },
  {
    name: "a skipped test",
    pattern: /\b(?:it|test|describe)\.(?:skip|only|todo)\b/g,
    advice: "A promise is kept or taken back.",
  },
  {
    name: "a mocked module",
    pattern: /\bvi\.(?:do)?[mM]ock\(/g,
    advice: "Use the real one, on a real database; the sandbox stands in for strangers.",
  },
];

function shortcuts(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    SHORTCUTS.flatMap(({ name, pattern, inComments, advice }) => {
      const text = inComments ? file.text : scanFile(file).bare;
      return [...text.matchAll(pattern)].map(
        ({ index }) => `${file.path}:${text.slice(0, index).split("\n").length} has ${name}. ${advice}`,
      );
    }),
  );
}

const everything = codeUnder(...ALL);

describe("names and sizes", () => {
  it("calls every file by what is in it, in kebab-case", () => {
    expect(badNames(listFiles(...PRODUCT, "prisma/schema", "prisma/seed", "scripts", "tests", "docs"))).toEqual([]);
    expect(
      badNames(["lib/core/utils.ts", "lib/core/types.ts", "app/leads/MyPage.tsx", "lib/ui/index.ts"]),
    ).toHaveLength(4);
    expect(
      badNames(["app/(firm)/leads/[id]/page.tsx", "app/api/[...rest]/route.ts", "tests/x/a-b.db.test.ts"]),
    ).toEqual([]);
  });

  it("has no barrel", () => {
    expect(barrels(everything)).toEqual([]);
    const text = 'export * from "./a";\nexport { b } from "./b";';
    expect(barrels([{ path: "lib/core/words.ts", text }])).toHaveLength(1);
  });

  it("keeps files short enough to read", () => {
    expect(tooLong(everything)).toEqual([]);
    expect(tooLong([{ path: "lib/x.ts", text: "x;\n".repeat(301) }])).toHaveLength(1);
  });

  it("takes no shortcut around the compiler, the linter or a test", () => {
    expect(shortcuts(everything)).toEqual([]);
    const bad = [
      "let a: any;",
      "f(x as any)",
      "Array<any>",
      `// @ts-${"ignore"}`,
      `// biome-${"ignore"} x`,
      `it.${"skip"}("x")`,
      `vi.${"mock"}("x")`,
    ];
    for (const text of bad) expect(shortcuts([{ path: "x.ts", text }]), text).toHaveLength(1);
    for (const text of ['const any = 1; f("any open")', "// any word", "AbortSignal.any([a])"]) {
      expect(shortcuts([{ path: "x.ts", text }]), text).toEqual([]);
    }
  });
});
