import type { ConsultationDto, MoveConsultation } from "@/lib/contracts/consultations";
import { AppError } from "@/lib/core/errors";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { recordEvents } from "../events/record-events";
import { hourOf } from "./book-consultation";
import { attendanceAfter, type ConsultationRow, openNotes } from "./consultation-row";
import { diffBooking } from "./diff-booking";
import { followElsewhere } from "./follow-lead";
import { holdOwn, requireVersion } from "./own-consultation";
import { getConsultationDto } from "./read-consultations";

const MINUTE_MS = 60_000;
const minutesOf = ({ startsAt, endsAt }: ConsultationRow) => (endsAt.getTime() - startsAt.getTime()) / MINUTE_MS;

/**
 * Moves a consultation that the firm agreed on by itself to another hour; the same hour again changes nothing. Needs `leads:write`.
 * @throws AppError `not_found`, `conflict` (another version; canceled; booked elsewhere), `unprocessable` naming `startsAt`.
 */
export async function moveOwnConsultation(ctx: Ctx, id: string, input: MoveConsultation): Promise<ConsultationDto> {
  requirePermission(ctx, "leads:write");
  return inTenant(ctx, async (tx) => {
    const row = await holdOwn(tx, ctx, id);
    const hour = hourOf(ctx, input.startsAt, input.minutes ?? minutesOf(row));
    const isSame = +hour.startsAt === +row.startsAt && +hour.endsAt === +row.endsAt;
    if (isSame) return getConsultationDto(tx, ctx, id);
    requireVersion(row, input.expectedVersion);
    if (row.state !== "scheduled") {
      throw new AppError("conflict", "This consultation does not take place. Book another one.");
    }
    await tx.consultation.update({
      where: { tenantId_id: { tenantId: ctx.tenantId, id } },
      data: { ...hour, ...attendanceAfter(row, hour.startsAt), version: { increment: 1 }, updatedAt: ctx.clock.now() },
      select: { id: true },
    });
    const before = { ...row, joinUrl: null, notes: openNotes(ctx, row) };
    const of = { consultationId: id, leadId: row.leadId };
    await recordEvents(tx, ctx, diffBooking(before, { ...before, ...hour }, of));
    await followElsewhere(tx, ctx, id);
    return getConsultationDto(tx, ctx, id);
  });
}
