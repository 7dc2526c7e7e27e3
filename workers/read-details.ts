import { IngestLead } from "@/lib/contracts/ingest";
import { VendorError } from "@/lib/core/errors";
import type { FirmFeed } from "./firm-feed";
import type { ScrapeDeps } from "./scrape-county";
import { PageChanged, SourceRefused } from "./sources/errors";
import { isChallenge } from "./sources/fetchers/polite";
import type { ListedForm } from "./sources/source";
import type { RunFolder } from "./state/run-folder";
import { whyStopped } from "./why-stopped";

/** After so many pages in a row that changed, or did not come, the rest would be the same: asking on is only noise for the site. */
const CHANGED_IN_A_ROW = 5;
const FAILED_IN_A_ROW = 3;

type DetailsResult = {
  fetched: number;
  /** Pages that did not prove themselves, and the landmarks they lacked. */
  changed: number;
  landmarks: string[];
  /** Wanted pages that were not read. */
  unread: number;
  /** Why reading stopped early. */
  stopped: string | null;
  /** The site, or a hold, said no. */
  refused: boolean;
};

type Work<Row extends ListedForm> = {
  folder: RunFolder;
  feeds: FirmFeed[];
  rows: readonly Row[];
  wanted: readonly string[];
};

/**
 * Fetches the wanted details one by one, journals each as soon as it is read, and hands chunks to the firms' feeds while the next page is
 * under way. Never throws for what a site can do.
 */
export async function readDetails<Row extends ListedForm>(
  deps: ScrapeDeps<Row>,
  work: Work<Row>,
): Promise<DetailsResult> {
  const { source, report, signal, chunkLeads = 250, flushMs = 10_000 } = deps;
  const { folder, feeds, wanted } = work;
  const rows = new Map(work.rows.map((row) => [row.id, row]));
  const result: DetailsResult = { fetched: 0, changed: 0, landmarks: [], unread: 0, stopped: null, refused: false };
  const hand = (least: number) => {
    while (folder.loose.length >= least) {
      const chunk = folder.cut(chunkLeads);
      if (!chunk) return;
      for (const feed of feeds) feed.send(chunk);
    }
  };
  let changedInARow = 0;
  let failedInARow = 0;
  let flushedAt = performance.now();
  report.begin(`${source.county} County`, wanted.length);
  for (const [index, id] of wanted.entries()) {
    const row = rows.get(id);
    if (!row) continue;
    if (signal?.aborted) result.stopped = "it was told to stop";
    else {
      try {
        const landmark = await readOne(deps, folder, row);
        failedInARow = 0;
        if (landmark === null) {
          result.fetched += 1;
          changedInARow = 0;
        } else {
          result.changed += 1;
          changedInARow += 1;
          if (!result.landmarks.includes(landmark)) result.landmarks.push(landmark);
          report.error(`${source.id}: form ${id} did not prove itself: ${landmark}`, { event: "scrape.page_changed" });
        }
      } catch (error) {
        const reason = whyStopped(error);
        result.unread += 1;
        failedInARow += 1;
        if (error instanceof VendorError) report.warn(`${source.id}: form ${id}: ${reason}`, { kind: error.kind });
        const passes =
          error instanceof VendorError && (error.retryAfterMs ?? 0) === 0 && failedInARow < FAILED_IN_A_ROW;
        if (!passes) result.stopped = reason;
        result.refused = error instanceof SourceRefused;
      }
    }
    report.tick();
    if (changedInARow >= CHANGED_IN_A_ROW) result.stopped = `${CHANGED_IN_A_ROW} pages in a row have changed`;
    if (result.stopped) {
      result.unread += wanted.length - index - (signal?.aborted ? 0 : 1);
      report.error(`${source.id}: stopped: ${result.stopped}`, { event: "scrape.stopped" });
      break;
    }
    if (performance.now() - flushedAt >= flushMs) {
      hand(1);
      flushedAt = performance.now();
    } else hand(chunkLeads);
  }
  hand(1);
  report.end();
  return result;
}

/** Null when the page made a lead, else the landmark it lacked. */
async function readOne<Row extends ListedForm>(
  deps: ScrapeDeps<Row>,
  folder: RunFolder,
  row: Row,
): Promise<string | null> {
  const page = await deps.source.detail(row.id);
  deps.pages.keep(page);
  try {
    // Parsed once more by the wire's own schema: what the API would refuse is seen here, beside its page.
    const lead = IngestLead.safeParse(deps.source.parseLead(page, row));
    if (!lead.success) throw new PageChanged("lead", lead.error.issues.map((issue) => issue.path.join(".")).join(", "));
    folder.note({ id: row.id, fetchedAt: page.fetchedAt, rowHash: row.rowHash, lead: lead.data });
    return null;
  } catch (error) {
    if (!(error instanceof PageChanged)) throw error;
    if (isChallenge(page)) throw deps.refuse("a form's page asks for a human");
    folder.note({ id: row.id, fetchedAt: page.fetchedAt, rowHash: row.rowHash, refusal: error.landmark });
    return error.landmark;
  }
}
