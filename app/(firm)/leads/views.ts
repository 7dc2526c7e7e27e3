import { type LeadCounts, LeadFilter } from "@/lib/contracts/leads";
import { CLOSED_STATUSES } from "@/lib/core/lead-status";
import type { Ctx } from "@/lib/domain/context/ctx";
import { countEach } from "@/lib/domain/leads/count-each";
import { cappedCount } from "@/lib/ui/format";
import { leadQuery, leadsHref, OPEN_LEADS } from "@/lib/ui/lead-query";
import type { View } from "@/lib/ui/page-head";

const VIEWS: readonly { label: string; filter: Partial<LeadFilter> }[] = [
  { label: "All open", filter: OPEN_LEADS },
  { label: "New since my last visit", filter: { ...OPEN_LEADS, newSinceMyLastVisit: true } },
  { label: "Hot, untouched", filter: { status: ["new"], band: ["hot"] } },
  { label: "Closed", filter: { status: [...CLOSED_STATUSES] } },
  { label: "All", filter: {} },
];
const FILTERS = VIEWS.map(({ filter }) => LeadFilter.parse(filter));

/** The views as tabs with their counts, and whether the firm has any lead at all. `counts` are those of the page's own filter. */
export async function loadViews(
  ctx: Ctx,
  filter: LeadFilter,
  counts: LeadCounts,
): Promise<{ views: View[]; isFirmEmpty: boolean }> {
  const { sort: _sort, dir: _dir, ...asked } = filter;
  const current = leadQuery(asked);
  const counted = await countEach(ctx, FILTERS);
  const views = VIEWS.map(({ label, filter: own }, place): View => {
    const isCurrent = leadQuery(own) === current;
    const count = isCurrent ? counts : counted[place];
    return { label, href: leadsHref(own), isCurrent, ...(count ? { count: cappedCount(count) } : {}) };
  });
  return { views, isFirmEmpty: counted.at(-1)?.total === 0 };
}
