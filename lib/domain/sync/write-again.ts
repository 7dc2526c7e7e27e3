import type { ConsultationDetail } from "@/lib/contracts/consultations";
import { Prisma, type Tx } from "@/lib/platform/db";
import { type ConsultationRow, holdConsultation } from "../bookings/consultation-row";
import { followElsewhere } from "../bookings/follow-lead";
import { getConsultation } from "../bookings/get-consultation";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";

/**
 * Writes what stood for a consultation elsewhere once more, because a person asks: an event or a meeting that was taken away there or whose writing was given up, as long as
 * there is something to come, and the record of its lead. A job does it; what is there and well is left alone. Needs `leads:write`.
 * @throws AppError `not_found`, also outside the member's scope
 */
export async function writeAgain(ctx: Ctx, consultationId: string): Promise<ConsultationDetail> {
  requirePermission(ctx, "leads:write");
  await inTenant(ctx, async (tx) => {
    const row = await holdConsultation(tx, ctx, consultationId);
    await forgetEnds(tx, ctx, row);
    await followElsewhere(tx, ctx, row.id);
  });
  return getConsultation(ctx, consultationId);
}

/**
 * Lets links that came to an end begin again. An event keeps its id, under which alone it is ours; a meeting and a record get a new one. What a worker holds is
 * the worker's.
 */
async function forgetEnds(tx: Tx, { tenantId, clock }: Ctx, row: ConsultationRow): Promise<void> {
  const now = clock.now();
  const isToCome = row.state === "scheduled" && row.startsAt > now;
  const isNew = Prisma.sql`state = 'removed' AND kind <> 'event'`;
  await tx.$executeRaw(Prisma.sql`
    UPDATE sync_link SET pushed_hash = NULL, etag = NULL, attempts = 0, problem = NULL, updated_at = ${now},
      state = CASE WHEN state = 'removed' OR external_id IS NULL THEN 'pending' ELSE 'linked' END,
      external_id = CASE WHEN ${isNew} THEN NULL ELSE external_id END,
      snapshot = CASE WHEN ${isNew} THEN NULL ELSE snapshot END,
      details = CASE WHEN ${isNew} AND kind = 'crm_lead' THEN '{}' ELSE details END,
      next_attempt_at = CASE WHEN kind = 'crm_lead' THEN ${now}::timestamptz END
    WHERE tenant_id = ${tenantId}::uuid AND (state IN ('removed', 'failed') OR (problem IS NOT NULL AND next_attempt_at IS NULL))
      AND (claimed_until IS NULL OR claimed_until <= ${now})
      AND ((consultation_id = ${row.id}::uuid AND ${isToCome}) OR (consultation_id IS NULL AND lead_id = ${row.leadId}::uuid AND kind = 'crm_lead'))`);
}
