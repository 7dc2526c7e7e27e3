import type { LookupProblem } from "@/lib/contracts/providers";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";

/** How one call went, as far as the provider's health is concerned; no `problem` is an answer. */
export type Pausing = { provider: string; problem?: LookupProblem; retryAfterMs?: number };

/** So many calls of one round that come to nothing, and none that is answered, say that the provider is down rather than the call bad. */
export const BREAKER_FAILURES = 3;
/** A provider that is down is tried again with one call this often. */
export const BREAKER_MS = 30_000;
/** A provider that says "too many" without a time. */
export const THROTTLE_MS = 5000;
/** A provider that refuses our key: only a person can mend that, and a thousand tries with a wrong key look like an attack. */
export const REFUSED_KEY_MS = 600_000;

/**
 * Keeps the firm's calls from a provider that asked for quiet or is down (`vendor_budget.not_before`), and lifts that when it answers. A pause is only ever
 * made longer by other calls; once it is over, the first call that fails makes another.
 */
export async function notePause(tx: Tx, ctx: Ctx, calls: readonly Pausing[]): Promise<void> {
  const now = ctx.clock.now();
  for (const provider of [...new Set(calls.map((call) => call.provider))].sort()) {
    const round = calls.filter((call) => call.provider === provider);
    const askedMs = Math.max(0, ...round.map(quietMs));
    const down = round.filter((call) => call.problem === "timeout" || call.problem === "unavailable").length;
    const isAnswered = round.some((call) => call.problem === undefined);
    const row = Prisma.sql`tenant_id = ${ctx.tenantId}::uuid AND provider = ${provider}`;
    if (askedMs > 0) await pauseUntil(tx, row, new Date(now.getTime() + askedMs));
    else if (isAnswered) {
      await tx.$executeRaw(
        Prisma.sql`UPDATE vendor_budget SET not_before = NULL WHERE ${row} AND not_before <= ${now}`,
      );
    } else if (down > 0) {
      const isTrial = down < BREAKER_FAILURES ? Prisma.sql`AND not_before IS NOT NULL` : Prisma.empty;
      await pauseUntil(tx, Prisma.sql`${row} ${isTrial}`, new Date(now.getTime() + BREAKER_MS));
    }
  }
}

function quietMs({ problem, retryAfterMs }: Pausing): number {
  if (problem === "not_configured") return REFUSED_KEY_MS;
  return retryAfterMs ?? (problem === "throttled" ? THROTTLE_MS : 0);
}

const pauseUntil = (tx: Tx, row: Prisma.Sql, until: Date) =>
  tx.$executeRaw(Prisma.sql`UPDATE vendor_budget SET not_before = greatest(not_before, ${until}) WHERE ${row}`);
