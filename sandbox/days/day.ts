import type { SandboxParts } from "../parts";

/** What a step of a day can turn. */
export type Stage = Pick<SandboxParts, "worlds" | "faults">;

/** The services that a day plays at. */
export type Service = keyof Stage["worlds"];

/** One thing that happens. `minute` counts from the beginning of the day: a test keeps to it, a person plays steps as they like. */
export type Step = {
  minute: number;
  what: string;
  /** Somebody has to do this in the product: connect this service again. */
  reconnects?: Service;
  do: (stage: Stage) => void | Promise<void>;
};

export type Day = { name: string; description: string; steps: readonly Step[] };

/** Something that a step needs is not there: the product has not made it, or an earlier step was not played. */
export class NotThere extends Error {}
