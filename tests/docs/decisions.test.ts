import path from "node:path";
import { expect, it } from "vitest";
import { listFiles, readSource, type SourceFile } from "../architecture/tree";

const HEADINGS = ["Context", "Choice", "Consequence", "What it does not fix"];
const index = (): string => readSource("docs/decisions/README.md").text;
const decisions = (): SourceFile[] =>
  listFiles("docs/decisions")
    .filter((file) => /\/\d{4}-/.test(file))
    .map(readSource);

/** What a decision lacks. */
function lacks({ path: at, text }: SourceFile): string[] {
  const number = path.basename(at).slice(0, 4);
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  return [
    ...(text.startsWith(`# ${number} `) ? [] : [`${at}: its first line is not "# ${number} ..."`]),
    ...(/^\d{4}-\d{2}-\d{2}$/m.test(text) ? [] : [`${at} has no date`]),
    ...(headings.join() === HEADINGS.join() ? [] : [`${at}: its headings are not ${HEADINGS.join(", ")}`]),
    ...(index().includes(`(${path.basename(at)})`) ? [] : [`${at} is not in docs/decisions/README.md`]),
  ];
}

it("numbers the decisions without gaps", () => {
  const numbers = decisions().map((file) => Number(path.basename(file.path).slice(0, 4)));
  expect(numbers.length).toBeGreaterThan(10);
  expect(numbers).toEqual(numbers.map((_, at) => at + 1));
});

it("says of every decision its context, its choice, what follows and what it does not fix", () => {
  expect(decisions().flatMap(lacks)).toEqual([]);
  expect(lacks({ path: "docs/decisions/0099-x.md", text: "# x\n\n## Context\n" })).toHaveLength(4);
});
