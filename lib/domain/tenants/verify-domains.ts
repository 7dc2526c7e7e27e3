import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { checkDomain } from "./verify-domain";

/** How long a domain that was added is looked for without anyone asking. */
export const WAITING_CHECKED_MS = 7 * 86_400_000;
/** Less than the hour and the day between two looks, so that a slot which comes a little early skips nobody. */
const WAITING_EVERY_MS = 50 * 60_000;
const VERIFIED_EVERY_MS = 23.5 * 3_600_000;
/** At once: a firm has at most ten domains, and one with slow name servers must not hold up the next firm. */
const AT_ONCE = 5;

/**
 * Looks for the records of a firm's domains by schedule: waiting ones every hour for a week, verified ones once a day. Says how many it looked for. Safe to
 * run twice: a domain that was just looked for is not due.
 */
export async function verifyDomains(ctx: Ctx): Promise<number> {
  const now = ctx.clock.now().getTime();
  const ago = (ms: number) => new Date(now - ms);
  const notSince = (ms: number) => ({ OR: [{ checkedAt: null }, { checkedAt: { lte: ago(ms) } }] });
  const due = await inTenant(ctx, (tx) =>
    tx.domain.findMany({
      where: {
        tenantId: ctx.tenantId,
        OR: [
          { verifiedAt: null, createdAt: { gt: ago(WAITING_CHECKED_MS) }, ...notSince(WAITING_EVERY_MS) },
          { verifiedAt: { not: null }, ...notSince(VERIFIED_EVERY_MS) },
        ],
      },
      select: { id: true },
    }),
  );
  for (let at = 0; at < due.length; at += AT_ONCE) {
    await Promise.all(due.slice(at, at + AT_ONCE).map(({ id }) => checkDomain(ctx, id, { isAsked: false })));
  }
  return due.length;
}
