import { type LivenessChange, statusAfter } from "@/lib/core/consultation-status";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { enqueue } from "../context/enqueue";
import { holdLeads, moveLead } from "../leads/move-lead";

/** A booking that became live for a lead, or ceased to be. */
export type Turned = Omit<LivenessChange, "hasOtherLive"> & { leadId: string; consultationId: string };

/**
 * Lets a lead's status follow one of its bookings: see `statusAfter`. The consultation is held by the caller. The lead is held before its other bookings are
 * asked for, so that of two cancellations at once the second sees the first.
 */
export async function followBooking(tx: Tx, ctx: Ctx, { leadId, consultationId, was, is }: Turned): Promise<void> {
  if (was === is) return;
  const lead = (await holdLeads(tx, ctx, [leadId])).get(leadId);
  if (!lead) return;
  const hasOtherLive = await hasLive(tx, ctx, leadId, consultationId);
  await moveLead(tx, ctx, lead, statusAfter(lead.status, { was, is, hasOtherLive }));
}

async function hasLive(tx: Tx, { tenantId }: Ctx, leadId: string, exceptId: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ has: boolean }[]>(Prisma.sql`
    SELECT EXISTS (SELECT FROM consultation c WHERE c.tenant_id = ${tenantId}::uuid AND c.lead_id = ${leadId}::uuid
      AND c.state = 'scheduled' AND c.id <> ${exceptId}::uuid) AS has`);
  return row?.has ?? false;
}

/** What stands for the consultation elsewhere is brought up to date by a job, which is sent with the change. */
export const followElsewhere = (tx: Tx, { tenantId }: Ctx, consultationId: string): Promise<void> =>
  enqueue(tx, "sync.consultation", [{ tenantId, consultationId }]);
