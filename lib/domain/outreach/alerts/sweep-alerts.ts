import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";

/** So long after its time an alert is overdue: its own job came and went, or never came. */
const OVERDUE_MS = 60_000;

/** A lost job is never a lost alert: a firm with alerts that are overdue gets a job again. Needs `leads:read`; says how many are overdue. */
export async function sweepAlerts(ctx: Ctx): Promise<number> {
  requirePermission(ctx, "leads:read");
  const overdue = new Date(ctx.clock.now().getTime() - OVERDUE_MS);
  return inTenant(ctx, async (tx) => {
    const [row] = await tx.$queryRaw<{ count: number }[]>(Prisma.sql`
      SELECT count(*)::int AS count FROM lead_alert
      WHERE tenant_id = ${ctx.tenantId}::uuid AND state IN ('waiting', 'sending') AND due_at <= ${overdue}`);
    const count = row?.count ?? 0;
    if (count > 0) await enqueue(tx, "alerts.send", [{ tenantId: ctx.tenantId }]);
    return count;
  });
}
