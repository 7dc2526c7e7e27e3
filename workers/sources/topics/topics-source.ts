import { topicsSourceId } from "@/lib/contracts/sources";
import { type County, countyTimeZone } from "@/lib/core/county";
import { PageChanged } from "../errors";
import type { Fetcher } from "../fetchers/fetcher";
import type { Page, Source } from "../source";
import { detailRequest, detailUrl, listRequest } from "./fetch";
import { parseDetail } from "./parse-detail";
import { parseList, type TopicsRow } from "./parse-list";
import { toLead } from "./to-lead";

/** The TOPICs bail forms of one county. Every county is the same adapter: what differs is the filter's value and the clock. */
export function topicsSource(
  county: County,
  options: { baseUrl: URL; fetcher: Fetcher; reviewedUntil: Date | null },
): Source<TopicsRow> {
  const { baseUrl, fetcher, reviewedUntil } = options;
  const timezone = countyTimeZone(county);
  return {
    id: topicsSourceId(county),
    county,
    timezone,
    reviewedUntil,
    baseUrl,
    list: () => fetcher.fetch(listRequest(baseUrl, county)),
    detail: (id) => fetcher.fetch(detailRequest(baseUrl, id)),
    parseList: (page) => parseList(arrived(page), county),
    parseLead: (page, row) => toLead(row, parseDetail(arrived(page), timezone), county, detailUrl(baseUrl, row.id)),
  };
}

/** A form that does not exist redirects to the search page: that answer is never read as a form. */
function arrived(page: Page): string {
  if (page.status === 200) return page.body;
  const where = page.location === null ? "" : " and points elsewhere";
  throw new PageChanged("status", `the page answered ${page.status}${where}`);
}
