import { FirmFeed } from "./firm-feed";
import type { ScrapeDeps } from "./scrape-county";
import type { ListedForm } from "./sources/source";
import type { Memory } from "./state/memory";
import { RunFolder } from "./state/run-folder";

/**
 * Delivers what earlier runs read and could not deliver, under the keys they used, and closes them. Gives the firms that are still behind.
 * Nothing is fetched again: what was journaled is posted as it was read.
 */
export async function finishEarlierRuns<Row extends ListedForm>(
  deps: ScrapeDeps<Row>,
  memory: Memory,
): Promise<Set<string>> {
  const { source, firms, clock, report, stateDir, chunkLeads = 250 } = deps;
  const behind = new Set<string>();
  for (const folder of RunFolder.unfinished(stateDir, source.id)) {
    if (!folder.summary) report.warn(`${source.id}: an earlier run ended early; what it read is delivered now`);
    while (folder.cut(chunkLeads)) {
      // Every call binds the next journal lines to a chunk.
    }
    for (const entry of folder.journal) memory.rows[entry.id] = entry.rowHash;
    for (const name of folder.start.firms.filter((each) => !folder.isClosed(each))) {
      const firm = firms.find((each) => each.name === name);
      if (!firm) {
        report.warn(`${name} no longer takes ${source.county}: what waited for it is dropped`);
        folder.close(name);
      } else if (!behind.has(name)) {
        const feed = new FirmFeed(folder, firm, report);
        feed.sendPending();
        await feed.close(memory, clock.now());
        if (!feed.isUp) behind.add(name);
      }
    }
  }
  return behind;
}
