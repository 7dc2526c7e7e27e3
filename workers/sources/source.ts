import type { IngestLead } from "@/lib/contracts/ingest";
import type { County } from "@/lib/core/county";

/** One page as it came: what is journaled, stored and parsed again later. */
export type Page = {
  url: string;
  status: number;
  contentType: string;
  /** Where a 3xx pointed. Redirects are not followed: a detail page that moves away is no detail page. */
  location: string | null;
  body: string;
  /** ISO instant. */
  fetchedAt: string;
};

/** One row of a list, enough to tell whether its detail is worth a request. */
export type ListedForm = {
  id: string;
  /** Changes whenever the list shows this form differently. */
  rowHash: string;
};

/** What a list page holds. `refused` rows were on the page and cannot be used; they are counted, never guessed at. */
export type Listing<Row extends ListedForm = ListedForm> = {
  rows: Row[];
  refused: { index: number; reason: string }[];
};

/**
 * One place that leads come from. `list` and `detail` fetch and nothing else; `parseList` and `parseLead` are pure, can be run again
 * on stored pages, and throw `PageChanged` (nothing else) when a page does not prove itself.
 */
export interface Source<Row extends ListedForm = ListedForm> {
  /** Registered in `lib/contracts/sources.ts`, such as `topics.travis`. */
  readonly id: string;
  readonly county: County;
  readonly timezone: string;
  /** Null until a reviewer has signed for the host: the source is then disabled. */
  readonly reviewedUntil: Date | null;
  /** The address requests go to; its host carries pace, budget and holds. */
  readonly baseUrl: URL;
  list(): Promise<Page>;
  detail(id: string): Promise<Page>;
  parseList(page: Page): Listing<Row>;
  parseLead(page: Page, row: Row): IngestLead;
}
