import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { enqueue } from "../context/enqueue";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";

/** A check whose job should have come so long ago has probably lost it. */
export const LOST_AFTER_MS = 10 * 60_000;

/**
 * Gives a job to checks that are due since ten minutes and nobody is making: a job that was lost (a queue restored from a backup, a job dead-lettered after
 * crashes) is never a lost lead. A second job for one check does no harm. Needs `enrich:run`; says how many there were.
 */
export async function sweepLookups(ctx: Ctx, { limit = 1000 }: { limit?: number } = {}): Promise<number> {
  requirePermission(ctx, "enrich:run");
  const now = ctx.clock.now();
  const before = new Date(now.getTime() - LOST_AFTER_MS);
  return inTenant(ctx, async (tx) => {
    // Moving the time it is due to now keeps the next sweeps from adding a job each while the queue is merely long.
    const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
      UPDATE enrichment SET next_attempt_at = ${now} WHERE tenant_id = ${ctx.tenantId}::uuid AND id IN (
        SELECT e.id FROM enrichment e
        WHERE e.tenant_id = ${ctx.tenantId}::uuid AND e.state = 'pending' AND coalesce(e.next_attempt_at, e.requested_at) < ${before}
          AND NOT EXISTS (SELECT 1 FROM vendor_lease l
            WHERE l.tenant_id = e.tenant_id AND l.enrichment_id = e.id AND l.expires_at > ${now})
        ORDER BY e.requested_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING id`);
    const jobs = rows.map(({ id }) => ({ tenantId: ctx.tenantId, enrichmentId: id }));
    await enqueue(tx, "enrichment.lookup", jobs);
    return rows.length;
  });
}
