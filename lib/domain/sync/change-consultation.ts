import type { CancelConsultation, ConsultationDto, MoveConsultation } from "@/lib/contracts/consultations";
import { AppError } from "@/lib/core/errors";
import { cancelOwnConsultation } from "../bookings/cancel-own-consultation";
import { type ConsultationRow, getConsultationRow } from "../bookings/consultation-row";
import { moveOwnConsultation } from "../bookings/move-own-consultation";
import { requireVersion } from "../bookings/own-consultation";
import { getConsultationDto } from "../bookings/read-consultations";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { cancelAtAcuity, moveAtAcuity } from "./acuity/change-booking";

/**
 * Moves a consultation to another hour: one of the firm's own here, one that was booked in Acuity there, and then it is as Acuity says. The same hour again changes
 * nothing. Needs `leads:write`; outside a transaction, since Acuity may be asked.
 * @throws AppError `not_found`, `conflict` (another version; canceled; the time is taken), `unprocessable`, `vendor_unavailable`, `not_configured`
 */
export async function moveConsultation(ctx: Ctx, id: string, input: MoveConsultation): Promise<ConsultationDto> {
  const row = await findToChange(ctx, id);
  if (row.origin === "firm") return moveOwnConsultation(ctx, id, input);
  const isSame = new Date(input.startsAt).getTime() === row.startsAt.getTime() && input.minutes === undefined;
  if (!isSame) {
    requireVersion(row, input.expectedVersion);
    if (row.state !== "scheduled") {
      throw new AppError("conflict", "This consultation does not take place. Book another one.");
    }
    await moveAtAcuity(ctx, row, input);
  }
  return inTenant(ctx, (tx) => getConsultationDto(tx, ctx, id));
}

/** Cancels a consultation, or notes that nobody came: see `moveConsultation`. The same again changes nothing. */
export async function cancelConsultation(ctx: Ctx, id: string, input: CancelConsultation): Promise<ConsultationDto> {
  const row = await findToChange(ctx, id);
  if (row.origin === "firm") return cancelOwnConsultation(ctx, id, input);
  if (row.state !== (input.isNoShow ? "no_show" : "canceled")) await cancelAtAcuity(ctx, row, input);
  return inTenant(ctx, (tx) => getConsultationDto(tx, ctx, id));
}

function findToChange(ctx: Ctx, id: string): Promise<ConsultationRow> {
  requirePermission(ctx, "leads:write");
  return inTenant(ctx, (tx) => getConsultationRow(tx, ctx, id));
}
