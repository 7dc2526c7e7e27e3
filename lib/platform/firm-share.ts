import { AsyncLocalStorage } from "node:async_hooks";

type Waiter = { atOnce: number; go: () => void };
type Share = { busy: number; waiting: Set<Waiter> };

/**
 * The firms that have connections in use in this process, and whose share the work under way already holds: a transaction inside a transaction takes no second one, or
 * some of them would wait for each other.
 */
type House = { shares: Map<string, Share>; holding: AsyncLocalStorage<string> };

// One per process, also when Next loads this module in more than one bundle: so is the pool that is shared.
const holder = globalThis as typeof globalThis & { arrestraShares?: House };
holder.arrestraShares ??= { shares: new Map(), holding: new AsyncLocalStorage() };
const { shares, holding } = holder.arrestraShares;

/** How many of a firm may be under way for this one to begin, it included, and how long it waits for that. */
export type Turn = { atOnce: number; maxWaitMs: number };

/**
 * Does work of a firm with no more than `atOnce` of it under way in this process: what floods, or waits for its own locks, leaves connections to the others. Gives
 * null when no turn came within `maxWaitMs`, and then nothing was done.
 */
export async function withinShare<T>(
  tenantId: string,
  turn: Turn,
  work: () => Promise<T>,
): Promise<{ result: T } | null> {
  if (holding.getStore() === tenantId) return { result: await work() };
  const giveBack = await takeTurn(tenantId, turn);
  if (!giveBack) return null;
  try {
    return { result: await holding.run(tenantId, work) };
  } finally {
    giveBack();
  }
}

/** The same for what has no end that could be awaited here: gives what gives the turn back, once, or null when none came in time. */
export async function takeTurn(tenantId: string, { atOnce, maxWaitMs }: Turn): Promise<(() => void) | null> {
  const share = shares.get(tenantId) ?? { busy: 0, waiting: new Set() };
  shares.set(tenantId, share);
  if (share.busy < atOnce) share.busy += 1;
  else if (!(await turnOf(share, { atOnce, maxWaitMs }))) return null;
  let isOurs = true;
  return () => {
    if (isOurs) giveBack(tenantId, share);
    isOurs = false;
  };
}

function giveBack(tenantId: string, share: Share): void {
  share.busy -= 1;
  const next = [...share.waiting].find(({ atOnce }) => share.busy < atOnce);
  if (next) {
    // A turn is handed over with its place: nobody comes in between.
    share.busy += 1;
    next.go();
  } else if (share.busy === 0 && share.waiting.size === 0) shares.delete(tenantId);
}

/** Waits for a turn, first come, first served; false when none came in time. */
function turnOf(share: Share, { atOnce, maxWaitMs }: Turn): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isTurn: boolean) => () => {
      clearTimeout(timer);
      share.waiting.delete(mine);
      resolve(isTurn);
    };
    const mine = { atOnce, go: end(true) };
    const timer = setTimeout(end(false), maxWaitMs);
    share.waiting.add(mine);
  });
}
