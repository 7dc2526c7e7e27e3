import { CLOSED_STATUSES } from "@/lib/core/lead-status";
import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { requestLookups } from "../leads/request-lookups";

/**
 * Asks again for contacts of open leads whose answer has grown stale, and for those whose check failed and has rested long enough: after an outage of a
 * provider nobody has to press a button. Needs `enrich:run`; says how many checks were asked for.
 */
export async function recheckContacts(ctx: Ctx, { limit = 500 }: { limit?: number } = {}): Promise<number> {
  requirePermission(ctx, "enrich:run");
  const now = ctx.clock.now();
  return inTenant(ctx, async (tx) => {
    const due = await tx.$queryRaw<{ lead_id: string; contact_id: string }[]>(Prisma.sql`
      SELECT e.lead_id, e.contact_id FROM enrichment e
      JOIN lead l ON l.tenant_id = e.tenant_id AND l.id = e.lead_id
      WHERE e.tenant_id = ${ctx.tenantId}::uuid AND l.status <> ALL(${CLOSED_STATUSES}) AND l.withdrawn_at IS NULL
        AND (e.state IN ('found', 'not_found') AND e.expires_at <= ${now}
          OR e.state IN ('failed', 'refused') AND e.next_attempt_at <= ${now})
        AND NOT EXISTS (SELECT 1 FROM enrichment x WHERE x.tenant_id = e.tenant_id AND x.contact_id = e.contact_id
          AND x.provider = e.provider AND (x.requested_at, x.id) > (e.requested_at, e.id))
      ORDER BY coalesce(e.expires_at, e.next_attempt_at), e.id LIMIT ${limit}`);
    if (due.length === 0) return 0;
    const leadIds = [...new Set(due.map((row) => row.lead_id))];
    const contactIds = due.map((row) => row.contact_id);
    const tally = await requestLookups(tx, ctx, leadIds, { contactIds });
    return [...tally.values()].reduce((sum, counts) => sum + counts.queued, 0);
  });
}
