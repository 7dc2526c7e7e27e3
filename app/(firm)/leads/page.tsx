import type { Metadata } from "next";
import Link from "next/link";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { factorFreshUntil } from "@/lib/domain/context/step-up";
import { rowsAtOnce } from "@/lib/domain/export/direct-limit";
import { mayImport } from "@/lib/domain/leads/imports/import-row";
import { listCounties } from "@/lib/domain/leads/list-counties";
import { countLeads } from "@/lib/domain/leads/list-leads";
import { findFirmOfRequest, loadSession } from "@/lib/http/session";
import { buttonClass } from "@/lib/ui/button";
import { formatTime, zoneOf } from "@/lib/ui/format";
import { LeadListView } from "@/lib/ui/lead-list-view";
import { leadsHref } from "@/lib/ui/lead-query";
import { PageHead } from "@/lib/ui/page-head";
import { Empty } from "@/lib/ui/states";
import { loadGroups } from "./load-groups";
import { queryOf, readSearch, type SearchParams } from "./read-search";
import { loadViews } from "./views";

export const generateMetadata = async (): Promise<Metadata> => ({
  title: `Leads · ${(await findFirmOfRequest()).name}`,
});

/** The firm's leads under the filter in the address. */
export default async function LeadsPage({ searchParams }: { searchParams: SearchParams }) {
  const query = queryOf(await searchParams);
  const session = await loadSession(query.size > 0 ? `/leads?${query}` : "/leads");
  const search = readSearch(query);
  if (!search) return <UnreadableFilter />;

  const { ctx, firm } = session;
  const { cursor, limit: _limit, ...filter } = search.query;
  // one transaction for the page, not one for each question
  const { loaded, counts, tabs, counties } = await inTenant(session.ctx, async (tx) => {
    const ctx = { ...session.ctx, tx };
    const counts = await countLeads(ctx, filter);
    const loaded = await loadGroups({ ...session, ctx }, search, counts);
    return { counts, loaded, tabs: await loadViews(ctx, filter, counts), counties: await listCounties(ctx) };
  });
  const now = ctx.clock.now().toISOString();
  return (
    <LeadListView
      filter={filter}
      groups={loaded.groups}
      counts={counts}
      views={tabs.views}
      counties={[...new Set([...counties, ...filter.county])].sort()}
      nextHref={loaded.nextHref}
      firstHref={cursor ? leadsHref(filter) : null}
      isFormOpen={search.isFormOpen}
      isFirmEmpty={tabs.isFirmEmpty}
      factorFreshUntil={factorFreshUntil(ctx)?.toISOString() ?? null}
      rowsAtOnce={rowsAtOnce("leads")}
      mayImport={mayImport(ctx)}
      readAt={`${formatTime(now, firm.timeZone)} ${zoneOf(now, firm.timeZone)}`}
      now={now}
    />
  );
}

function UnreadableFilter() {
  return (
    <>
      <PageHead title="Leads" />
      <Empty
        title="This filter cannot be read"
        actions={
          <Link href="/leads" className={buttonClass("primary")}>
            Show all leads
          </Link>
        }
      >
        The address names a status, county, date or order that does not exist. Nothing was changed.
      </Empty>
    </>
  );
}
