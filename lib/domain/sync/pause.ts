import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";

/** Problems that pass by themselves: while one lasts, everything of the connection waits. */
const PASSING = ["unavailable", "quota"];

/**
 * Lets everything else of a connection wait too, after a call that failed for the moment's sake: what is due earlier is put off until `until`. When nothing is,
 * as with a service that is asked once a day, the next resource is brought forward to that moment: somebody has to find out that the service answers again.
 */
export async function pauseConnection(
  tx: Tx,
  { tenantId }: Ctx,
  connectionId: string,
  { problem, until }: { problem: string; until: Date },
): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE sync_cursor SET problem = ${problem}, next_run_at = ${until}
    WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND next_run_at < ${until} AND claimed_until IS NULL`);
  await tx.$executeRaw(Prisma.sql`
    UPDATE sync_cursor SET problem = ${problem}, next_run_at = ${until}
    WHERE tenant_id = ${tenantId}::uuid AND id = (
      SELECT id FROM sync_cursor WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND problem IS NULL
        AND claimed_until IS NULL ORDER BY next_run_at, id LIMIT 1)
      AND NOT EXISTS (
        SELECT FROM sync_cursor WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid
          AND problem = ANY(${PASSING}) AND next_run_at >= ${until})`);
  await tx.$executeRaw(Prisma.sql`
    UPDATE sync_link SET next_attempt_at = ${until}
    WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND next_attempt_at < ${until} AND claimed_until IS NULL`);
}

/** How often the connection was tried in vain in a row, by the resource that tried most. */
export async function countTries(tx: Tx, { tenantId }: Ctx, connectionId: string): Promise<number> {
  const [row] = await tx.$queryRaw<{ tries: number | null }[]>(Prisma.sql`
    SELECT max(attempts) AS tries FROM sync_cursor
    WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND problem = ANY(${PASSING})`);
  return row?.tries ?? 0;
}

/**
 * The service answered again: what waited for that is due now. A used-up quota that a resource was told of itself keeps its time, and so does what failed for
 * any other reason.
 */
export async function resumeConnection(tx: Tx, { tenantId, clock }: Ctx, connectionId: string): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE sync_cursor SET problem = NULL, next_run_at = ${clock.now()}
    WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND claimed_until IS NULL
      AND (problem = 'unavailable' OR (problem = ANY(${PASSING}) AND attempts = 0))`);
}

/** Until when nothing should be asked through a connection; null when it may be asked now. */
export async function findPause(tx: Tx, { tenantId, clock }: Ctx, connectionId: string): Promise<Date | null> {
  const [row] = await tx.$queryRaw<{ until: Date | null }[]>(Prisma.sql`
    SELECT min(next_run_at) AS until FROM sync_cursor
    WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND problem = ANY(${PASSING}) AND next_run_at > ${clock.now()}`);
  return row?.until ?? null;
}
