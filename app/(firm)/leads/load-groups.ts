import type { LeadCounts, LeadFilter, LeadPage } from "@/lib/contracts/leads";
import { AppError } from "@/lib/core/errors";
import { countLeads, listLeads } from "@/lib/domain/leads/list-leads";
import type { PageSession } from "@/lib/http/session";
import { cappedCount, formatMoment } from "@/lib/ui/format";
import { leadQuery } from "@/lib/ui/lead-query";
import type { LeadGroup } from "@/lib/ui/lead-table";
import type { ListSearch } from "./read-search";

/** The rows of a page in their groups, and where the next page is. */
export type LoadedGroups = { groups: LeadGroup[]; nextHref: string | null };

/** New leads stand before the earlier ones, unless the filter already says which dates it wants. */
const isParted = (filter: LeadFilter): boolean =>
  !filter.newSinceMyLastVisit && !filter.from && !filter.to && !filter.q && filter.dateField === "firstSeen";

/** Loads one page of the list. `counts` are those of the whole filter; the session's `ctx` may hold a transaction. */
export async function loadGroups(session: PageSession, search: ListSearch, counts: LeadCounts): Promise<LoadedGroups> {
  const { ctx, firm, lastVisitAt } = session;
  const { cursor, limit, ...filter } = search.query;
  if (!lastVisitAt || !isParted(filter) || (cursor && !search.isEarlier)) {
    const page = await pageOrFirst(session, { ...search.query });
    return { groups: [{ title: null, leads: page.leads }], nextHref: nextHref(filter, page) };
  }
  const before = { ...filter, to: lastVisitAt.toISOString() };
  const earlier = await pageOrFirst(session, { ...before, limit, ...(cursor ? { cursor } : {}) });
  const next = nextHref(filter, earlier, "earlier");
  if (cursor) return { groups: [{ title: "Earlier", leads: earlier.leads }], nextHref: next };

  const fresh = { ...filter, newSinceMyLastVisit: true };
  const page = await listLeads(ctx, { ...fresh, limit });
  const freshCounts = await countLeads(ctx, fresh);
  if (page.leads.length === 0) return { groups: [{ title: null, leads: earlier.leads }], nextHref: next };
  const since = formatMoment(lastVisitAt.toISOString(), firm.timeZone, ctx.clock.now().toISOString());
  const more = nextHref(fresh, page);
  const rest = freshCounts.total - page.leads.length;
  const groups: LeadGroup[] = [
    {
      title: `New since ${since.replace("Today", "today")}`,
      note: cappedCount(freshCounts),
      leads: page.leads,
      ...(more ? { more: { href: more, label: `${rest.toLocaleString("en-US")} more new leads` } } : {}),
    },
    {
      title: "Earlier",
      leads: earlier.leads,
      ...(counts.capped ? {} : { note: (counts.total - freshCounts.total).toLocaleString("en-US") }),
    },
  ];
  return { groups: groups.filter(({ leads }) => leads.length > 0), nextHref: next };
}

/** A cursor that belongs to another visit or filter is no fault of the reader: they get the first page. */
async function pageOrFirst({ ctx }: PageSession, query: ListSearch["query"]): Promise<LeadPage> {
  try {
    return await listLeads(ctx, query);
  } catch (error) {
    const isBadCursor = error instanceof AppError && error.invalidParams.some(({ name }) => name === "cursor");
    if (!isBadCursor) throw error;
    const { cursor: _foreign, ...first } = query;
    return listLeads(ctx, first);
  }
}

function nextHref(filter: LeadFilter, { nextCursor }: LeadPage, part?: string): string | null {
  if (!nextCursor) return null;
  const query = new URLSearchParams(leadQuery(filter));
  if (part) query.set("part", part);
  query.set("cursor", nextCursor);
  return `/leads?${query}`;
}
