import type { CancelConsultation, ConsultationDto } from "@/lib/contracts/consultations";
import { livenessOf } from "@/lib/core/consultation-status";
import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { recordEvent } from "../events/record-events";
import { insertOfNotes, noteOf } from "../leads/lead-notes";
import { followBooking, followElsewhere } from "./follow-lead";
import { holdOwn } from "./own-consultation";
import { getConsultationDto } from "./read-consultations";

/**
 * Cancels a consultation that the firm agreed on by itself, or notes that nobody came; the lead goes back to Responded when no other one of theirs is to take
 * place. The same again changes nothing. A note is kept sealed beside the lead. Needs `leads:write`.
 * @throws AppError `not_found`, `conflict` for one that was booked elsewhere.
 */
export async function cancelOwnConsultation(ctx: Ctx, id: string, input: CancelConsultation): Promise<ConsultationDto> {
  requirePermission(ctx, "leads:write");
  return inTenant(ctx, async (tx) => {
    const row = await holdOwn(tx, ctx, id);
    const state = input.isNoShow ? "no_show" : "canceled";
    if (row.state === state) return getConsultationDto(tx, ctx, id);
    await tx.consultation.update({
      where: { tenantId_id: { tenantId: ctx.tenantId, id } },
      data: { state, version: { increment: 1 }, updatedAt: ctx.clock.now() },
      select: { id: true },
    });
    const { leadId, bookedAt } = row;
    const type = input.isNoShow ? "consultation.no_show" : "consultation.canceled";
    await recordEvent(tx, ctx, { type, leadId, data: { consultationId: id } });
    const note = noteOf("note", input.note);
    if (note) await tx.$executeRaw(Prisma.sql`${insertOfNotes(ctx, leadId, [note])}`);
    await followBooking(tx, ctx, { leadId, consultationId: id, bookedAt, was: livenessOf(row.state), is: "over" });
    await followElsewhere(tx, ctx, id);
    return getConsultationDto(tx, ctx, id);
  });
}
