import { Prisma, type Tx } from "@/lib/platform/db";
import { takeOnce } from "@/lib/platform/rate-limit";
import type { Ctx } from "../context/ctx";
import { enqueue } from "../context/enqueue";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { type Askable, listAskable } from "./askable";
import { SYNC_PROVIDERS } from "./providers";
import type { SyncProviders } from "./sync-provider";

const MINUTE = 60_000;
const AT_ONCE = 500;
/** A link that was given a job gets no other while that one waits in a long queue. */
const LINK_REST_MS = 10 * MINUTE;
/** Ours and theirs are compared so often. */
const COMPARE_EVERY_MS = 24 * 60 * MINUTE;
/** A comparison that failed is tried again no sooner. */
const COMPARE_REST_SECONDS = 3600;

/**
 * Gives a job to everything that is due at other services: pulls, links to try again, deliveries that nobody has handled, comparisons of the day. A job that was
 * lost is never a lost change: whatever is due stays due until it is done, and a second job for it does no harm. Run each minute; says how many jobs.
 */
export async function syncDue(ctx: Ctx, providers: SyncProviders = SYNC_PROVIDERS): Promise<number> {
  requirePermission(ctx, "connections:manage");
  const due = await inTenant(ctx, async (tx) => {
    const connections = await listAskable(tx, ctx);
    if (connections.length === 0) return null;
    const ids = connections.map(({ connectionId }) => connectionId);
    const pulls = (await dueCursors(tx, ctx, ids)) + (await neverBegun(tx, ctx, connections, providers));
    const links = await dueLinks(tx, ctx, ids);
    const deliveries = await lostDeliveries(tx, ctx);
    return { jobs: pulls + links + deliveries, compared: await dueComparisons(tx, ctx, ids) };
  });
  if (!due) return 0;
  return due.jobs + (await askToCompare(ctx, due.compared));
}

async function dueCursors(tx: Tx, { tenantId, clock }: Ctx, connectionIds: string[]): Promise<number> {
  const now = clock.now();
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT id FROM sync_cursor WHERE tenant_id = ${tenantId}::uuid AND connection_id = ANY(${connectionIds}::uuid[]) AND next_run_at <= ${now}
      AND (claimed_until IS NULL OR claimed_until <= ${now}) ORDER BY next_run_at LIMIT ${AT_ONCE}`);
  const jobs = rows.map(({ id }) => ({ tenantId, cursorId: id }));
  await enqueue(tx, "sync.run", jobs);
  return jobs.length;
}

/** Connections without a single cursor: the job that should have begun them was lost. It may take minutes by itself. */
async function neverBegun(
  tx: Tx,
  { tenantId, clock }: Ctx,
  connections: readonly Askable[],
  providers: SyncProviders,
): Promise<number> {
  const pulled = connections.filter(({ provider }) => (providers[provider]?.resources.length ?? 0) > 0);
  const ids = pulled.map(({ connectionId }) => connectionId);
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT k.id FROM connection k WHERE k.tenant_id = ${tenantId}::uuid AND k.id = ANY(${ids}::uuid[])
      AND k.connected_at < ${new Date(clock.now().getTime() - 5 * MINUTE)}
      AND NOT EXISTS (SELECT 1 FROM sync_cursor c WHERE c.tenant_id = k.tenant_id AND c.connection_id = k.id)`);
  const jobs = rows.map(({ id }) => ({ tenantId, connectionId: id }));
  await enqueue(tx, "sync.connected", jobs);
  return jobs.length;
}

/** Links of consultations that are due. Those of leads are found by the pull that writes leads. */
async function dueLinks(tx: Tx, { tenantId, clock }: Ctx, connectionIds: string[]): Promise<number> {
  const now = clock.now();
  const rows = await tx.$queryRaw<{ consultationId: string }[]>(Prisma.sql`
    UPDATE sync_link SET next_attempt_at = ${new Date(now.getTime() + LINK_REST_MS)} WHERE tenant_id = ${tenantId}::uuid AND id IN (
      SELECT l.id FROM sync_link l WHERE l.tenant_id = ${tenantId}::uuid AND l.connection_id = ANY(${connectionIds}::uuid[])
        AND l.next_attempt_at <= ${now} AND l.consultation_id IS NOT NULL AND (l.claimed_until IS NULL OR l.claimed_until <= ${now})
      ORDER BY l.next_attempt_at LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED)
    RETURNING consultation_id AS "consultationId"`);
  const jobs = [...new Set(rows.map(({ consultationId }) => consultationId))].map((consultationId) => ({
    tenantId,
    consultationId,
  }));
  await enqueue(tx, "sync.consultation", jobs);
  return jobs.length;
}

/**
 * Deliveries that wait for longer than a minute: again after one, two, four, ... minutes and then every hour, so that an outage is not answered with a crowd.
 * Each is of an age of so many whole minutes during one run only.
 */
async function lostDeliveries(tx: Tx, { tenantId, clock }: Ctx): Promise<number> {
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT id FROM (
      SELECT id, received_at, floor(extract(epoch FROM ${clock.now()}::timestamptz - received_at) / 60)::int AS age FROM webhook_delivery
      WHERE tenant_id = ${tenantId}::uuid AND handled_at IS NULL) AS waiting
    WHERE age IN (1, 2, 4, 8, 16, 32) OR (age > 0 AND age % 60 = 0) ORDER BY received_at LIMIT ${AT_ONCE}`);
  const jobs = rows.map(({ id }) => ({ tenantId, deliveryId: id }));
  await enqueue(tx, "webhook.handle", jobs);
  return jobs.length;
}

/** Connections whose first pull is through and whose last comparison is a day old. */
async function dueComparisons(tx: Tx, { tenantId, clock }: Ctx, connectionIds: string[]): Promise<string[]> {
  const before = new Date(clock.now().getTime() - COMPARE_EVERY_MS);
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT k.id FROM connection k
    WHERE k.tenant_id = ${tenantId}::uuid AND k.id = ANY(${connectionIds}::uuid[])
      AND NOT EXISTS (SELECT 1 FROM sync_cursor c WHERE c.tenant_id = k.tenant_id AND c.connection_id = k.id AND c.phase = 'backfill')
      AND NOT EXISTS (SELECT 1 FROM drift_report d WHERE d.tenant_id = k.tenant_id AND d.connection_id = k.id AND d.checked_at > ${before})`);
  return rows.map(({ id }) => id);
}

/** Outside the transaction: a slot of the hour is taken where every process sees it, and one that was taken for nothing costs an hour. */
async function askToCompare(ctx: Ctx, connectionIds: readonly string[]): Promise<number> {
  const { tenantId } = ctx;
  const asked: string[] = [];
  for (const id of connectionIds) if (await takeOnce("sync.compare", id, COMPARE_REST_SECONDS)) asked.push(id);
  const jobs = asked.map((connectionId) => ({ tenantId, connectionId }));
  if (jobs.length > 0) await inTenant(ctx, (tx) => enqueue(tx, "sync.compare", jobs));
  return jobs.length;
}
