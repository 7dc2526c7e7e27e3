import type { LeadCounts, LeadFilter } from "@/lib/contracts/leads";
import { CLOSED_STATUSES } from "@/lib/core/lead-status";
import { cappedCount } from "@/lib/ui/format";
import { leadQuery, leadsHref, OPEN_LEADS } from "@/lib/ui/lead-query";
import type { View } from "@/lib/ui/page-head";

const VIEWS: readonly { label: string; filter: Partial<LeadFilter> }[] = [
  { label: "All open", filter: OPEN_LEADS },
  { label: "New since my last visit", filter: { newSinceMyLastVisit: true } },
  { label: "Hot, untouched", filter: { status: ["new"], band: ["hot"] } },
  { label: "Closed", filter: { status: [...CLOSED_STATUSES] } },
  { label: "All", filter: {} },
];

/** The views as tabs. Only what was counted anyway carries its count. */
export function viewsOf(filter: LeadFilter, counts: LeadCounts): View[] {
  const { sort: _sort, dir: _dir, ...asked } = filter;
  const current = leadQuery(asked);
  return VIEWS.map((view) => {
    const isCurrent = leadQuery(view.filter) === current;
    return {
      label: view.label,
      href: leadsHref(view.filter),
      isCurrent,
      ...(isCurrent ? { count: cappedCount(counts) } : {}),
    };
  });
}
