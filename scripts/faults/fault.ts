import type { House } from "./house";

/** What was counted while a fault was played: `{ acknowledged: 800, lost: 0, partial: 0 }`. Times say their unit in their name (`p99Ms`). */
export type Figures = Record<string, number>;

/** Whether the invariant held, and what was counted. */
export type Verdict = { holds: boolean; figures: Figures };

/** `quick` shows that a fault can be played, `full` is what docs/reliability.md states. */
export type Size = "quick" | "full";

export type Play = (house: House, size: Size) => Promise<Verdict>;

/** One fault of real parts: what has to hold while it happens, and the same fault without what makes it hold, which must then not hold. */
export type Fault = {
  /** As it is asked for: `npm run faults -- NAME`. */
  name: string;
  /** How it is played, in a sentence or two for docs/reliability.md. */
  about: string;
  invariant: string;
  play: Play;
  /** `without` says what the control takes away. */
  control: { without: string; play: Play };
  /** Seconds that one play may take; 180 quick, 900 full. */
  limitSeconds?: Partial<Record<Size, number>>;
  /** Why it cannot be played on this machine, or null. */
  whyNotHere?: () => string | null;
};
