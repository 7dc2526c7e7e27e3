import { join } from "node:path";
import { z } from "zod";
import { readJson, writeAtomic } from "./files";

/** The moments after which a form is looked at again, in hours; the last one repeats. Bail changes most in the first day. */
const REOBSERVE_HOURS = [1, 3, 6, 12, 24, 48, 96, 168] as const;

const Memory = z.strictObject({
  /** Ids that some firm knows and that the last complete list did not show, with the time of that list. */
  missing: z.record(z.string(), z.string()),
  /** How the list showed each form when its detail was last read. */
  rows: z.record(z.string(), z.string()),
  /** Per firm: forms it did not take (rejected, suppressed), so that they are not fetched anew in every run. */
  settled: z.record(z.string(), z.record(z.string(), z.strictObject({ at: z.string(), times: z.int() }))),
});

/** What a source remembers between runs. Losing it costs a few requests and delays withdrawals by one list; it never invents anything. */
export type Memory = z.infer<typeof Memory>;

const fileOf = (stateDir: string, sourceId: string): string => join(stateDir, "sources", `${sourceId}.json`);

/** What is remembered of a source; nothing yet is an empty memory. */
export const readMemory = (stateDir: string, sourceId: string): Memory =>
  readJson(fileOf(stateDir, sourceId), Memory) ?? { missing: {}, rows: {}, settled: {} };

/** Keeps the memory: whole, or not at all. */
export const writeMemory = (stateDir: string, sourceId: string, memory: Memory): void =>
  writeAtomic(fileOf(stateDir, sourceId), JSON.stringify(memory));

/** Notes that a firm did not take a form; every time doubles back along the re-observe schedule. */
export function settle(memory: Memory, firm: string, id: string, at: Date): void {
  memory.settled[firm] ??= {};
  const ofFirm = memory.settled[firm];
  ofFirm[id] = { at: at.toISOString(), times: (ofFirm[id]?.times ?? 0) + 1 };
}

/** Whether a form that the firm did not take is to be left alone for now. */
export function isSettled(memory: Memory, firm: string, id: string, now: Date): boolean {
  const settled = memory.settled[firm]?.[id];
  if (!settled) return false;
  const hours = REOBSERVE_HOURS[Math.min(settled.times, REOBSERVE_HOURS.length) - 1] ?? 168;
  return now.getTime() < Date.parse(settled.at) + hours * 3_600_000;
}
