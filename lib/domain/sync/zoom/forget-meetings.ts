import { Prisma, type Tx } from "@/lib/platform/db";
import { setMeeting } from "../../bookings/set-meeting";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvents } from "../../events/record-events";

const BATCH = 200;

/**
 * Erases what came from Zoom and stands outside the connection: the links to its meetings, and who was in them from when to when. Once the connection is gone Zoom cannot
 * tell us any more to do so. That the person came stays, counted. Safe to run twice.
 */
export async function forgetMeetings(ctx: Ctx): Promise<void> {
  while ((await inTenant(ctx, (tx) => eraseLinks(tx, ctx))) === BATCH);
  while ((await inTenant(ctx, (tx) => eraseStays(tx, ctx))) === BATCH);
}

/** Takes the links of Zoom off consultations; says of how many. */
async function eraseLinks(tx: Tx, ctx: Ctx): Promise<number> {
  const rows = await tx.consultation.findMany({
    where: { tenantId: ctx.tenantId, joinUrlFrom: "zoom" },
    select: { id: true },
    orderBy: { id: "asc" },
    take: BATCH,
  });
  for (const { id } of rows) await setMeeting(tx, ctx, id, null);
  return rows.length;
}

async function eraseStays(tx: Tx, ctx: Ctx): Promise<number> {
  const { tenantId } = ctx;
  const of = await tx.$queryRaw<{ id: string; leadId: string }[]>(Prisma.sql`
    SELECT DISTINCT consultation_id AS id, lead_id AS "leadId" FROM attendance_interval WHERE tenant_id = ${tenantId}::uuid LIMIT ${BATCH}`);
  await tx.attendanceInterval.deleteMany({ where: { tenantId, consultationId: { in: of.map(({ id }) => id) } } });
  await recordEvents(
    tx,
    ctx,
    of.map(({ id, leadId }) => ({
      type: "consultation.changed" as const,
      leadId,
      data: { consultationId: id, fields: ["stays"] },
    })),
  );
  return of.length;
}
