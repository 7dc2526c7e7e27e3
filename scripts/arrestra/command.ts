import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** What was typed wrongly; its words are for the person who typed it. */
export class BadUsage extends Error {}

export type Say = (line: string) => void;

/** One command: what it does in a line, what is typed after its name, and the code it ends with: 0 done, 1 not done or something is wrong. */
export type Command = {
  says: string;
  usage: string;
  /** What is no answer goes to `complain`, so that an answer can be read by a program. */
  run: (args: string[], say: Say, complain: Say) => Promise<number>;
};

/** How a command is called from a folder of the repository; the image takes the same words after its own `arrestra`. */
export const CALLED = "npm run arrestra --";

export const text = { type: "string" } as const;
export const flag = { type: "boolean" } as const;

type Read = { values: Record<string, string | boolean | (string | boolean)[] | undefined>; words: string[] };

/** The options and exactly `count` further words. @throws BadUsage */
export function read(args: string[], options: ParseArgsOptionsConfig, count = 0): Read {
  return readMany(args, options, { from: count, to: count });
}

/** The options and some further words. @throws BadUsage */
export function readMany(
  args: string[],
  options: ParseArgsOptionsConfig,
  { from, to }: { from: number; to: number },
): Read {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    if (positionals.length < from || positionals.length > to)
      throw new Error(
        `It takes ${from === to ? from : `${from} to ${to}`} ${to === 1 ? "word" : "words"} beside its options.`,
      );
    return { values, words: positionals };
  } catch (error) {
    throw new BadUsage(error instanceof Error ? error.message : String(error));
  }
}

/** @throws BadUsage when it was not given. */
export function need(values: Read["values"], name: string): string {
  const value = values[name];
  if (typeof value !== "string" || value.trim() === "") throw new BadUsage(`--${name} is missing.`);
  return value;
}

/** A whole number between two others. @throws BadUsage */
export function wholeNumber(value: unknown, name: string, { from, to }: { from: number; to: number }): number {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= from && number <= to) return number;
  throw new BadUsage(`--${name} is a whole number, ${from} to ${to}.`);
}
