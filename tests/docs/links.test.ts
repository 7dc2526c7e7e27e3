import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ALL, codeUnder, type SourceFile } from "../architecture/tree";
import { papers } from "./prose";

const ROOMS = "app|lib|workers|sandbox|scripts|prisma|tests|docs|infra|vendor";
const SINGLE =
  "middleware\\.ts|instrumentation\\.ts|next\\.config\\.js|vitest\\.config\\.ts|prisma\\.config\\.ts|amplify\\.yml|package\\.json|biome\\.json|knip\\.json|tsconfig\\.json|\\.env\\.example|\\.ci/run";
const IN_CODE_SPANS = new RegExp(`\`((?:${ROOMS})/[^\\s\`]*|${SINGLE})\``, "g");
const IN_COMMENTS = new RegExp(
  `(?<![\\w/.-])(?:${ROOMS})/[\\w./()[\\]-]*\\.(?:ts|tsx|mjs|cjs|sql|md|json|css)\\b`,
  "g",
);

/** Not yet in the tree, or made by a command: a path that has to be written of before it exists. */
const TO_COME = new Set(["docs/images/list.png"]);
/** Where generated files are, and paths that only show a shape. */
const PLACEHOLDER = /[<>]|NNNN|\/generated\/|travis-sheriff|numverify|\bexample\b/;

/** Paths cited in prose that lead nowhere. */
function deadPaths({ path: at, text }: SourceFile): string[] {
  const cited = [...text.matchAll(IN_CODE_SPANS)].map(([, found = ""]) => found);
  return cited.filter((found) => !isThere(found)).map((found) => `${at} cites ${found}, which is not there`);
}

function isThere(cited: string): boolean {
  if (PLACEHOLDER.test(cited) || TO_COME.has(cited)) return true;
  return existsSync(cited) || (cited.includes("*") && globSync(cited).length > 0);
}

/** Links to files of ours, and to their headings, that lead nowhere. */
function deadLinks({ path: at, text }: SourceFile): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.flatMap((link) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [file = "", heading] = link.split("#");
    const target = path.posix.join(path.posix.dirname(at), file || path.posix.basename(at));
    if (TO_COME.has(target)) return [];
    if (!existsSync(target)) return [`${at} links to ${link}, which is not there`];
    if (heading && !anchors(readFileSync(target, "utf8")).has(heading))
      return [`${at} links to a heading that is gone: ${link}`];
    return [];
  });
}

const anchors = (text: string): Set<string> =>
  new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, words = ""]) =>
      words
        .toLowerCase()
        .replace(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    ),
  );

/** Commands that prose tells people to type and that package.json does not have. */
function deadCommands({ path: at, text }: SourceFile): string[] {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
  const cited = [...text.matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map(([, name = ""]) => name);
  return cited
    .filter((name) => !Object.hasOwn(scripts, name))
    .map((name) => `${at} says npm run ${name}, which is not there`);
}

describe("what the papers point to", () => {
  it("cites files that are there", () => {
    expect(papers().flatMap(deadPaths)).toEqual([]);
    expect(deadPaths({ path: "x.md", text: "see `lib/core/gone.ts` and `middleware.ts`" })).toHaveLength(1);
  });

  it("links to pages and headings that are there", () => {
    expect(papers().flatMap(deadLinks)).toEqual([]);
    expect(
      deadLinks({ path: "docs/x.md", text: "[a](../README.md) [b](gone.md) [c](../README.md#no-such)" }),
    ).toHaveLength(2);
  });

  it("names commands that are there", () => {
    expect(papers().flatMap(deadCommands)).toEqual([]);
    expect(deadCommands({ path: "x.md", text: "`npm run check`, then `npm run nothing`" })).toHaveLength(1);
  });

  it("cites from comments in the code only files that are there", () => {
    const dead = codeUnder(...ALL)
      .filter(({ path: at }) => !at.startsWith("tests/"))
      .flatMap(({ path: at, text }) =>
        [...text.matchAll(/\/\*\*?[\s\S]*?\*\/|\/\/.*$/gm)]
          .flatMap(([comment]) => [...comment.matchAll(IN_COMMENTS)].map(([found]) => found))
          .filter((found) => !isThere(found))
          .map((found) => `${at} speaks of ${found}, which is not there`),
      );
    expect(dead).toEqual([]);
  });
});
