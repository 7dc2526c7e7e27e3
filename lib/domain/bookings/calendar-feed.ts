import type { CalendarFeedMade, MakeCalendarFeed } from "@/lib/contracts/consultations";
import { randomToken, sha256 } from "@/lib/core/secret";
import { requireOwnAccount } from "../auth/own-account";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { requireFreshFactor } from "../context/step-up";
import { recordEvent } from "../events/record-events";

/**
 * Makes the address at which the caller's calendar program reads their consultations, and ends the one from before. The address is shown once: of its secret only
 * a digest is kept. `origin` is the firm's own. Needs `account:own`, `leads:read` and a fresh factor.
 */
export async function makeCalendarFeed(
  ctx: Ctx,
  { showsNames }: MakeCalendarFeed,
  origin: string,
): Promise<CalendarFeedMade> {
  requirePermission(ctx, "leads:read");
  const { id: userId } = requireOwnAccount(ctx);
  requireFreshFactor(ctx);
  const { tenantId } = ctx;
  const secret = randomToken();
  const feed = { secretHash: sha256(secret), showsNames, createdAt: ctx.clock.now(), readAt: null };
  await inTenant(ctx, async (tx) => {
    await tx.calendarFeed.upsert({
      where: { tenantId_userId: { tenantId, userId } },
      create: { tenantId, userId, ...feed },
      update: feed,
      select: { userId: true },
    });
    await recordEvent(tx, ctx, { type: "consultation.feed_made", data: { userId, showsNames } });
  });
  return { url: `${origin}/api/calendar/${userId}.${secret}.ics`, showsNames };
}

/** Ends the caller's address, with effect from its next reading; without one nothing happens. Needs `account:own`. */
export async function endCalendarFeed(ctx: Ctx): Promise<void> {
  const { id: userId } = requireOwnAccount(ctx);
  await inTenant(ctx, async (tx) => {
    const ended = await tx.calendarFeed.deleteMany({ where: { tenantId: ctx.tenantId, userId } });
    if (ended.count > 0) await recordEvent(tx, ctx, { type: "consultation.feed_ended", data: { userId } });
  });
}
