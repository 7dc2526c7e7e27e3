import type { ConsultationDto, RelinkConsultation } from "@/lib/contracts/consultations";
import { livenessOf } from "@/lib/core/consultation-status";
import { AppError } from "@/lib/core/errors";
import { isId } from "@/lib/core/ids";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { recordEvents } from "../events/record-events";
import { holdLeads } from "../leads/move-lead";
import { holdConsultation } from "./consultation-row";
import { followBooking, followElsewhere } from "./follow-lead";
import { moveContacts } from "./keep-contacts";
import { getConsultationDto } from "./read-consultations";

/**
 * Puts a consultation under the lead that it belongs to, with its reminders, its attendance, what stands for it elsewhere, and the contacts that it brought. The
 * statuses of both leads follow, and both histories have it. From then on it stays there, whatever a later look finds. The same lead again changes nothing. Needs
 * `leads:write`.
 * @throws AppError `not_found` for the consultation or the lead, also outside the member's scope.
 */
export async function relinkConsultation(ctx: Ctx, id: string, input: RelinkConsultation): Promise<ConsultationDto> {
  requirePermission(ctx, "leads:write");
  const { tenantId } = ctx;
  return inTenant(ctx, async (tx) => {
    const row = await holdConsultation(tx, ctx, id);
    const { leadId: toLeadId } = input;
    const fromLeadId = row.leadId;
    const held = isId(toLeadId) ? await holdLeads(tx, ctx, [fromLeadId, toLeadId]) : new Map();
    if (!held.has(toLeadId)) throw new AppError("not_found", "No such lead.");
    if (fromLeadId === toLeadId) return getConsultationDto(tx, ctx, id);
    await tx.consultation.update({
      where: { tenantId_id: { tenantId, id } },
      data: { leadId: toLeadId, version: { increment: 1 }, updatedAt: ctx.clock.now() },
      select: { id: true },
    });
    const hanging = { where: { tenantId, consultationId: id }, data: { leadId: toLeadId } };
    await tx.reminder.updateMany(hanging);
    await tx.attendanceInterval.updateMany(hanging);
    await tx.syncLink.updateMany(hanging);
    const data = { consultationId: id, fromLeadId, toLeadId };
    const events = [fromLeadId, toLeadId].map((leadId) => ({ type: "consultation.relinked" as const, leadId, data }));
    await recordEvents(tx, ctx, events);
    await moveContacts(tx, ctx, { ...row, fromLeadId, toLeadId });
    const is = livenessOf(row.state);
    const of = { consultationId: id, bookedAt: row.bookedAt };
    await followBooking(tx, ctx, { ...of, leadId: fromLeadId, was: is, is: null });
    await followBooking(tx, ctx, { ...of, leadId: toLeadId, was: null, is });
    await followElsewhere(tx, ctx, id);
    return getConsultationDto(tx, ctx, id);
  });
}
