import type { Fault } from "./fault";

/** Every fault, in the order in which they are played and shown. */
export const FAULTS: readonly Fault[] = [];
