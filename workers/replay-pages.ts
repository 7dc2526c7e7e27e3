import { topicsSourceId } from "@/lib/contracts/sources";
import type { County } from "@/lib/core/county";
import type { ScraperSettings } from "./settings";
import { PageChanged } from "./sources/errors";
import type { Fetcher } from "./sources/fetchers/fetcher";
import { detailUrl, listRequest } from "./sources/topics/fetch";
import { topicsSource } from "./sources/topics/topics-source";
import { PageStore } from "./state/page-store";

/** What today's parser makes of the pages of a day. `landmarks`: what was missing, and on how many pages. */
export type Replay = {
  source: string;
  lists: number;
  leads: number;
  changed: number;
  landmarks: Record<string, number>;
  /** Details whose form is on no list of that day that could be read. */
  strangers: number;
};

/** Asks nobody: what is read is on disk. */
const NOBODY: Fetcher = {
  fetch: () => Promise.reject(new Error("a replay asks no site")),
  close: () => Promise.resolve(),
};

/**
 * Reads the raw pages of a day again, from this machine and from the bucket, with the parser as it is now: what it says of them before a court is asked again. Fetches nothing and posts nothing.
 * @throws Error with a sentence when no raw page of that day is kept.
 */
export async function replayPages(
  { stateDir, pageKey, rawPages, baseUrl }: ScraperSettings,
  county: County,
  day: string,
): Promise<Replay> {
  if (!pageKey) throw new Error("SCRAPER_PAGE_KEY is not set: raw pages are then not kept, only their hashes.");
  const id = topicsSourceId(county);
  const source = topicsSource(county, { baseUrl, fetcher: NOBODY, reviewedUntil: null });
  const pages = await new PageStore(stateDir, id, pageKey).kept(day, rawPages);
  if (pages.length === 0) throw new Error(`No raw page of ${id} of ${day} is kept. They are kept for 30 days.`);
  const result: Replay = { source: id, lists: 0, leads: 0, changed: 0, landmarks: {}, strangers: 0 };
  const listUrl = listRequest(baseUrl, county).url;
  // A detail goes with the list before it: the one that it was fetched for.
  let rows = new Map<string, Parameters<typeof source.parseLead>[1]>();
  for (const page of pages) {
    try {
      if (page.url === listUrl) {
        rows = new Map(source.parseList(page).rows.map((row) => [detailUrl(baseUrl, row.id), row]));
        result.lists += 1;
        continue;
      }
      const row = rows.get(page.url);
      if (row) source.parseLead(page, row);
      result[row ? "leads" : "strangers"] += 1;
    } catch (error) {
      if (!(error instanceof PageChanged)) throw error;
      result.changed += 1;
      result.landmarks[error.landmark] = (result.landmarks[error.landmark] ?? 0) + 1;
    }
  }
  return result;
}
