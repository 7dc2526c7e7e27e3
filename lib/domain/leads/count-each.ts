import type { LeadCounts, LeadFilter } from "@/lib/contracts/leads";
import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { countSql, toLeadQuery } from "./lead-query";
import { refuseVisitForKeys } from "./list-leads";
import { findReadingPlace } from "./visit";

/** Counting stops here: these are figures beside names, not the tally of a page. */
const CAP = 1000;

/**
 * How many leads match each of several filters, in their order and in one statement; counting stops at 1,000 each and says so. Needs
 * `leads:read`.
 */
export async function countEach(
  ctx: Ctx,
  filters: readonly LeadFilter[],
): Promise<Pick<LeadCounts, "total" | "capped">[]> {
  requirePermission(ctx, "leads:read");
  for (const filter of filters) refuseVisitForKeys(ctx, filter);
  return inTenant(ctx, async (tx) => {
    const readingPlace = await findReadingPlace(tx, ctx);
    const counts = filters.map((filter, place) => {
      const bands = countSql(ctx.tenantId, toLeadQuery(filter, readingPlace), CAP + 1);
      return Prisma.sql`SELECT ${place}::int AS place, coalesce(sum(n), 0)::int AS total FROM (${bands}) AS bands`;
    });
    const rows = await tx.$queryRaw<{ total: number }[]>`${Prisma.join(counts, " UNION ALL ")} ORDER BY place`;
    return rows.map(({ total }) => ({ total: Math.min(total, CAP), capped: total > CAP }));
  });
}
