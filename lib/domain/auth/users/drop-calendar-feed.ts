import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { recordEvent } from "../../events/record-events";

/**
 * Ends the calendar address of a user for good: whoever is shut out, or whose access somebody had to reset, makes a new one when they are back. It opens no session,
 * so ending sessions does not end it. In the caller's transaction; without an address nothing happens.
 */
export async function dropCalendarFeed(tx: Tx, ctx: Ctx, userId: string): Promise<void> {
  const ended = await tx.calendarFeed.deleteMany({ where: { tenantId: ctx.tenantId, userId } });
  if (ended.count > 0) await recordEvent(tx, ctx, { type: "consultation.feed_ended", data: { userId } });
}
