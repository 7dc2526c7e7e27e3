import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { table } from "../docs/table";
import { ROOT } from "../repository";
import { type Figure, isReached, show, showLimit } from "./figures";
import { describeMachine, describeVerdict, type Verdict } from "./machine";

const DOCUMENT = path.join(ROOT, "docs", "performance.md");
const START = "<!-- bench:start -->";
const END = "<!-- bench:end -->";

/** One run, ready to be shown. */
export type Run = {
  figures: Figure[];
  verdict: Verdict;
  postgres: string;
  kind: string;
  turns: number;
  seconds: number;
};

const HEAD = ["goal", "what", "measured", "limit", "", "from"];

const cells = (figure: Figure): string[] => {
  const reached = isReached(figure);
  const verdict = reached === null ? "" : reached ? "reached" : "MISSED";
  return [
    String(figure.goal),
    figure.what,
    show(figure.value, figure.unit),
    showLimit(figure),
    verdict,
    figure.from ?? "",
  ];
};

/** The figures as columns for a terminal. */
export function toTerminal(run: Run): string {
  const rows = [HEAD, ...run.figures.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [
    "",
    ...lines,
    "",
    `${run.kind} run, ${run.turns} turns, ${Math.round(run.seconds)} s`,
    describeMachine(),
    run.postgres,
    describeVerdict(run.verdict),
  ].join("\n");
}

/** Puts the figures between the markers of docs/performance.md, with machine and date. */
export function writeDocument(run: Run): void {
  const facts = [
    `Measured on ${new Date().toISOString().slice(0, 10)}, ${run.kind} run, medians of ${run.turns} turns, ${Math.round(run.seconds)} s.`,
    `Machine: ${describeMachine()}. Database: ${run.postgres}.`,
    `${describeVerdict(run.verdict)}.`,
  ];
  const text = readFileSync(DOCUMENT, "utf8");
  const [before, rest] = text.split(START);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`${DOCUMENT} has lost its markers ${START} and ${END}.`);
  writeFileSync(
    DOCUMENT,
    `${before}${START}\n${facts.join("\n")}\n\n${table(HEAD, run.figures.map(cells))}\n${END}${after}`,
  );
  execFileSync(path.join(ROOT, "node_modules", ".bin", "biome"), ["format", "--write", DOCUMENT], { stdio: "ignore" });
}
