import type { Clock } from "@/lib/core/clock";
import { VendorError } from "@/lib/core/errors";
import { finishEarlierRuns } from "./finish-earlier-runs";
import { type FirmDoor, FirmFeed } from "./firm-feed";
import { type KnownForms, planRun } from "./plan";
import type { Reporter } from "./progress";
import { readDetails } from "./read-details";
import { PageChanged, type SourceRefused } from "./sources/errors";
import { isChallenge } from "./sources/fetchers/polite";
import type { ListedForm, Listing, Source } from "./sources/source";
import { forgetOld } from "./state/forget-old";
import { type Memory, readMemory, writeMemory } from "./state/memory";
import type { PageStore } from "./state/page-store";
import { RunFolder } from "./state/run-folder";
import type { Summary } from "./state/run-records";
import { whyStopped } from "./why-stopped";

/** Everything that one run of one county works with. */
export type ScrapeDeps<Row extends ListedForm = ListedForm> = {
  source: Source<Row>;
  firms: readonly FirmDoor[];
  stateDir: string;
  pages: PageStore;
  clock: Clock;
  report: Reporter;
  /** Puts the host on hold and gives the error: called when a page turns out to be a guard. */
  refuse: (reason: string) => SourceRefused;
  /** An operator has looked: a list this short is right. */
  acceptList?: boolean;
  /** Stops after the page at hand; what was read is delivered. */
  signal?: AbortSignal;
  chunkLeads?: number;
  flushMs?: number;
};

/** How a run ended. `waiting` names the firms that deliveries are still owed to. */
export type RunOutcome = Summary & { source: string; fetched: number; withdrawn: number; waiting: string[] };

/**
 * One run of one county for every firm that takes it: delivers what earlier runs left, asks what is known, fetches the list once and the
 * details that are new, amended or due for anybody, and posts them as they come. Expected trouble (refusal, changed page, no answer,
 * budget) is an outcome, not an exception. The caller holds the host's lock.
 */
export async function scrapeCounty<Row extends ListedForm>(deps: ScrapeDeps<Row>): Promise<RunOutcome> {
  const { source, clock, report, stateDir } = deps;
  for (const run of forgetOld(stateDir, source, clock.now()))
    report.warn(`${run} was not taken by every firm in 30 days: what waited is dropped, and the court is asked again`);
  const memory = readMemory(stateDir, source.id);
  const behind = await finishEarlierRuns(deps, memory);
  writeMemory(stateDir, source.id, memory);
  const reviewed = source.reviewedUntil !== null && source.reviewedUntil > clock.now();
  if (!reviewed)
    return refused(deps, `${source.baseUrl.host} has no valid review (workers/sources/reviews.json): it is not asked`);

  // A firm that still owes the last run's deliveries would only collect more of them.
  const { known, doors } = await askKnown(
    deps,
    deps.firms.filter((firm) => !behind.has(firm.name)),
  );
  if (doors.length === 0) return refused(deps, "no firm can be reached: nothing is fetched");
  const firms = doors.map((firm) => firm.name);
  const folder = RunFolder.create(stateDir, { source: source.id, county: source.county, firms, now: clock.now() });
  const feeds = doors.map((firm) => new FirmFeed(folder, firm, report));
  for (const feed of feeds) feed.open();

  const result = await readSite(deps, { folder, feeds, known, memory });
  // First on disk what was found out, then tell: a crash in between repeats nothing.
  folder.summary = result.summary;
  await Promise.all(feeds.map((feed) => feed.close(memory, clock.now())));
  writeMemory(stateDir, source.id, memory);
  const waiting = [...behind, ...feeds.filter((feed) => !feed.isUp).map((feed) => feed.firm.name)];
  const { found, rejected, status } = result.summary;
  const { fetched, withdrawn } = result;
  report.info(`${status}: ${found} on the list, ${fetched} read`, {
    event: "scrape.done",
    found,
    rejected,
    withdrawn,
    count: fetched,
  });
  return { source: source.id, ...result.summary, fetched, withdrawn, waiting };
}

function refused(
  { source, report }: Pick<ScrapeDeps, "report"> & { source: { id: string } },
  error: string,
): RunOutcome {
  report.error(error, { event: "scrape.refused" });
  return { source: source.id, found: 0, rejected: 0, fetched: 0, withdrawn: 0, waiting: [], status: "failed", error };
}

async function askKnown<Row extends ListedForm>({ source, report }: ScrapeDeps<Row>, firms: readonly FirmDoor[]) {
  const known = new Map<string, KnownForms>();
  const doors: FirmDoor[] = [];
  await Promise.all(
    firms.map(async (firm) => {
      try {
        known.set(firm.name, await firm.api.known(source.id, source.county));
        doors.push(firm);
      } catch (error) {
        if (!(error instanceof VendorError)) throw error;
        report.warn(`${firm.name} is left out of this run: the API ${error.message}`, { kind: error.kind });
      }
    }),
  );
  return { known, doors };
}

type Site = { folder: RunFolder; feeds: FirmFeed[]; known: Map<string, KnownForms>; memory: Memory };
type SiteResult = { summary: Summary; fetched: number; withdrawn: number };

async function readSite<Row extends ListedForm>(deps: ScrapeDeps<Row>, site: Site): Promise<SiteResult> {
  const { source, clock, report } = deps;
  let listing: Listing<Row>;
  try {
    listing = await readList(deps);
  } catch (error) {
    const reason = whyStopped(error);
    report.error(`${source.id}: ${reason}`, { event: "scrape.list_failed" });
    return { summary: { found: 0, rejected: 0, status: "failed", error: reason }, fetched: 0, withdrawn: 0 };
  }
  const { folder, feeds, known, memory } = site;
  const plan = planRun({ rows: listing.rows, known, memory, now: clock.now(), acceptList: deps.acceptList });
  if (plan.insane) report.error(`${source.id}: ${plan.insane}; nothing is withdrawn`, { event: "scrape.list_insane" });
  const details = await readDetails(deps, { folder, feeds, rows: listing.rows, wanted: plan.fetch });

  let withdrawn = 0;
  for (const feed of feeds) {
    const gone = plan.withdrawn.get(feed.firm.name) ?? [];
    withdrawn += gone.length;
    for (let at = 0; at < gone.length; at += 250) {
      const withdrawals = gone
        .slice(at, at + 250)
        .map((id) => ({ sourceId: id, withdrawnAt: clock.now().toISOString() }));
      feed.send(folder.addWithdrawals(feed.firm.name, withdrawals, clock.now()));
    }
  }
  await Promise.all(feeds.map((feed) => feed.settled()));
  remember(memory, listing, folder, plan);
  const rejected = listing.refused.length + details.unread + details.changed;
  const troubles = [
    plan.insane,
    details.stopped,
    listing.refused.length > 0 ? `${listing.refused.length} rows of the list cannot be used` : null,
    details.changed > 0 ? `${details.changed} pages did not prove themselves (${details.landmarks.join(", ")})` : null,
    details.unread > 0 ? `${details.unread} pages were not read` : null,
  ].filter((trouble) => trouble !== null);
  const nothingGood = details.refused || (plan.insane !== null && listing.rows.length === 0);
  const status = nothingGood ? "failed" : troubles.length > 0 ? "partial" : "succeeded";
  const found = listing.rows.length + listing.refused.length;
  const summary: Summary = { found, rejected, status, error: troubles.join("; ") || null };
  return { summary, fetched: details.fetched, withdrawn };
}

async function readList<Row extends ListedForm>({ source, pages, refuse }: ScrapeDeps<Row>): Promise<Listing<Row>> {
  const page = await source.list();
  pages.keep(page);
  try {
    return source.parseList(page);
  } catch (error) {
    if (error instanceof PageChanged && isChallenge(page)) throw refuse("the list is a page that asks for a human");
    throw error;
  }
}

function remember<Row extends ListedForm>(
  memory: Memory,
  listing: Listing<Row>,
  folder: RunFolder,
  plan: ReturnType<typeof planRun>,
): void {
  const read = new Set(folder.journal.map((entry) => entry.id));
  const rows = plan.insane === null ? {} : { ...memory.rows };
  for (const row of listing.rows) rows[row.id] = read.has(row.id) ? row.rowHash : (memory.rows[row.id] ?? row.rowHash);
  memory.rows = rows;
  memory.missing = plan.missing;
  if (plan.insane !== null) return;
  const listed = new Set(listing.rows.map((row) => row.id));
  for (const [firm, settled] of Object.entries(memory.settled)) {
    memory.settled[firm] = Object.fromEntries(Object.entries(settled).filter(([id]) => listed.has(id)));
  }
}
