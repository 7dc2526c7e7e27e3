import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { eventHash, FIRST_LINK, type SealableEvent, sealableColumns } from "./chain";

/** Events sealed in one transaction: a long backlog is worked off in several. */
export const SEALED_AT_ONCE = 1000;

/**
 * Seals the firm's committed events into its hash chain, oldest first, and says how many there were: gap-free numbers, each hash over the one before.
 * One sealer of a firm works at a time (advisory lock); the others find nothing to do. Writers are never held up: an event becomes
 * sealable when no transaction that could still commit an earlier one is running, so the order never changes afterwards.
 */
export function sealEvents(ctx: Ctx): Promise<number> {
  return inTenant(ctx, async (tx) => {
    if (!(await takeTurn(tx, ctx))) return 0;
    const last = await findHead(tx, ctx);
    const events = await findUnsealed(tx, ctx, last);
    if (events.length === 0) return 0;
    let { sequence, hash } = last ?? { sequence: 0, hash: FIRST_LINK };
    const seals = events.map((event) => {
      sequence += 1;
      hash = eventHash({ previous: hash, sequence, tenantId: ctx.tenantId, event });
      return { sequence, event_id: event.id, recorded_txid: event.recordedTxid, hash };
    });
    await tx.$executeRaw(Prisma.sql`
      INSERT INTO event_seal (tenant_id, sequence, event_id, recorded_txid, hash, sealed_at)
      SELECT ${ctx.tenantId}::uuid, r.sequence, r.event_id, r.recorded_txid::xid8, r.hash, ${ctx.clock.now()}
      FROM jsonb_to_recordset(${JSON.stringify(seals)}::jsonb) AS r(sequence bigint, event_id uuid, recorded_txid text, hash text)`);
    return seals.length;
  });
}

async function takeTurn(tx: Tx, { tenantId }: Ctx): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ mine: boolean }[]>(Prisma.sql`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${`seal ${tenantId}`}, 0)) AS mine`);
  return row?.mine === true;
}

type Head = { sequence: number; hash: string; eventId: string; recordedTxid: string };

async function findHead(tx: Tx, { tenantId }: Ctx): Promise<Head | null> {
  const [row] = await tx.$queryRaw<(Omit<Head, "sequence"> & { sequence: bigint })[]>(Prisma.sql`
    SELECT sequence, hash, event_id AS "eventId", recorded_txid::text AS "recordedTxid" FROM event_seal
    WHERE tenant_id = ${tenantId}::uuid ORDER BY sequence DESC LIMIT 1`);
  return row ? { ...row, sequence: Number(row.sequence) } : null;
}

function findUnsealed(tx: Tx, { tenantId }: Ctx, last: Head | null): Promise<SealableEvent[]> {
  const after = last
    ? Prisma.sql`AND (recorded_txid, id) > (${last.recordedTxid}::xid8, ${last.eventId}::uuid)`
    : Prisma.empty;
  return tx.$queryRaw<SealableEvent[]>(Prisma.sql`
    SELECT ${sealableColumns} FROM event
    WHERE tenant_id = ${tenantId}::uuid AND recorded_txid < pg_snapshot_xmin(pg_current_snapshot()) ${after}
    ORDER BY recorded_txid, id LIMIT ${SEALED_AT_ONCE}`);
}
