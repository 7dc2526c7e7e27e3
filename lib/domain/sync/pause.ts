import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";

/** Problems that pass by themselves: while one lasts, everything of the connection waits. */
const PASSING = ["unavailable", "quota"];

/**
 * Lets everything else of a connection wait too, after a call that failed for the moment's sake: what is due earlier is put off until `until`. A cursor that
 * waits only for this has no attempt of its own, by which the end of the pause knows it.
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
    UPDATE sync_link SET next_attempt_at = ${until}
    WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND next_attempt_at < ${until} AND claimed_until IS NULL`);
}

/** The service answered: what waited for nothing but the pause is due now. What failed by itself keeps its own time. */
export async function resumeConnection(tx: Tx, { tenantId, clock }: Ctx, connectionId: string): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE sync_cursor SET problem = NULL, next_run_at = ${clock.now()}
    WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND attempts = 0 AND claimed_until IS NULL
      AND problem = ANY(${PASSING})`);
}

/** Until when nothing should be asked through a connection; null when it may be asked now. */
export async function findPause(tx: Tx, { tenantId, clock }: Ctx, connectionId: string): Promise<Date | null> {
  const [row] = await tx.$queryRaw<{ until: Date | null }[]>(Prisma.sql`
    SELECT min(next_run_at) AS until FROM sync_cursor
    WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND problem = ANY(${PASSING}) AND next_run_at > ${clock.now()}`);
  return row?.until ?? null;
}
