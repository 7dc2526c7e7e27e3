import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { recordEvent } from "../events/record-events";
import { holdConsultation, openJoinUrl, sealIn } from "./consultation-row";
import { followElsewhere } from "./follow-lead";

/**
 * Notes where a consultation meets, when Zoom made its meeting or (null) removed it. Never over a link of the booking service or of the firm; the same again
 * changes nothing. In the caller's transaction. Says whether anything changed.
 * @throws AppError `not_found`
 */
export async function setMeeting(
  tx: Tx,
  ctx: Ctx,
  consultationId: string,
  joinUrl: string | null,
): Promise<{ isChanged: boolean }> {
  const row = await holdConsultation(tx, ctx, consultationId);
  const isSomebodyElses = row.joinUrlFrom !== null && row.joinUrlFrom !== "zoom";
  if (isSomebodyElses || openJoinUrl(ctx, row) === joinUrl) return { isChanged: false };
  const { id, leadId } = row;
  await tx.consultation.update({
    where: { tenantId_id: { tenantId: ctx.tenantId, id } },
    data: {
      joinUrlCipher: sealIn(ctx, "join_url_cipher", id, joinUrl),
      joinUrlFrom: joinUrl === null ? null : "zoom",
      version: { increment: 1 },
      updatedAt: ctx.clock.now(),
    },
    select: { id: true },
  });
  const data = { consultationId: id, fields: ["joinUrl"] };
  await recordEvent(tx, ctx, { type: "consultation.changed", leadId, data });
  await followElsewhere(tx, ctx, id);
  return { isChanged: true };
}
