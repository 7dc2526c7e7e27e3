import { readFileSync } from "node:fs";
import { beforeEach, expect, it, vi } from "vitest";
import { COMMANDS } from "../../scripts/arrestra/run-command";
import { listFiles, readSource } from "../architecture/tree";
import { type } from "../setup/arrestra";

// Nothing listens there: what is not understood asks no database, and takes no demonstration for its own.
beforeEach(() => {
  vi.stubEnv("APP_DATABASE_URL", "postgres://nobody:x@127.0.0.1:9/none");
  return () => vi.unstubAllEnvs();
});

const NAMES = Object.keys(COMMANDS);

it("help lists every command in a line each, and says what each takes", async () => {
  const { code, out } = await type("help");
  expect(code).toBe(0);
  for (const name of NAMES) {
    const lines = out.split("\n").filter((line) => line.startsWith(`  ${name} `));
    expect(lines, name).toHaveLength(1);
    expect(lines[0]?.length).toBeLessThan(100);
    const one = await type("help", ...name.split(" "));
    expect(one.out).toBe(
      `npm run arrestra -- ${name} ${COMMANDS[name]?.usage}`.trimEnd().concat(`\n  ${COMMANDS[name]?.says}`),
    );
  }
});

it.each([
  [[]],
  [["dance"]],
  [["constructor"]],
  [["keys"]],
  [["keys", "dance"]],
  [["help", "dance"]],
  [["health", "now"]],
  [["queue", "list", "--all"]],
  [["queue", "redrive"]],
  [["queue", "show"]],
  [["queue", "show", "pgboss"]],
  [["queue", "drop", "sync.run"]],
  [["queue", "drop", "sync.run", "all"]],
  [["connections", "--end"]],
  [["connections", "--end", "all"]],
  [["sources", "replay", "--day", "2026-11-20"]],
  [["sources", "replay", "--county", "Travis"]],
  [["audit", "verify", "--all"]],
  [["fields", "rotate", "all"]],
  [["firm", "dance"]],
  [["firm", "suspend"]],
  [["firm", "list", "all"]],
])("%j is not understood: 64, nothing done, and the words that would be", async (args) => {
  const { code, out, error } = await type(...args);
  expect(code).toBe(64);
  expect(out).toBe("");
  expect(error).toContain("npm run arrestra --");
});

/** Commands in the documents: as npm runs them, and as a task of the image is told them. */
const named = listFiles("docs").flatMap((file) => {
  const { text } = readSource(file);
  const typed = [...text.matchAll(/npm run arrestra -- ([a-z]+(?: [a-z][a-z-]*(?![\w.]))?)/g)].map(
    ([, words = ""]) => words,
  );
  const told = [...text.matchAll(/"command":\["arrestra",("[^\]]+)\]/g)].map(([, words = ""]) =>
    words.replaceAll(/[",]+/g, " ").trim(),
  );
  return [...typed, ...told].map((words) => ({ file, words }));
});

// Seen red with: npm run arrestra -- keys find
it("every command that a document names is there", () => {
  expect(named.some(({ file }) => file.startsWith("docs/runbooks/"))).toBe(true);
  const isThere = (words: string) =>
    [words.split(" ").slice(0, 2).join(" "), words.split(" ")[0] ?? ""].some(
      (each) => each === "help" || NAMES.includes(each),
    );
  expect(named.filter(({ words }) => !isThere(words))).toEqual([]);
});

it("the image knows the word too", () => {
  expect(readFileSync("scripts/container/entry.ts", "utf8")).toMatch(/^ {2}arrestra: .*import\("\.\.\/arrestra"\)/m);
});
