import Link from "next/link";
import type { LeadCounts, LeadFilter } from "@/lib/contracts/leads";
import { ROWS_WITHOUT_FACTOR } from "@/lib/core/export-limits";
import { buttonClass } from "./button";
import { ExportAction } from "./export-action";
import { FilterBar } from "./filter-bar";
import { cappedCount } from "./format";
import { KeyHints } from "./key-hints";
import { leadQuery, leadsHref } from "./lead-query";
import { type LeadGroup, LeadTable } from "./lead-table";
import { ListControls } from "./list-controls";
import { NoLeads, NoMatch } from "./no-leads";
import { PageHead, type View, Views } from "./page-head";

type LeadListViewProps = {
  filter: LeadFilter;
  groups: LeadGroup[];
  counts: LeadCounts;
  views: View[];
  counties: readonly string[];
  /** Where the next page is, and the first; null when there is none. */
  nextHref: string | null;
  firstHref: string | null;
  isFormOpen?: boolean;
  /** The firm has no lead at all, whatever the filter. */
  isFirmEmpty?: boolean;
  /** Until when the reader's second factor counts: a large export asks for a fresh one. */
  factorFreshUntil?: string | null;
  /** Up to how many leads are downloaded at once; more are prepared. */
  rowsAtOnce: number;
  /** Whether the reader may bring lists of the firm's own. */
  mayImport?: boolean;
  readAt: string;
  now: string;
};

/** The leads page. */
export function LeadListView(props: LeadListViewProps) {
  const { filter, groups, counts, views, counties, nextHref, firstHref, isFormOpen, isFirmEmpty, readAt, now } = props;
  const { factorFreshUntil, rowsAtOnce, mayImport } = props;
  const shown = groups.reduce((sum, group) => sum + group.leads.length, 0);
  const view = views.find(({ isCurrent }) => isCurrent);
  const href = leadsHref(filter);
  const total = cappedCount(counts);
  return (
    <>
      <PageHead title="Leads">
        {mayImport ? (
          <Link href="/imports" prefetch={false} className={buttonClass("quiet", "phone:hidden")}>
            Import
          </Link>
        ) : null}
        <Link href="/exports" prefetch={false} className={buttonClass("quiet")}>
          Exports
        </Link>
        <ExportAction
          href={`/api/leads/export${leadQuery(filter)}`}
          what={{ kind: "leads", filter }}
          isPrepared={counts.capped || counts.total > rowsAtOnce}
          isLarge={counts.total > ROWS_WITHOUT_FACTOR}
          freshUntil={factorFreshUntil ?? null}
        >
          Export <span className="num phone:hidden">{total}</span>
        </ExportAction>
      </PageHead>
      <Views views={views} />
      <FilterBar filter={filter} counties={counties} counts={counts} {...(isFormOpen ? { isFormOpen } : {})} />
      {shown > 0 ? (
        <>
          <LeadTable groups={groups} filter={filter} now={now} />
          <p className="num flex items-center gap-2.5 px-gutter pt-2.5 pb-12 text-ink-3">
            Showing {shown.toLocaleString("en-US")} of {total}
            {firstHref ? (
              <a href={firstHref} className={buttonClass("quiet")}>
                First page
              </a>
            ) : null}
            {nextHref ? (
              <a href={nextHref} className={buttonClass()}>
                Next page
              </a>
            ) : null}
          </p>
          <ListControls
            listHref={href}
            listLabel={view?.label ?? "Leads"}
            total={firstHref ? null : total}
            readAt={now}
          />
        </>
      ) : isFirmEmpty ? (
        <NoLeads />
      ) : (
        <NoMatch filter={filter} />
      )}
      <KeyHints readAt={readAt} />
    </>
  );
}
