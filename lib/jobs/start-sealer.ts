import { setTimeout as delay } from "node:timers/promises";
import { SEALED_AT_ONCE, sealEvents } from "@/lib/domain/events/seal-events";
import { listUnsealedFirms } from "@/lib/domain/events/unsealed-firms";
import { failureFields, log } from "@/lib/platform/log";
import { jobCtx, listFirmIds } from "./job-ctx";

const EVERY_MS = 2000;
/** A firm whose turn sealed nothing, and the question itself, wait this long at most: well within the minute after which an unsealed event is an alarm. */
const SELDOM_MS = 20_000;
const FIRMS_EVERY_MS = 30_000;
/**
 * The question takes longer the more firms there are, and each job runner asks it: a database answers one of them for this share of the time at most, up to a rest of
 * SELDOM_MS.
 */
const SHARE_OF_LOOKING = 0.05;

/** How long to wait after a question which firms have something to seal that took so long. */
export const restAfterLook = (tookMs: number): number =>
  Math.min(SELDOM_MS, Math.max(EVERY_MS, tookMs / SHARE_OF_LOOKING));

/**
 * Seals the events of every firm, shut ones too, each about two seconds after they were committed, later where the question takes long. Several processes may run
 * this: a lock in the database lets one at a time seal a firm. Stops after the firm under way when `signal` says so.
 */
export async function runSealer(signal: AbortSignal): Promise<void> {
  const resting = new Map<string, { until: number; waitMs: number }>();
  let firms: string[] = [];
  let listedAt = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    let restMs = EVERY_MS;
    let askedAt = performance.now();
    try {
      if (performance.now() - listedAt > FIRMS_EVERY_MS) {
        firms = await listFirmIds({ shutOnesToo: true });
        listedAt = performance.now();
      }
      askedAt = performance.now();
      const unsealed = await listUnsealedFirms(firms);
      restMs = restAfterLook(performance.now() - askedAt);
      for (const firm of unsealed) {
        const last = resting.get(firm);
        if (signal.aborted || performance.now() < (last?.until ?? 0)) continue;
        if ((await sealFirm(firm)) > 0) resting.delete(firm);
        else {
          // Another process is at it, or it failed.
          const waitMs = Math.min(SELDOM_MS, (last?.waitMs ?? EVERY_MS) * 1.5);
          resting.set(firm, { until: performance.now() + waitMs, waitMs });
        }
      }
    } catch (error) {
      restMs = restAfterLook(performance.now() - askedAt);
      log.error("the sealer cannot go on for now", { job: "seal-events", ...failureFields(error) });
    }
    await delay(restMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Seals what a firm has, also a long backlog; a failure is the firm's own and tried again at its next turn. */
async function sealFirm(tenantId: string): Promise<number> {
  let total = 0;
  try {
    for (let count = SEALED_AT_ONCE; count === SEALED_AT_ONCE; total += count)
      count = await sealEvents(jobCtx(tenantId, "seal-events"));
  } catch (error) {
    log.error("a firm's events could not be sealed", { job: "seal-events", tenantId, ...failureFields(error) });
  }
  return total;
}
