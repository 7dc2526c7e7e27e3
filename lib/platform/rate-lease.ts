import type { AppError } from "@/lib/core/errors";
import { type RateLimitName, takePoints, tooMany } from "./rate-limit";
import { RATE_LIMITS } from "./rate-table";

/** One limit and whom it is counted for. */
export type Taking = readonly [name: LeasedLimit, subject: string];
/** The limits that name a block: those of busy places. */
export type LeasedLimit = {
  [N in RateLimitName]: (typeof RATE_LIMITS)[N] extends { block: number } ? N : never;
}[RateLimitName];

/** Points that this process took from the store and has not given out yet; shut when the store had none left. */
type Lease = { left: number; until: number; isShut: boolean; refill?: Promise<void> };

/** Firms and keys come and go: what is not remembered is only taken from the store again. */
const MAX_LEASES = 10_000;

// One per process, also when Next loads this module in more than one bundle.
const holder = globalThis as typeof globalThis & { arrestraRateLeases?: Map<string, Lease> };
holder.arrestraRateLeases ??= new Map();
const leases = holder.arrestraRateLeases;

/**
 * Takes one point of each limit, or refuses. Points come from the store in blocks (`block` in RATE_LIMITS) and are given out in this process, so most
 * requests ask the store nothing and none asks it more than once at a time. Every point is taken from the store before it is used, so all processes
 * together never let more than `points` through in one window; what a process holds and does not use is lost to the others until the window ends,
 * so they may be refused up to (processes - 1) x (block - 1) points early, and no more.
 * @throws AppError `rate_limited`; `unavailable` when the store is down and the points in hand are used up.
 */
export async function requireLeased(takings: readonly Taking[]): Promise<void> {
  for (;;) {
    const wanting = takings.filter(([name, subject]) => !hasPoint(leaseOf(name, subject)));
    const refusal = refusalOf(wanting);
    if (refusal) throw refusal;
    if (wanting.length === 0) break;
    // However many wait for the same points, one of them asks.
    await Promise.all(wanting.map(([name, subject]) => refilled(name, subject)));
  }
  for (const taking of takings) leaseOf(...taking).left -= 1;
}

/** The refusal of the first of these limits that this process knows to be used up, or null; takes no point and asks nobody. */
export function refusalOf(takings: readonly Taking[]): AppError | null {
  const shut = takings.find(([name, subject]) => leaseOf(name, subject).isShut);
  return shut ? tooMany(shut[0], Math.max(1, Math.ceil((leaseOf(...shut).until - performance.now()) / 1000))) : null;
}

/** Forgets every point in hand, for tests. */
export const dropLeases = (): void => leases.clear();

function leaseOf(name: LeasedLimit, subject: string): Lease {
  const key = `${name}:${subject}`;
  const known = leases.get(key);
  if (known && (known.refill || known.until > performance.now())) return known;
  leases.delete(key);
  if (leases.size >= MAX_LEASES) leases.delete(leases.keys().next().value ?? "");
  const fresh: Lease = { left: 0, until: Number.POSITIVE_INFINITY, isShut: false };
  leases.set(key, fresh);
  return fresh;
}

const hasPoint = ({ left }: Lease): boolean => left > 0;

function refilled(name: LeasedLimit, subject: string): Promise<void> {
  const lease = leaseOf(name, subject);
  lease.refill ??= takePoints(name, subject, RATE_LIMITS[name].block)
    .then(({ granted, leftMs }) => {
      lease.left = granted;
      lease.isShut = granted === 0;
      lease.until = performance.now() + leftMs;
    })
    .finally(() => {
      delete lease.refill;
    });
  return lease.refill;
}
