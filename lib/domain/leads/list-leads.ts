import type { LeadCounts, LeadFilter, LeadPage, LeadPageQuery } from "@/lib/contracts/leads";
import type { Band } from "@/lib/core/band";
import { decodeCursor, encodeCursor } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { scopeOf } from "../context/member-scope";
import { requirePermission } from "../context/permissions";
import { countSql, isPlaceIn, pageSql, positionOf, toLeadQuery } from "./lead-query";
import { LEAD_COLUMNS, type LeadRow, toLeadDto } from "./lead-row";
import { noteListing } from "./note-reading";
import { findReadingPlace } from "./visit";

/** Counting stops here: an exact count of a large firm would cost more than its page. */
const COUNT_CAP = 10_000;
const SEARCH_COUNT_CAP = 1000;

/** Only a person visits: a key that asks for "since my last visit" is told so. */
export function refuseVisitForKeys(ctx: Ctx, filter: LeadFilter): void {
  if (!filter.newSinceMyLastVisit || ctx.actor.type === "user") return;
  throw new AppError(
    "unprocessable",
    "newSinceMyLastVisit needs a signed-in user; use from with dateField=firstSeen.",
    {
      invalidParams: [{ name: "newSinceMyLastVisit", reason: "needs a signed-in user" }],
    },
  );
}

/**
 * One page of the firm's leads that match the filter, in its order. The cursor belongs to the firm, the filter and the member's scope. Records `leads.listed`, thinned.
 * Needs `leads:read`.
 */
export async function listLeads(ctx: Ctx, { limit, cursor, ...filter }: LeadPageQuery): Promise<LeadPage> {
  requirePermission(ctx, "leads:read");
  refuseVisitForKeys(ctx, filter);
  const binding = [ctx.tenantId, filter, scopeOf(ctx)];
  const after = cursor ? decodeCursor(cursor, binding, isPlaceIn(filter.sort)) : null;
  return inTenant(ctx, async (tx) => {
    const place = await findReadingPlace(tx, ctx);
    const query = toLeadQuery(filter, place);
    const rows = await tx.$queryRaw<LeadRow[]>(pageSql(LEAD_COLUMNS, ctx.tenantId, query, after, limit + 1));
    await noteListing(tx, ctx, filter);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      leads: page.map((row) => toLeadDto(row, place.visitedAt)),
      nextCursor: rows.length > limit && last ? encodeCursor(positionOf(last, filter.sort), binding) : null,
    };
  });
}

/** How many leads match, by band; counting stops at 10,000 (1,000 for a search) and says so. Needs `leads:read`. */
export async function countLeads(ctx: Ctx, filter: LeadFilter): Promise<LeadCounts> {
  requirePermission(ctx, "leads:read");
  refuseVisitForKeys(ctx, filter);
  const cap = filter.q ? SEARCH_COUNT_CAP : COUNT_CAP;
  return inTenant(ctx, async (tx) => {
    const query = toLeadQuery(filter, await findReadingPlace(tx, ctx));
    const rows = await tx.$queryRaw<{ band: Band; n: number }[]>(countSql(ctx.tenantId, query, cap + 1));
    const counts = Object.fromEntries(rows.map((row) => [row.band, row.n]));
    // One more than the cap was looked for: a firm with exactly that many leads is counted in full.
    const found = rows.reduce((sum, row) => sum + row.n, 0);
    const total = Math.min(found, cap);
    return { total, hot: counts.hot ?? 0, warm: counts.warm ?? 0, cool: counts.cool ?? 0, capped: found > cap };
  });
}
