import { type AuditLine, auditLogOf } from "@/lib/platform/audit-log";
import { Prisma, type Tx } from "@/lib/platform/db";
import { countMetrics } from "@/lib/platform/metrics";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";

/** Lines of one portion: what is under way when a process dies comes again. */
export const STREAM_AT_ONCE = 1000;

type SealedRow = Omit<AuditLine, "tenantId" | "sequence" | "occurredAt"> & {
  sequence: bigint;
  occurredAt: Date;
  sealedAt: Date;
};

/**
 * Writes the next sealed events of the firm once more, outside the database, and then moves the position; says how many there were. A process that ends in
 * between leaves the position, and so do all but one of several that write the same portion: a line may come twice, and none is left out.
 */
export async function streamEvents(ctx: Ctx): Promise<number> {
  const { position, rows } = await inTenant(ctx, async (tx) => {
    const at = await tx.auditStream.findUnique({ where: { tenantId: ctx.tenantId } });
    return { position: at?.sequence ?? 0n, rows: await findSealed(tx, ctx, at?.sequence ?? 0n) };
  });
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return 0;
  // Before the writing: while that fails, the number grows.
  const lagMs = ctx.clock.now().getTime() - first.sealedAt.getTime();
  countMetrics({ AuditStreamLagSeconds: Math.max(0, Math.round(lagMs / 1000)) });
  await auditLogOf().write(rows.map((row) => lineOf(ctx, row)));
  await inTenant(ctx, (tx) => movePosition(tx, ctx, position, last.sequence));
  return rows.length;
}

const lineOf = ({ tenantId }: Ctx, { sealedAt: _, ...row }: SealedRow): AuditLine => ({
  tenantId,
  ...row,
  sequence: Number(row.sequence),
  occurredAt: row.occurredAt.toISOString(),
});

function findSealed(tx: Tx, { tenantId }: Ctx, after: bigint): Promise<SealedRow[]> {
  return tx.$queryRaw<SealedRow[]>(Prisma.sql`
    SELECT s.sequence, s.event_id AS "eventId", e.type, e.actor_type AS "actorType", e.actor_id AS "actorId", e.lead_id AS "leadId",
      e.request_id AS "requestId", e.occurred_at AS "occurredAt", s.hash, s.sealed_at AS "sealedAt"
    FROM event_seal s JOIN event e ON e.tenant_id = s.tenant_id AND e.id = s.event_id
    WHERE s.tenant_id = ${tenantId}::uuid AND s.sequence > ${after}
    ORDER BY s.sequence LIMIT ${STREAM_AT_ONCE}`);
}

/** Only from where this portion began: who was slower must not take the position back. */
async function movePosition(tx: Tx, ctx: Ctx, from: bigint, to: bigint): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO audit_stream AS at (tenant_id, sequence, written_at) VALUES (${ctx.tenantId}::uuid, ${to}, ${ctx.clock.now()})
    ON CONFLICT (tenant_id) DO UPDATE SET sequence = excluded.sequence, written_at = excluded.written_at WHERE at.sequence = ${from}`);
}
