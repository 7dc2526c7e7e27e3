import type { ConnectorName } from "@/lib/core/connectors";
import { AppError } from "@/lib/core/errors";
import { Prisma } from "@/lib/platform/db";
import { requireRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../context/ctx";
import { enqueue } from "../context/enqueue";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { findAskable } from "./askable";

/**
 * Makes everything of a connection due now, because a person asks: pulls, links that wait for another try, and the comparison of ours with theirs. What is under
 * way is followed by another run. Needs `connections:manage`; says how many pulls were asked for.
 * @throws AppError `not_found` when the service is not connected, `not_configured` when the connection is broken, `rate_limited`
 */
export async function syncNow(ctx: Ctx, provider: ConnectorName): Promise<{ pulls: number }> {
  requirePermission(ctx, "connections:manage");
  await requireRate("sync-now.firm", ctx.tenantId);
  const { tenantId } = ctx;
  const now = ctx.clock.now();
  return inTenant(ctx, async (tx) => {
    const found = await findAskable(tx, ctx, { provider });
    if (!found) {
      const known = await tx.connection.count({ where: { tenantId, provider } });
      if (known > 0) throw new AppError("not_configured", "This connection does not work any more. Connect it again.");
      throw new AppError("not_found", "This service is not connected.");
    }
    const { connectionId } = found;
    const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
      UPDATE sync_cursor SET next_run_at = ${now}, problem = NULL, attempts = 0
      WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid RETURNING id`);
    await tx.$executeRaw(Prisma.sql`
      UPDATE sync_link SET next_attempt_at = ${now}, attempts = 0, state = CASE WHEN state <> 'failed' THEN state
        WHEN external_id IS NULL THEN 'pending' ELSE 'linked' END
      WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND claimed_until IS NULL AND problem IS NOT NULL`);
    await enqueue(
      tx,
      "sync.run",
      rows.map(({ id }) => ({ tenantId, cursorId: id })),
    );
    await enqueue(tx, "sync.compare", [{ tenantId, connectionId }]);
    return { pulls: rows.length };
  });
}
