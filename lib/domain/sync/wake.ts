import type { ConnectorName } from "@/lib/core/connectors";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { enqueue } from "../context/enqueue";

/**
 * Makes a resource due now and enqueues its job, in the caller's transaction. Nothing when the service is not connected. While the service does not
 * answer, the resource keeps the time of its next try: a storm of webhooks must not become a storm of calls. A pull that is under way notices that it was
 * woken and is followed by another.
 */
export async function wake(tx: Tx, ctx: Ctx, provider: ConnectorName, resource: string): Promise<void> {
  const { tenantId } = ctx;
  const now = ctx.clock.now();
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    UPDATE sync_cursor c SET next_run_at = ${now} FROM connection k
    WHERE c.tenant_id = ${tenantId}::uuid AND c.resource = ${resource} AND k.tenant_id = c.tenant_id AND k.id = c.connection_id
      AND k.provider = ${provider} AND k.state = 'connected'
      AND (c.problem IS NULL OR c.problem NOT IN ('unavailable', 'quota') OR c.next_run_at <= ${now} OR c.claimed_until > ${now})
    RETURNING c.id`);
  await enqueue(
    tx,
    "sync.run",
    rows.map(({ id }) => ({ tenantId, cursorId: id })),
  );
}
