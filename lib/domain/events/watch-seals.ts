import { AUDIT_ALARM_WORDS } from "@/lib/core/audit-alarm";
import { afterCommit, Prisma, type Tx } from "@/lib/platform/db";
import { log } from "@/lib/platform/log";
import { countMetrics } from "@/lib/platform/metrics";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { alarmsOf } from "./audit-alarms";
import { findWatch, noteFindings } from "./audit-watch";

/**
 * Looks how far sealing and signing are behind in the firm, notes it, and raises each alarm there is in the log, every minute until it is over. Says
 * how many alarms there are.
 */
export function watchSeals(ctx: Ctx): Promise<number> {
  return inTenant(ctx, async (tx) => {
    const now = ctx.clock.now();
    const known = await findWatch(tx, ctx);
    const unsealedSince = await findUnsealedSince(tx, ctx);
    const headDueSince = await findHeadDueSince(tx, ctx, Number(known?.headSequence ?? 0));
    await noteFindings(tx, ctx, { watchedAt: now, unsealedSince, headDueSince });
    const { createdAt } = await tx.tenant.findUniqueOrThrow({
      where: { id: ctx.tenantId },
      select: { createdAt: true },
    });
    const alarms = alarmsOf(
      {
        createdAt,
        watchedAt: now,
        unsealedSince,
        headDueSince,
        verifiedAt: known?.verifiedAt ?? null,
        problem: known?.problem ?? null,
        problemSince: known?.problemSince ?? null,
      },
      now,
    );
    for (const { kind, since } of alarms) {
      const durationMs = since ? now.getTime() - since.getTime() : undefined;
      log.error(`audit alarm: ${AUDIT_ALARM_WORDS[kind]}`, {
        event: "audit_alarm",
        kind,
        tenantId: ctx.tenantId,
        durationMs,
      });
    }
    afterCommit(tx, () => countMetrics({ AuditAlarms: alarms.length }));
    return alarms.length;
  });
}

/** When the first event behind the last seal happened. */
async function findUnsealedSince(tx: Tx, { tenantId }: Ctx): Promise<Date | null> {
  // Asked for first, as the sealer does: an expression in the comparison is not looked up in the index behind row-level security (see unsealed_firms).
  const [last] = await tx.$queryRaw<{ txid: string; eventId: string }[]>(Prisma.sql`
    SELECT recorded_txid::text AS txid, event_id AS "eventId" FROM event_seal
    WHERE tenant_id = ${tenantId}::uuid ORDER BY sequence DESC LIMIT 1`);
  const after = last ? Prisma.sql`AND (recorded_txid, id) > (${last.txid}::xid8, ${last.eventId}::uuid)` : Prisma.empty;
  const [row] = await tx.$queryRaw<{ at: Date }[]>(Prisma.sql`
    SELECT occurred_at AS at FROM event WHERE tenant_id = ${tenantId}::uuid ${after} ORDER BY recorded_txid, id LIMIT 1`);
  return row?.at ?? null;
}

/** When the first event was sealed that no signed head covers. */
async function findHeadDueSince(tx: Tx, { tenantId }: Ctx, head: number): Promise<Date | null> {
  const [row] = await tx.$queryRaw<{ at: Date }[]>`
    SELECT sealed_at AS at FROM event_seal WHERE tenant_id = ${tenantId}::uuid AND sequence > ${head} ORDER BY sequence LIMIT 1`;
  return row?.at ?? null;
}
