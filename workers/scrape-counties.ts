import { setTimeout as delay } from "node:timers/promises";
import { topicsSourceId } from "@/lib/contracts/sources";
import { type Clock, systemClock } from "@/lib/core/clock";
import type { County } from "@/lib/core/county";
import { failureFields } from "@/lib/platform/log";
import { arrestraApi } from "./arrestra-api";
import { type Firm, readFirms } from "./firms";
import { type Reporter, reporterFor } from "./progress";
import { type RunOutcome, type ScrapeDeps, scrapeCounty } from "./scrape-county";
import type { ScraperSettings } from "./settings";
import { browserFetcher } from "./sources/fetchers/browser";
import type { Fetcher } from "./sources/fetchers/fetcher";
import { httpFetcher } from "./sources/fetchers/http";
import { type PoliteOptions, patientFetcher, politeGate, refuse } from "./sources/fetchers/polite";
import { reviewedUntil } from "./sources/reviews";
import { topicsSource } from "./sources/topics/topics-source";
import { Holds, HostState } from "./state/host-state";
import { putPages } from "./state/page-bucket";
import { PageStore } from "./state/page-store";

/** How a pass over some counties is made. */
export type ScrapeOptions = Pick<ScrapeDeps, "acceptList" | "signal" | "chunkLeads" | "flushMs"> & {
  /** Drive a browser instead of plain HTTP, where a site needs JavaScript or a session. */
  browser?: boolean;
  clock?: Clock;
  reporter?: (source: string) => Reporter;
  /** How long to wait for another scraper that is at this host. */
  waitForLockMs?: number;
  /** How patient a failed request is; tests shorten it. */
  backoffMs?: number;
  /** How long a bucket may take for the raw pages of a pass; the rest goes with the next. */
  putMs?: number;
};

/** The firms have theirs by then: what a slow bucket holds up is no more than the next pass. */
const PUT_MS = 20_000;

/** The counties that any firm of the file takes, in order. */
const countiesOf = (firms: readonly Firm[]): County[] => [...new Set(firms.flatMap((firm) => firm.counties))].sort();

/**
 * Scrapes counties one after the other: they share a host, and a host sees one connection. Gives one outcome per county, or null when
 * another process is at this host.
 */
export async function scrapeCounties(
  settings: ScraperSettings,
  counties: readonly County[] | "all",
  options: ScrapeOptions = {},
): Promise<RunOutcome[] | null> {
  const { clock = systemClock, reporter = reporterFor } = options;
  const firms = readFirms(settings.firms);
  const host = new HostState(settings.stateDir, settings.baseUrl.host, { clock, dailyBudget: settings.dailyBudget });
  const unlock = await patientLock(host, options.waitForLockMs ?? 0);
  if (!unlock) return null;
  const outcomes: RunOutcome[] = [];
  try {
    for (const county of counties === "all" ? countiesOf(firms) : counties) {
      if (options.signal?.aborted) break;
      outcomes.push(await scrapeOne(settings, county, firms, host, { ...options, clock, reporter }));
    }
  } finally {
    unlock();
  }
  await putAway(settings, outcomes, { ...options, reporter });
  return outcomes;
}

/** Puts what the pass kept, and what earlier ones could not, into the bucket. What goes wrong there is said once, and is nobody's failed pass. */
async function putAway(
  { stateDir, rawPages }: ScraperSettings,
  outcomes: readonly RunOutcome[],
  { reporter, putMs = PUT_MS }: ScrapeOptions & Required<Pick<ScrapeOptions, "reporter">>,
): Promise<void> {
  if (!rawPages) return;
  const late = AbortSignal.timeout(putMs);
  const isLate = new Promise<null>((resolve) => late.addEventListener("abort", () => resolve(null), { once: true }));
  for (const { source } of outcomes) {
    // A bucket that does not answer at all is not waited for either: what it takes after all is found there by the next pass.
    const put = await Promise.race([putPages(stateDir, source, rawPages, late), isLate]);
    if (put?.error === null && !late.aborted) continue;
    const error = put?.error ? failureFields(put.error) : {};
    const message = `raw pages of ${source} are not all in the bucket; the next pass goes on with them`;
    return reporter(source).warn(message, { event: "scrape.pages_not_put", ...error });
  }
}

async function patientLock(host: HostState, patienceMs: number): Promise<(() => void) | null> {
  for (const until = performance.now() + patienceMs; ; await delay(200)) {
    const unlock = host.lock();
    if (unlock || performance.now() >= until) return unlock;
  }
}

async function scrapeOne(
  settings: ScraperSettings,
  county: County,
  firms: readonly Firm[],
  host: HostState,
  options: ScrapeOptions & Required<Pick<ScrapeOptions, "clock" | "reporter">>,
): Promise<RunOutcome> {
  const { clock } = options;
  const { baseUrl, stateDir } = settings;
  const id = topicsSourceId(county);
  const report = options.reporter(id);
  if (settings.disabledSources.has(id)) {
    report.warn(`${id} is switched off (SCRAPER_DISABLED_SOURCES)`, { event: "scrape.disabled" });
    return {
      source: id,
      found: 0,
      rejected: 0,
      fetched: 0,
      withdrawn: 0,
      waiting: [],
      status: "failed",
      error: "switched off",
    };
  }
  const polite: PoliteOptions = {
    host,
    holds: new Holds(stateDir),
    holdNames: [baseUrl.host, id, "all"],
    minIntervalMs: settings.minIntervalMs,
    contact: settings.contact,
    clock,
    timeoutMs: settings.timeoutMs,
  };
  const fetcher = patientFetcher(openFetcher(settings, polite, options.browser ?? false), {
    ...polite,
    backoffMs: options.backoffMs,
  });
  try {
    return await scrapeCounty({
      ...options,
      source: topicsSource(county, { baseUrl, fetcher, reviewedUntil: reviewedUntil(baseUrl.hostname) }),
      firms: firms
        .filter((firm) => firm.counties.includes(county))
        .map((firm) => ({ name: firm.firm, api: arrestraApi(settings.apiUrl, firm.apiKey) })),
      stateDir,
      pages: new PageStore(stateDir, id, settings.pageKey),
      report,
      refuse: (reason) => refuse(polite, reason),
    });
  } finally {
    report.end();
    await fetcher.close();
  }
}

function openFetcher(settings: ScraperSettings, polite: PoliteOptions, browser: boolean): Fetcher {
  const gate = politeGate(polite);
  const options = { timeoutMs: settings.timeoutMs, vendor: "topics" };
  if (!browser) return httpFetcher(gate, options);
  if (!settings.chromiumPath)
    throw new Error("CHROMIUM_PATH is missing: this source needs a browser (see .env.example).");
  return browserFetcher(gate, { ...options, executablePath: settings.chromiumPath });
}
