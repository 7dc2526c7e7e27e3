import type { Ask } from "./ask";
import { PROBES, type Target } from "./probes";

/** Runs every probe, one line each, and what to do next below one that failed. Gives the names of those. */
export async function runProbes(target: Target, ask: Ask, say: (line: string) => void): Promise<{ failed: string[] }> {
  const failed: string[] = [];
  for (const { name, next, leftOut, run } of PROBES) {
    const reason = leftOut?.(target);
    if (reason) {
      say(`left out  ${name}: ${reason}`);
      continue;
    }
    try {
      await run(target, ask);
      say(`ok        ${name}`);
    } catch (error) {
      failed.push(name);
      say(`FAILED    ${name}: ${error instanceof Error ? error.message : error}\n          ${next}`);
    }
  }
  say(
    failed.length > 0 ? `${failed.length} of ${PROBES.length} probes failed` : "every probe that could be made passed",
  );
  return { failed };
}
