import { setTimeout as delay } from "node:timers/promises";
import { sealEvents } from "@/lib/domain/events/seal-events";
import { failureFields, log } from "@/lib/platform/log";
import { jobCtx, listFirmIds } from "./job-ctx";

const EVERY_MS = 2000;
/** A firm with nothing to seal is looked at ever more seldom, but well within the minute after which an unsealed event is an alarm. */
const SELDOM_MS = 20_000;
const FIRMS_EVERY_MS = 30_000;

/**
 * Seals the events of every firm, shut ones too, each about every two seconds while it has any. Several processes may run this: a lock in the database
 * lets one at a time seal a firm. Stops after the firm under way when `signal` says so.
 */
export async function runSealer(signal: AbortSignal): Promise<void> {
  const due = new Map<string, { at: number; waitMs: number }>();
  let firms: string[] = [];
  let listedAt = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    try {
      if (performance.now() - listedAt > FIRMS_EVERY_MS) {
        firms = await listFirmIds({ shutOnesToo: true });
        listedAt = performance.now();
      }
      for (const firm of firms) {
        const last = due.get(firm) ?? { at: 0, waitMs: EVERY_MS };
        if (signal.aborted || performance.now() < last.at) continue;
        const waitMs = (await sealFirm(firm)) > 0 ? EVERY_MS : Math.min(SELDOM_MS, last.waitMs * 1.5);
        due.set(firm, { at: performance.now() + waitMs, waitMs });
      }
    } catch (error) {
      log.error("the sealer cannot go on for now", { job: "seal-events", ...failureFields(error) });
    }
    await delay(EVERY_MS / 4, undefined, { signal }).catch(() => undefined);
  }
}

/** Seals what a firm has, also a long backlog; a failure is the firm's own and tried again at its next turn. */
async function sealFirm(tenantId: string): Promise<number> {
  let total = 0;
  try {
    for (let count = 1; count > 0; total += count) count = await sealEvents(jobCtx(tenantId, "seal-events"));
  } catch (error) {
    log.error("a firm's events could not be sealed", { job: "seal-events", tenantId, ...failureFields(error) });
  }
  return total;
}
