import { lastSlot } from "@/lib/core/cron";

const MINUTE_MS = 60_000;
/** Any day that is like all others: no schedule of ours names a day. */
const DAY = Date.UTC(2026, 0, 7);

/** How often in a day something is due. */
export function runsADay(cron: string): number {
  let runs = 0;
  for (let minute = 0; minute < 1440; minute += 1) {
    const at = new Date(DAY + minute * MINUTE_MS);
    if (lastSlot(cron, at)?.getTime() === at.getTime()) runs += 1;
  }
  return runs;
}
