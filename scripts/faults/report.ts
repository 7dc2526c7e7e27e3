import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describeMachine } from "../bench/machine";
import { table } from "../docs/table";
import { ROOT, STATE } from "../repository";
import { type Outcome, showFigures } from "./command";
import type { Fault } from "./fault";

const DOCUMENT = path.join(ROOT, "docs", "reliability.md");
/** What was measured last, fault by fault. */
const KEPT = path.join(STATE, "faults.json");
const MARKS = ["<!-- faults:start -->", "<!-- faults:end -->"] as const;
const HEAD = ["fault", "invariant", "measured", "without the protection", "s", "played"];

const WHERE = "Measured on ";
const SIZES =
  "Each row is from the run that played its fault last: its day, its size (`full`, or `quick` with smaller numbers), and the seconds that both sides took.";

/** A fault as it was played last, with what it was played on. */
export type Kept = Outcome & { at: string; machine: string; postgres: string };

const sideOf = (word: string, figures: Outcome["figures"]): string =>
  Object.keys(figures).length > 0 ? `${word}: ${showFigures(figures)}` : word;

/** The outcomes as columns for a terminal. */
export function toTerminal(outcomes: readonly Outcome[]): string {
  const head = ["fault", "", "measured", "control", "s"];
  const rows = outcomes.map((each) => [
    each.name,
    each.isProven ? "proven" : "NOT PROVEN",
    sideOf(each.played, each.figures),
    sideOf(each.control, each.controlFigures),
    String(each.seconds),
  ]);
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Puts these outcomes in the place of earlier ones of the same faults. */
export function keep(outcomes: readonly Outcome[], postgres: string): Kept[] {
  const earlier = readKept();
  const [at, machine] = [new Date().toISOString().slice(0, 10), describeMachine()];
  for (const each of outcomes) earlier.set(each.name, { ...each, at, machine, postgres });
  const all = [...earlier.values()];
  writeFileSync(KEPT, `${JSON.stringify(all, null, 2)}\n`);
  return all;
}

function readKept(): Map<string, Kept> {
  try {
    const kept = JSON.parse(readFileSync(KEPT, "utf8")) as Kept[];
    return new Map(kept.map((each) => [each.name, each]));
  } catch {
    return new Map();
  }
}

const rowOf = (each: Kept, isOneOfSeveral: boolean): string[] => [
  each.name,
  each.invariant,
  sideOf(each.played, each.figures),
  sideOf(each.control, each.controlFigures),
  String(each.seconds),
  [each.at, each.size, ...(each.isProven ? [] : ["NOT PROVEN"]), ...(isOneOfSeveral ? [each.machine] : [])].join(", "),
];

/** What the document says of faults that this clone has not played: their rows, and the lines that say what was measured on. */
type Earlier = { rows: string[][]; where: string[] };

/** The rows of these faults as a document has them, with the days on which they were played. */
export function readEarlier(text: string, names: readonly string[]): Earlier {
  const lines = text.split("\n");
  const rows = lines
    .filter((line) => line.startsWith("| "))
    .map((line) => line.slice(1, -1).split(" | "))
    .map((cells) => cells.map((cell) => cell.trim()))
    .filter(([name = "", ...cells]) => names.includes(name) && cells.length === HEAD.length - 1);
  const where = lines.filter((line) => line.startsWith(WHERE)).map((line) => line.slice(WHERE.length));
  return { rows, where: rows.length > 0 ? where : [] };
}

/** The table of what was measured, and how each fault is played, as docs/reliability.md holds them between its marks. */
export function toDocument(
  kept: readonly Kept[],
  faults: readonly Fault[],
  earlier: Earlier = { rows: [], where: [] },
): string {
  const where = [...new Set([...kept.map(({ machine, postgres }) => `${machine}. ${postgres}.`), ...earlier.where])];
  const rows = faults.flatMap(({ name }) => {
    const each = kept.find((one) => one.name === name);
    return each ? [rowOf(each, where.length > 1)] : earlier.rows.filter(([named]) => named === name);
  });
  const how = faults.map(
    ({ name, about, invariant, control }) =>
      `### ${name}\n\n${about}\n\nWhat has to hold: ${invariant}. The control takes away ${control.without}.`,
  );
  const measured = rows.length > 0 ? [...where.map((each) => `${WHERE}${each}`), SIZES, table(HEAD, rows)] : [];
  return [...measured, "## How each is played", ...how].join("\n\n");
}

/** Writes the document anew between its marks. */
export function writeDocument(kept: readonly Kept[], faults: readonly Fault[]): void {
  const text = readFileSync(DOCUMENT, "utf8");
  const [before, rest] = text.split(MARKS[0]);
  const after = rest?.split(MARKS[1])[1];
  if (before === undefined || after === undefined)
    throw new Error(`${DOCUMENT} has lost its marks ${MARKS.join(" and ")}.`);
  const names = faults.map(({ name }) => name).filter((name) => !kept.some((each) => each.name === name));
  const earlier = readEarlier(rest ?? "", names);
  writeFileSync(DOCUMENT, `${before}${MARKS[0]}\n\n${toDocument(kept, faults, earlier)}\n\n${MARKS[1]}${after}`);
  execFileSync(path.join(ROOT, "node_modules", ".bin", "biome"), ["format", "--write", DOCUMENT], { stdio: "ignore" });
}
