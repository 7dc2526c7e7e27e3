import { holdsLead, type LivenessChange, statusAfter } from "@/lib/core/consultation-status";
import { CLOSED_STATUSES } from "@/lib/core/lead-status";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { enqueue } from "../context/enqueue";
import { holdLeads, type MovingLead, moveLead } from "../leads/move-lead";
import type { ConsultationRow } from "./consultation-row";

/** A booking that became live for a lead, or ceased to be. */
export type Turned = Pick<LivenessChange, "was" | "is"> & { leadId: string; consultationId: string; bookedAt: Date };

/**
 * Lets a lead's status follow one of its bookings: see `statusAfter`. The consultation is held by the caller. The lead is held before its other bookings are
 * asked for, so that of two cancellations at once the second sees the first.
 */
export async function followBooking(tx: Tx, ctx: Ctx, turned: Turned): Promise<void> {
  const { leadId, was, is } = turned;
  if (was === is) return;
  const lead = (await holdLeads(tx, ctx, [leadId])).get(leadId);
  if (!lead) return;
  const hasOtherLive = await hasLive(tx, ctx, turned);
  const isDecidedSince = was === null && is === "over" && (await isClosedSince(tx, ctx, lead, turned.bookedAt));
  await moveLead(tx, ctx, lead, statusAfter(lead.status, { was, is, hasOtherLive, isDecidedSince }));
}

async function hasLive(tx: Tx, { tenantId, clock }: Ctx, { leadId, consultationId }: Turned): Promise<boolean> {
  const now = clock.now();
  const others = await tx.consultation.findMany({
    where: { tenantId, leadId, state: "scheduled", id: { not: consultationId } },
    select: { endsAt: true, outcome: true, attendance: true },
  });
  return (others as Pick<ConsultationRow, "endsAt" | "outcome" | "attendance">[]).some((other) =>
    holdsLead(other, now),
  );
}

/** Somebody closed the lead after the booking was made. */
async function isClosedSince(tx: Tx, { tenantId }: Ctx, { id, status }: MovingLead, bookedAt: Date): Promise<boolean> {
  if (!CLOSED_STATUSES.includes(status)) return false;
  const [row] = await tx.$queryRaw<{ is: boolean }[]>(Prisma.sql`
    SELECT EXISTS (SELECT FROM event e WHERE e.tenant_id = ${tenantId}::uuid AND e.lead_id = ${id}::uuid
      AND e.type = 'lead.status_changed' AND e.occurred_at > ${bookedAt}) AS is`);
  return row?.is ?? false;
}

/** What stands for the consultation elsewhere is brought up to date by a job, which is sent with the change. */
export const followElsewhere = (tx: Tx, { tenantId }: Ctx, consultationId: string): Promise<void> =>
  enqueue(tx, "sync.consultation", [{ tenantId, consultationId }]);
