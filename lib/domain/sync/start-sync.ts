import { newId } from "@/lib/core/ids";
import { Prisma, type Tx } from "@/lib/platform/db";
import { followUpcoming } from "../bookings/follow-upcoming";
import type { Ctx } from "../context/ctx";
import { enqueue } from "../context/enqueue";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { findAskable } from "./askable";
import { SYNC_PROVIDERS } from "./providers";
import { isOutage, isOwnPace } from "./retry-at";
import type { SyncProvider, SyncProviders } from "./sync-provider";

/** The rest is found by the clock. */
const HANDLED_AT_ONCE = 500;

/**
 * What follows a connection that was made or made again: subscribes to what the service tells by itself, then makes every resource due and gives each its
 * job; what failed before is tried again, what was told meanwhile is handled, and upcoming consultations are brought over. Safe to run twice. When subscribing
 * fails, that is thrown, so that the job tries it again; what was never begun begins all the same. While the service does not answer, what began before is left
 * as it is: this job comes again and again then, and must not end the pauses of the others nor bring every consultation over anew each time.
 */
export async function startSync(
  ctx: Ctx,
  connectionId: string,
  providers: SyncProviders = SYNC_PROVIDERS,
): Promise<void> {
  requirePermission(ctx, "connections:manage");
  const found = await inTenant(ctx, (tx) => findAskable(tx, ctx, { connectionId }));
  const provider = found && providers[found.provider];
  if (!provider) return;
  const failure = await begin(ctx, provider, connectionId);
  const isAway = failure !== null && (isOutage(failure.error) || isOwnPace(failure.error));
  await inTenant(ctx, async (tx) => {
    // Disconnected meanwhile: there is nothing to begin.
    if (!(await findAskable(tx, ctx, { connectionId }))) return;
    if (isAway && (await tx.syncCursor.count({ where: { tenantId: ctx.tenantId, connectionId } })) > 0) return;
    const cursorIds = await makeDue(tx, ctx, connectionId, provider);
    const { tenantId } = ctx;
    await enqueue(
      tx,
      "sync.run",
      cursorIds.map((cursorId) => ({ tenantId, cursorId })),
    );
    await tryLinksAgain(tx, ctx, connectionId);
    await handleWaiting(tx, ctx, connectionId);
    if (provider.mirror) await followUpcoming(tx, ctx);
  });
  if (failure) throw failure.error;
}

async function begin(ctx: Ctx, provider: SyncProvider, connectionId: string): Promise<{ error: unknown } | null> {
  try {
    await provider.begin?.(ctx, connectionId);
    return null;
  } catch (error) {
    return { error };
  }
}

async function makeDue(
  tx: Tx,
  { tenantId, clock }: Ctx,
  connectionId: string,
  { resources }: SyncProvider,
): Promise<string[]> {
  if (resources.length === 0) return [];
  const now = clock.now();
  const rows = resources.map(
    ({ name }) =>
      Prisma.sql`(${tenantId}::uuid, ${newId()}::uuid, ${connectionId}::uuid, ${name}, ${now}::timestamptz)`,
  );
  const cursors = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    INSERT INTO sync_cursor (tenant_id, id, connection_id, resource, next_run_at) VALUES ${Prisma.join(rows)}
    ON CONFLICT (tenant_id, connection_id, resource) DO UPDATE SET next_run_at = EXCLUDED.next_run_at, attempts = 0, problem = NULL
    RETURNING id`);
  return cursors.map(({ id }) => id);
}

async function tryLinksAgain(tx: Tx, { tenantId, clock }: Ctx, connectionId: string): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE sync_link SET next_attempt_at = ${clock.now()}, attempts = 0, state = CASE WHEN external_id IS NULL THEN 'pending' ELSE 'linked' END
    WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND claimed_until IS NULL
      AND (state = 'failed' OR problem IS NOT NULL)`);
}

/** What was told while the connection was broken. As long as a hint is open, a new one of the same thing is taken for the same. */
async function handleWaiting(tx: Tx, { tenantId }: Ctx, connectionId: string): Promise<void> {
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT id FROM webhook_delivery WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND handled_at IS NULL
    ORDER BY received_at LIMIT ${HANDLED_AT_ONCE}`);
  await enqueue(
    tx,
    "webhook.handle",
    rows.map(({ id }) => ({ tenantId, deliveryId: id })),
  );
}
