import { parseArgs } from "node:util";
import type { Fault, Play, Size, Verdict } from "./fault";
import type { House } from "./house";

export const USAGE = `npm run faults [-- NAME... options]
  NAME...          these faults only; --list names all
  --quick          small numbers: shows that each can be played
  --write          also puts what was measured into docs/reliability.md
  --server FOLDER  a build that is there already, instead of one of the sources as they are`;

const LIMIT_SECONDS: Record<Size, number> = { quick: 180, full: 900 };

export type Options = {
  names: readonly string[];
  size: Size;
  isList: boolean;
  isWrite: boolean;
  isHelp: boolean;
  server?: string;
};

/** Reads the command line. @throws Error in a sentence for who typed it. */
export function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: "boolean" },
      list: { type: "boolean" },
      write: { type: "boolean" },
      help: { type: "boolean" },
      server: { type: "string" },
    },
  });
  return {
    names: positionals,
    size: values.quick ? "quick" : "full",
    isList: values.list === true,
    isWrite: values.write === true,
    isHelp: values.help === true,
    ...(values.server ? { server: values.server } : {}),
  };
}

/** The faults with these names, all without any. @throws Error that names what there is. */
export function choose(faults: readonly Fault[], names: readonly string[]): Fault[] {
  const unknown = names.filter((name) => !faults.some((fault) => fault.name === name));
  if (unknown.length > 0)
    throw new Error(`No such fault: ${unknown.join(", ")}. There are ${faults.map(({ name }) => name).join(", ")}.`);
  return faults.filter(({ name }) => names.length === 0 || names.includes(name));
}

/** What came of one side: its verdict, or why there is none. */
export type Side = { verdict: Verdict | null; problem: string | null; seconds: number };
/** One fault, played with and without what protects. Proven when the invariant held with it and not without. */
export type Outcome = {
  name: string;
  about: string;
  invariant: string;
  without: string;
  size: Size;
  played: string;
  control: string;
  figures: Verdict["figures"];
  controlFigures: Verdict["figures"];
  seconds: number;
  isProven: boolean;
};

type Openers = {
  open: (say: (line: string) => void) => { house: House; leave: () => Promise<void> };
  say: (line: string) => void;
};

/** Plays these faults one after the other, each with its control. A side that fails or takes too long proves nothing, and the others are played all the same. */
export async function playAll(faults: readonly Fault[], size: Size, house: Openers): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const fault of faults) {
    const why = fault.whyNotHere?.() ?? null;
    if (why) {
      house.say(`${fault.name}: cannot be played here: ${why}`);
      outcomes.push(outcomeOf(fault, size, notPlayed(why), notPlayed(why)));
      continue;
    }
    house.say(`${fault.name}: ${fault.invariant}`);
    const limit = fault.limitSeconds?.[size] ?? LIMIT_SECONDS[size];
    const played = await playSide(fault.play, size, limit, house);
    house.say(`  ${describeSide(played)}`);
    house.say(`  and without ${fault.control.without}`);
    const control = await playSide(fault.control.play, size, limit, house);
    house.say(`  ${describeSide(control)}`);
    outcomes.push(outcomeOf(fault, size, played, control));
  }
  return outcomes;
}

const notPlayed = (problem: string): Side => ({ verdict: null, problem, seconds: 0 });

async function playSide(play: Play, size: Size, limitSeconds: number, { open, say }: Openers): Promise<Side> {
  const began = performance.now();
  const { house, leave } = open((line) => say(`    ${line}`));
  const since = () => (performance.now() - began) / 1000;
  try {
    const verdict = await within(limitSeconds, play(house, size));
    return { verdict, problem: null, seconds: since() };
  } catch (error) {
    return { verdict: null, problem: error instanceof Error ? error.message : String(error), seconds: since() };
  } finally {
    await leave();
  }
}

/** A play that goes on after its time finds its processes ended, and what it says then is not heard. */
async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const describeSide = ({ verdict, problem, seconds }: Side): string =>
  `${verdict ? (verdict.holds ? "holds" : "does not hold") : `failed: ${problem}`}${verdict ? `: ${showFigures(verdict.figures)}` : ""} (${Math.round(seconds)} s)`;

/** `acknowledged 800, lost 0`. */
export const showFigures = (figures: Verdict["figures"]): string =>
  Object.entries(figures)
    .map(
      // What could not be counted, such as the slowest of no replies, is no number, and null in the file of notes.
      ([name, value]) =>
        `${words(name)} ${!Number.isFinite(value) ? "none" : Number.isInteger(value) ? value.toLocaleString("en-US") : value.toFixed(2)}`,
    )
    .join(", ");

/** `p99Ms` reads `p99 ms`. */
const words = (name: string): string => name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

function outcomeOf(fault: Fault, size: Size, played: Side, control: Side): Outcome {
  return {
    name: fault.name,
    about: fault.about,
    invariant: fault.invariant,
    without: fault.control.without,
    size,
    played: wordOf(played),
    control: wordOf(control),
    figures: played.verdict?.figures ?? {},
    controlFigures: control.verdict?.figures ?? {},
    seconds: Math.round(played.seconds + control.seconds),
    isProven: played.verdict?.holds === true && control.verdict?.holds === false,
  };
}

const wordOf = ({ verdict, problem }: Side): string =>
  verdict ? (verdict.holds ? "holds" : "does not hold") : `failed: ${problem?.split("\n")[0]?.slice(0, 160)}`;

/** 0 when every fault was played and proven, else 1. */
export const exitCodeOf = (outcomes: readonly Outcome[]): number =>
  outcomes.length > 0 && outcomes.every(({ isProven }) => isProven) ? 0 : 1;
