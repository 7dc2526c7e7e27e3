import type { ConflictDto } from "@/lib/contracts/consultations";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { requireSpan } from "./list-consultations";

const MOST_SHOWN = 1000;

/**
 * When the connected calendar is busy, in a span of 93 days at most, the earliest first: without what it is busy with, which we do not know. Needs `leads:read`.
 * @throws AppError `unprocessable` naming `to`.
 */
export async function listBusyTimes(ctx: Ctx, span: { from: string; to: string }): Promise<ConflictDto[]> {
  requirePermission(ctx, "leads:read");
  requireSpan(span);
  const rows = await inTenant(ctx, (tx) =>
    tx.busyTime.findMany({
      where: { tenantId: ctx.tenantId, startsAt: { lt: new Date(span.to) }, endsAt: { gt: new Date(span.from) } },
      orderBy: [{ startsAt: "asc" }, { id: "asc" }],
      take: MOST_SHOWN,
      select: { startsAt: true, endsAt: true, isAllDay: true },
    }),
  );
  return rows.map(({ startsAt, endsAt, isAllDay }) => ({
    kind: "busy",
    startsAt: startsAt.toISOString(),
    endsAt: endsAt.toISOString(),
    isAllDay,
    consultationId: null,
  }));
}
