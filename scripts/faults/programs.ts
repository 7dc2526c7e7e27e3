import path from "node:path";
import { bundle } from "../container/bundle";
import { ROOT, STATE } from "../repository";

const PLACE = path.join(STATE, "faults-programs");

/** The processes that plays start, by their source. A worker from its source takes seconds of a core to start, and plays start dozens. */
const PROGRAMS = [
  "workers/run-jobs.ts",
  "scripts/faults/queue/clock-process.ts",
  "scripts/faults/web/flood-client.ts",
  "scripts/faults/web/greedy-worker.ts",
  "scripts/faults/web/row-writer.ts",
  "scripts/faults/worker/careless-worker.ts",
] as const;

export type Program = (typeof PROGRAMS)[number];

const outOf = (program: Program): string => program.replace(/\.ts$/, "");

/** Puts each into plain JavaScript, as the image has it. Resolves with the folder. */
export async function packPrograms(): Promise<string> {
  await bundle({
    out: PLACE,
    entries: Object.fromEntries(PROGRAMS.map((program) => [outOf(program), program])),
  });
  return PLACE;
}

/** Where a packed program lies, from the root of the repository. */
export const packedProgram = (program: Program): string =>
  path.relative(ROOT, path.join(PLACE, `${outOf(program)}.mjs`));
