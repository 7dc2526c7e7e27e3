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
export const forgetMeetings = (ctx: Ctx): Promise<void> => erase(ctx, { links: Prisma.empty, stays: Prisma.empty });

/**
 * The same of an account whose place another took: its connection is gone, and with it what named its meetings. A link to a meeting that is still to come stays until
 * the one that the new account makes takes its place. Safe to run at any time: what the present connection knows of is left alone.
 */
export const forgetFormerMeetings = (ctx: Ctx): Promise<void> =>
  erase(ctx, {
    links: Prisma.sql`AND c.ends_at <= ${ctx.clock.now()} AND ${UNKNOWN}`,
    stays: Prisma.sql`AND ${UNKNOWN}`,
  });

/** Of a consultation `c`: no connection knows of a meeting. */
const UNKNOWN = Prisma.sql`
  NOT EXISTS (SELECT FROM sync_link s WHERE s.tenant_id = c.tenant_id AND s.consultation_id = c.id AND s.kind = 'meeting')`;

/** Of which consultations `c`; all of the firm's when empty. */
type Which = { links: Prisma.Sql; stays: Prisma.Sql };

async function erase(ctx: Ctx, which: Which): Promise<void> {
  while ((await inTenant(ctx, (tx) => eraseLinks(tx, ctx, which.links))) === BATCH);
  while ((await inTenant(ctx, (tx) => eraseStays(tx, ctx, which.stays))) === BATCH);
}

/** Takes the links of Zoom off consultations; says of how many. */
async function eraseLinks(tx: Tx, ctx: Ctx, which: Prisma.Sql): Promise<number> {
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT c.id FROM consultation c WHERE c.tenant_id = ${ctx.tenantId}::uuid AND c.join_url_from = 'zoom' ${which} ORDER BY c.id LIMIT ${BATCH}`);
  for (const { id } of rows) await setMeeting(tx, ctx, id, null);
  return rows.length;
}

async function eraseStays(tx: Tx, ctx: Ctx, which: Prisma.Sql): Promise<number> {
  const { tenantId } = ctx;
  const of = await tx.$queryRaw<{ id: string; leadId: string }[]>(Prisma.sql`
    SELECT c.id, c.lead_id AS "leadId" FROM consultation c WHERE c.tenant_id = ${tenantId}::uuid ${which}
      AND EXISTS (SELECT FROM attendance_interval i WHERE i.tenant_id = c.tenant_id AND i.consultation_id = c.id) LIMIT ${BATCH}`);
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
