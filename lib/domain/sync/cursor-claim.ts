import type { ConnectorName } from "@/lib/core/connectors";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { enqueue } from "../context/enqueue";
import { inTenant } from "../context/in-tenant";
import { recordEvent } from "../events/record-events";
import type { Position, Progress, SyncResource } from "./sync-provider";

/** How long a claim holds: longer than the queue lets a run take, so that it ends only when the worker died. */
const CLAIMED_MS = 150_000;

/** A cursor that this worker holds. `until` is the end of the claim and tells it from any later one. */
export type ClaimedCursor = {
  id: string;
  connectionId: string;
  provider: ConnectorName;
  resource: string;
  phase: "backfill" | "incremental";
  position: Position | null;
  problem: string | null;
  attempts: number;
  until: Date;
};

/** Somebody else has taken the cursor over meanwhile: what was read here is theirs to read again. */
export class ClaimLost extends Error {
  override readonly name = "ClaimLost";
}

/** Of an open firm, through a connection that works: anything else is not asked. Beside a cursor `c` of this firm. */
const askable = (tenantId: string) => Prisma.sql`
  k.tenant_id = ${tenantId}::uuid AND k.id = c.connection_id AND k.state = 'connected' AND t.id = ${tenantId}::uuid AND t.status = 'active'`;

/**
 * Takes a cursor that is due for one turn; null when it is not due, is held by another worker, or may not be asked. Its next time becomes the end of the
 * claim, so that it is due again when this worker dies; an earlier one found there later means that somebody woke it.
 */
export async function claimCursor(ctx: Ctx, id: string): Promise<ClaimedCursor | null> {
  const { tenantId } = ctx;
  const now = ctx.clock.now();
  const until = new Date(now.getTime() + CLAIMED_MS);
  const [row] = await inTenant(ctx, (tx) =>
    tx.$queryRaw<Omit<ClaimedCursor, "until">[]>(Prisma.sql`
      UPDATE sync_cursor c SET claimed_until = ${until}, next_run_at = ${until},
        started_at = CASE WHEN c.started_at IS NULL OR c.finished_at >= c.started_at THEN ${now}::timestamptz ELSE c.started_at END
      FROM connection k, tenant t
      WHERE c.tenant_id = ${tenantId}::uuid AND c.id = ${id}::uuid AND c.next_run_at <= ${now}
        AND (c.claimed_until IS NULL OR c.claimed_until <= ${now}) AND ${askable(tenantId)}
      RETURNING c.id, c.connection_id AS "connectionId", k.provider, c.resource, c.phase, c.position, c.problem, c.attempts`),
  );
  return row ? { ...row, until } : null;
}

/** True while the claim holds and the firm's connection may still be asked. */
export async function mayGoOn(ctx: Ctx, { id, until }: ClaimedCursor): Promise<boolean> {
  const { tenantId } = ctx;
  const rows = await inTenant(ctx, (tx) =>
    tx.$queryRaw<unknown[]>(Prisma.sql`
      SELECT 1 FROM sync_cursor c, connection k, tenant t
      WHERE c.tenant_id = ${tenantId}::uuid AND c.id = ${id}::uuid AND c.claimed_until = ${until} AND ${askable(tenantId)}`),
  );
  return rows.length > 0;
}

/**
 * Moves a claimed cursor on, in the transaction that stores what was read. At the end of a pull it is given back, due again in its time, or at once when it
 * was woken meanwhile. @throws ClaimLost, which undoes that transaction, when the cursor is another worker's or gone.
 */
export async function advanceCursor(
  tx: Tx,
  ctx: Ctx,
  claim: ClaimedCursor,
  { everyMs }: Pick<SyncResource, "everyMs">,
  { position, isDone, progress }: { position: Position; isDone: boolean; progress?: Progress | undefined },
): Promise<void> {
  const { tenantId } = ctx;
  const now = ctx.clock.now();
  const moved = Prisma.sql`position = ${JSON.stringify(position)}::jsonb, attempts = 0, problem = NULL
    ${progress ? Prisma.sql`, done = ${progress.done}::int, total = ${progress.total}::int` : Prisma.empty}`;
  const ended = Prisma.sql`, phase = 'incremental', finished_at = ${now}, claimed_until = NULL,
    next_run_at = CASE WHEN next_run_at < claimed_until THEN ${now}::timestamptz ELSE ${new Date(now.getTime() + everyMs)}::timestamptz END`;
  const [row] = await tx.$queryRaw<{ done: number; nextRunAt: Date }[]>(Prisma.sql`
    UPDATE sync_cursor SET ${moved} ${isDone ? ended : Prisma.empty}
    WHERE tenant_id = ${tenantId}::uuid AND id = ${claim.id}::uuid AND claimed_until = ${claim.until}
    RETURNING done, next_run_at AS "nextRunAt"`);
  if (!row) throw new ClaimLost("The cursor is held by another worker.");
  if (!isDone) return;
  if (row.nextRunAt <= now) await enqueue(tx, "sync.run", [{ tenantId, cursorId: claim.id }]);
  if (claim.phase === "incremental") return;
  const { connectionId, provider, resource } = claim;
  await recordEvent(tx, ctx, {
    type: "sync.backfilled",
    data: { connectionId, provider, resource, items: row.done },
  });
}

/** Gives a cursor back in the middle of a pull, with a job for the rest. */
export async function handOn(ctx: Ctx, { id, until }: ClaimedCursor): Promise<void> {
  const { tenantId } = ctx;
  await inTenant(ctx, async (tx) => {
    const count = await tx.$executeRaw(Prisma.sql`
      UPDATE sync_cursor SET claimed_until = NULL, next_run_at = ${ctx.clock.now()}
      WHERE tenant_id = ${tenantId}::uuid AND id = ${id}::uuid AND claimed_until = ${until}`);
    if (count > 0) await enqueue(tx, "sync.run", [{ tenantId, cursorId: id }]);
  });
}

/** Gives a cursor back after a failure, with its reason and its next time. False when it is another worker's by now. */
export async function putOff(
  tx: Tx,
  { tenantId }: Ctx,
  { id, until }: ClaimedCursor,
  { problem, attempts, nextRunAt }: { problem: string; attempts: number; nextRunAt: Date },
): Promise<boolean> {
  const count = await tx.$executeRaw(Prisma.sql`
    UPDATE sync_cursor SET claimed_until = NULL, problem = ${problem}, attempts = ${attempts}, next_run_at = ${nextRunAt}
    WHERE tenant_id = ${tenantId}::uuid AND id = ${id}::uuid AND claimed_until = ${until}`);
  return count > 0;
}

/** Gives a cursor back that may not be asked any more: the firm was suspended or the connection broke. It is due when that ends. */
export async function letGo(ctx: Ctx, { id, until }: ClaimedCursor): Promise<void> {
  await inTenant(ctx, (tx) =>
    tx.$executeRaw(Prisma.sql`
      UPDATE sync_cursor SET claimed_until = NULL, next_run_at = ${ctx.clock.now()}
      WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${id}::uuid AND claimed_until = ${until}`),
  );
}
