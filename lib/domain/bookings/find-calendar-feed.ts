import { requireOwnAccount } from "../auth/own-account";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";

/** The calendar address in use, without the address itself, of which only a digest is kept; instants as ISO 8601 UTC. */
export type CalendarFeedState = { showsNames: boolean; createdAt: string; readAt: string | null };

/** What is known of the caller's calendar address; null without one. Needs `account:own`. */
export async function findCalendarFeed(ctx: Ctx): Promise<CalendarFeedState | null> {
  const { id: userId } = requireOwnAccount(ctx);
  const where = { tenantId_userId: { tenantId: ctx.tenantId, userId } };
  const select = { showsNames: true, createdAt: true, readAt: true };
  const feed = await inTenant(ctx, (tx) => tx.calendarFeed.findUnique({ where, select }));
  return feed && { ...feed, createdAt: feed.createdAt.toISOString(), readAt: feed.readAt?.toISOString() ?? null };
}
