import type { Clock } from "@/lib/core/clock";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** By how much a clock is wrong for a while: what a bad time server, a person or a suspended machine does to it. */
const STEPS_MS = [3, -3, 61, -61, 1200, -1200, 5 * 3600, -5 * 3600, 25 * 3600, -25 * 3600].map((each) => each * SECOND);
const TROUBLE_EVERY_MS = 31 * HOUR;

/** Numbers that are the same in every run. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Machines with clocks of their own, in a made-up time that only `pass` moves. One at a time is in trouble: its clock jumps and later jumps back, or it stands still. */
export type Machines = {
  /** What the time really is. */
  now(): number;
  clock(machine: number): Clock;
  stands(machine: number): boolean;
  pass(ms: number): void;
  /** How often a clock was set to another time. */
  steps(): number;
};

export function makeMachines(from: Date, count: number, seed: number): Machines {
  const random = chance(seed);
  const offsets = new Array<number>(count).fill(0);
  let now = from.getTime();
  let steps = 0;
  let inTrouble = 0;
  let standing = -1;
  let troubleAt = now + HOUR;
  let overAt = Number.POSITIVE_INFINITY;

  const begin = () => {
    const kind = Math.floor(random() * (STEPS_MS.length + 1));
    const step = STEPS_MS[kind];
    if (step === undefined) standing = inTrouble;
    else offsets[inTrouble] = step;
    steps += step === undefined ? 0 : 1;
    overAt = now + (10 + random() * 350) * MINUTE;
    troubleAt = Number.POSITIVE_INFINITY;
  };
  const end = () => {
    steps += offsets[inTrouble] === 0 ? 0 : 1;
    offsets[inTrouble] = 0;
    standing = -1;
    inTrouble = (inTrouble + 1) % count;
    overAt = Number.POSITIVE_INFINITY;
    troubleAt = now + random() * 2 * TROUBLE_EVERY_MS;
  };

  return {
    now: () => now,
    clock: (machine) => ({ now: () => new Date(now + (offsets[machine] ?? 0)) }),
    stands: (machine) => standing === machine,
    pass(ms) {
      now += ms;
      if (now >= overAt) end();
      else if (now >= troubleAt) begin();
    },
    steps: () => steps,
  };
}
