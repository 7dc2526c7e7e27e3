import type { Tx } from "@/lib/platform/db";
import { findConsultation } from "../../bookings/consultation-row";
import { setMeeting } from "../../bookings/set-meeting";
import type { Ctx } from "../../context/ctx";
import { recordEvent } from "../../events/record-events";
import { type MeetingLink, mergeDetails } from "./meeting-link";

/**
 * Notes that a meeting of ours was taken away at Zoom: the consultation has no link any more, and gets none until it changes. The same again, or what we
 * removed by ourselves, changes nothing. The caller holds the consultation.
 */
export async function noteRemovedThere(tx: Tx, ctx: Ctx, link: MeetingLink): Promise<void> {
  const { tenantId } = ctx;
  const { connectionId, leadId, externalId, consultationId } = link;
  if (link.state === "removed" || !externalId) return;
  const { count } = await tx.syncLink.updateMany({
    where: { tenantId, id: link.id, state: { not: "removed" }, externalId },
    data: { state: "removed", updatedAt: ctx.clock.now() },
  });
  if (count === 0) return;
  await mergeDetails(tx, ctx, link.id, { removedThereAt: ctx.clock.now().toISOString() });
  const data = { connectionId, provider: "zoom", resource: "meetings", externalId } as const;
  await recordEvent(tx, ctx, { type: "sync.removed_there", leadId, data });
  const row = await findConsultation(tx, ctx, consultationId);
  // The link of a meeting that was held stays where it was: nobody will follow it, and it says where it was.
  if (row && row.endsAt > ctx.clock.now()) await setMeeting(tx, ctx, row.id, null);
}
