import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PageChanged } from "@/workers/sources/errors";
import { parseDetail } from "@/workers/sources/topics/parse-detail";
import { parseList } from "@/workers/sources/topics/parse-list";

const folder = join(import.meta.dirname, "../fixtures/topics");
const names = (ending: string) => readdirSync(folder).filter((name) => name.endsWith(ending));
const expectedOf = (name: string, ending: string): { pageChanged?: string } =>
  JSON.parse(readFileSync(join(folder, name.replace(ending, ending === ".html" ? ".json" : ".list.json")), "utf8"));

/** The landmark that the parser missed, or what it made of the page. */
function outcome(parse: () => unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(parse()));
  } catch (error) {
    if (error instanceof PageChanged) return { pageChanged: error.landmark };
    throw error;
  }
}

describe("saved bail form pages", () => {
  it("are there", () => expect(names(".html").length).toBeGreaterThan(20));

  it.each(names(".html"))("%s reads as the JSON beside it says", (name) => {
    const html = readFileSync(join(folder, name), "utf8");
    expect(outcome(() => parseDetail(html, "America/Chicago"))).toEqual(expectedOf(name, ".html"));
  });
});

describe("saved lists", () => {
  it("are there", () => expect(names(".list.txt").length).toBeGreaterThan(8));

  it.each(names(".list.txt"))("%s reads as the JSON beside it says", (name) => {
    const body = readFileSync(join(folder, name), "utf8");
    const read = outcome(() => {
      const { rows, refused } = parseList(body, "Travis");
      return {
        rows: rows.map((row) => [row.id, row.name, row.causeNumber, row.offense]),
        refused: refused.map((row) => row.index),
      };
    });
    expect(read).toEqual(expectedOf(name, ".list.txt"));
  });
});
