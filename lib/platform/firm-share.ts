import { AsyncLocalStorage } from "node:async_hooks";

type Share = { busy: number; waiting: Set<() => void> };

/** The firms that have transactions under way in this process. */
const shares = new Map<string, Share>();
/** Whose share the work under way already holds: a transaction inside a transaction takes no second one, or some of them would wait for each other. */
const holding = new AsyncLocalStorage<string>();

/**
 * Does work of a firm with no more than `atOnce` of it under way in this process: what floods, or waits for its own locks, leaves connections to the others. Gives
 * null when no turn came within `maxWaitMs`, and then nothing was done.
 */
export async function withinShare<T>(
  tenantId: string,
  { atOnce, maxWaitMs }: { atOnce: number; maxWaitMs: number },
  work: () => Promise<T>,
): Promise<{ result: T } | null> {
  if (holding.getStore() === tenantId) return { result: await work() };
  const share = shares.get(tenantId) ?? { busy: 0, waiting: new Set() };
  shares.set(tenantId, share);
  // A turn is handed over with its place: nobody comes in between.
  if (share.busy < atOnce) share.busy += 1;
  else if (!(await turnOf(share, maxWaitMs))) return null;
  try {
    return { result: await holding.run(tenantId, work) };
  } finally {
    const [next] = share.waiting;
    if (next) next();
    else {
      share.busy -= 1;
      if (share.busy === 0) shares.delete(tenantId);
    }
  }
}

/** Waits for a turn, first come, first served; false when none came in time. */
function turnOf(share: Share, maxWaitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isTurn: boolean) => () => {
      clearTimeout(timer);
      share.waiting.delete(mine);
      resolve(isTurn);
    };
    const mine = end(true);
    const timer = setTimeout(end(false), maxWaitMs);
    share.waiting.add(mine);
  });
}
