import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";

/** When the connected calendar is busy; instants as ISO 8601 UTC. */
export type BusyTimeDto = { startsAt: string; endsAt: string; isAllDay: boolean };

/** More than a calendar page can show. */
const MOST = 500;

/** When the firm's connected calendar is busy between two instants, earliest first: what it is busy with is not known here. At most 500. */
export function listBusyTimes(ctx: Ctx, { from, to }: { from: string; to: string }): Promise<BusyTimeDto[]> {
  requirePermission(ctx, "leads:read");
  return inTenant(ctx, async (tx) => {
    const rows = await tx.busyTime.findMany({
      where: { tenantId: ctx.tenantId, startsAt: { lt: new Date(to) }, endsAt: { gt: new Date(from) } },
      select: { startsAt: true, endsAt: true, isAllDay: true },
      orderBy: [{ startsAt: "asc" }, { id: "asc" }],
      take: MOST,
    });
    return rows.map(({ startsAt, endsAt, isAllDay }) => ({
      startsAt: startsAt.toISOString(),
      endsAt: endsAt.toISOString(),
      isAllDay,
    }));
  });
}
