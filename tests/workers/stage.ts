import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { IngestLead } from "@/lib/contracts/ingest";
import type { County } from "@/lib/core/county";
import { type Sandbox, startSandbox } from "@/sandbox/server";
import type { Reporter } from "@/workers/progress";
import { type ScrapeOptions, scrapeCounties } from "@/workers/scrape-counties";
import type { RunOutcome } from "@/workers/scrape-county";
import type { ScraperSettings } from "@/workers/settings";
import { IngestReceiver } from "./ingest-receiver";

/** A court site, an API and a scraper's folder, all real, all gone after the test. */
export type Stage = {
  sandbox: Sandbox;
  api: IngestReceiver;
  settings: ScraperSettings & { firmsFile: string };
  said: string[];
  scrape(options?: ScrapeOptions, settings?: Partial<ScraperSettings>): Promise<RunOutcome>;
  /** The leads that a firm was sent so far, in order, withdrawals left out. */
  leads(firm?: string): IngestLead[];
  /** Paths asked of the court site, robots.txt left out. */
  asked(): string[];
};

export async function openStage(
  scenario: string,
  firms: { firm: string; counties: County[] }[] = [{ firm: "smithlaw", counties: ["Travis"] }],
): Promise<Stage> {
  const sandbox = await startSandbox({ env: "test" });
  if (!sandbox.topics.site.choose("Travis", scenario)) throw new Error(`the sandbox has no scenario ${scenario}`);
  const api = new IngestReceiver(Object.fromEntries(firms.map(({ firm }) => [`key-of-${firm}`, firm])));
  await api.start();
  const folder = mkdtempSync(join(tmpdir(), "arrestra-scraper-"));
  onTestFinished(async () => {
    await Promise.all([sandbox.close(), api.close()]);
    rmSync(folder, { recursive: true, force: true });
  });
  const firmsFile = join(folder, "firms.json");
  writeFileSync(firmsFile, JSON.stringify(firms.map((each) => ({ ...each, apiKey: `key-of-${each.firm}` }))));
  const settings: Stage["settings"] = {
    apiUrl: api.url,
    baseUrl: new URL(`${sandbox.url}/topics`),
    firmsFile,
    firms: { file: firmsFile },
    contact: "operator@example.test",
    stateDir: join(folder, "state"),
    minIntervalMs: 0,
    dailyBudget: 100_000,
    timeoutMs: 2_000,
    disabledSources: new Set(),
    pageKey: null,
    rawPages: null,
    chromiumPath: null,
  };
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const reporter = (): Reporter => ({
    begin: () => {},
    tick: () => {},
    end: () => {},
    info: () => {},
    warn: say,
    error: say,
  });
  return {
    sandbox,
    api,
    settings,
    said,
    async scrape(options = {}, changed = {}) {
      const outcomes = await scrapeCounties({ ...settings, ...changed }, ["Travis"], {
        reporter,
        backoffMs: 1,
        ...options,
      });
      const [outcome] = outcomes ?? [];
      if (!outcome) throw new Error("another scraper is at work");
      return outcome;
    },
    leads: (firm = "smithlaw") =>
      api
        .side(firm)
        .batches.flatMap((batch) =>
          batch.replayed ? [] : batch.leads.filter((lead) => !("withdrawnAt" in lead)),
        ) as IngestLead[],
    asked: () =>
      sandbox.log
        .last("topics", 100_000)
        .map((request) => request.path.replace("/topics", ""))
        .filter((path) => !path.includes("robots.txt")),
  };
}
