import { getAppointment } from "@/lib/integrations/acuity";
import type { Tx } from "@/lib/platform/db";
import { applyBooking, type Because, beginLook, endLook } from "../../bookings/apply-booking";
import { findConsultation } from "../../bookings/consultation-row";
import type { SeenBooking } from "../../bookings/seen-booking";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { findConnection } from "../../tenants/connections/connections";
import { withAccess } from "../../tenants/connections/with-access";
import { type BookingHint, closeHint } from "./booking-hint";
import { recordFetch } from "./record-exchange";
import { toGone, toSeen } from "./seen-appointment";

/**
 * Looks at one appointment and stores what is there now. Takes its place in the order of looks before it asks, so that of two looks at once the one that began
 * later has the last word. An appointment that Acuity does not know any more is canceled. A look for a connection that the firm has no more does nothing.
 * @throws VendorError, AppError `not_configured`
 */
export async function lookAtBooking(ctx: Ctx, hint: BookingHint, because: Because = "webhook"): Promise<void> {
  const { connectionId, sourceId } = hint;
  const look = await inTenant(ctx, async (tx) => {
    const connection = await findConnection(tx, ctx, "acuity");
    if (connection?.id !== connectionId) return null;
    await closeHint(tx, ctx, hint);
    return beginLook({ ...ctx, tx }, "acuity", sourceId);
  });
  if (look === null) return;
  const appointment = await withAccess(ctx, "acuity", (access) => getAppointment(access, sourceId));
  const items = appointment === null ? 0 : 1;
  const seen = appointment === null ? await findGone(ctx, sourceId) : toSeen(appointment);
  const fetched = (tx: Tx) => recordFetch(tx, ctx, { connectionId, resource: "appointments", items, because });
  if (seen === null) {
    return inTenant(ctx, async (tx) => {
      await fetched(tx);
      await endLook(tx, ctx, { origin: "acuity", sourceId }, look);
    });
  }
  await applyBooking(ctx, seen, look, because, fetched);
}

/**
 * What we hold of an appointment that Acuity does not know; null when it was booked before this connection was made. A firm that connects another account there
 * has old bookings that the new account never knew, and they take place all the same.
 */
function findGone(ctx: Ctx, sourceId: string): Promise<SeenBooking | null> {
  return inTenant(ctx, async (tx) => {
    const held = await tx.consultation.findUnique({
      where: { tenantId_origin_sourceId: { tenantId: ctx.tenantId, origin: "acuity", sourceId } },
      select: { id: true, createdAt: true },
    });
    const connection = await findConnection(tx, ctx, "acuity");
    if (!held || !connection || held.createdAt < connection.connectedAt) return null;
    const row = await findConsultation(tx, ctx, held.id);
    return row && toGone(ctx, row);
  });
}
