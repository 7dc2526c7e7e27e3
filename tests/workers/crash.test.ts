import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { packed } from "../setup/programs";
import { openStage, type Stage } from "./stage";

const FORMS = 12;

/** A scraper in a process of its own, as cron would start it. */
function startScraper({ settings }: Stage): ChildProcess {
  return spawn(process.execPath, [packed("workers/scrape.ts"), "--county", "Travis", "--once"], {
    cwd: join(import.meta.dirname, "../.."),
    stdio: "ignore",
    env: {
      ...process.env,
      ARRESTRA_ENV: "test",
      ARRESTRA_API_URL: settings.apiUrl,
      TOPICS_BASE_URL: settings.baseUrl.href,
      SCRAPER_FIRMS_FILE: settings.firmsFile,
      SCRAPER_STATE_DIR: settings.stateDir,
      SCRAPER_CONTACT: settings.contact,
      SCRAPER_MIN_INTERVAL_MS: "0",
    },
  });
}

/** Lets a scraper live until the given moment, then kills it as a power cut would. Gives whether the moment came. */
async function killAt(stage: Stage, moment: { page?: number; path?: string; nth?: number }): Promise<boolean> {
  const child = startScraper(stage);
  const ended = once(child, "exit");
  const { site } = stage.sandbox.topics;
  const served = site.markServed.bind(site);
  let pages = 0;
  let calls = 0;
  site.markServed = (form) => {
    served(form);
    pages += 1;
    if (pages === moment.page) child.kill("SIGKILL");
  };
  stage.api.onRequest = (path) => {
    if (moment.path && path.startsWith(moment.path)) calls += 1;
    if (moment.path && calls === (moment.nth ?? 1)) child.kill("SIGKILL");
  };
  const [, signal] = await ended;
  site.markServed = served;
  stage.api.onRequest = () => {};
  return signal === "SIGKILL";
}

/** How often each form's page was asked for. */
function timesAsked(stage: Stage): number[] {
  const counts = new Map<string, number>();
  for (const path of stage.asked().filter((each) => each.includes("/BailPublic/BailPublic/")))
    counts.set(path, (counts.get(path) ?? 0) + 1);
  return [...counts.values()];
}

function expectNothingLostNothingTwice(stage: Stage): void {
  const side = stage.api.side("smithlaw");
  expect(side.held.size).toBe(FORMS);
  const ids = stage.leads().map((lead) => lead.sourceId);
  expect(ids).toHaveLength(FORMS);
  expect(new Set(ids).size).toBe(FORMS);
  for (const run of side.runs) {
    const account = run.finished.at(-1);
    if (!account) throw new Error("a run was left open");
    const { found, new: fresh, changed, same, rejected, suppressed } = account;
    expect(fresh + changed + same + rejected + suppressed).toBe(found);
  }
  const runs = join(stage.settings.stateDir, "runs", "topics.travis");
  expect(existsSync(runs) ? readdirSync(runs) : []).toEqual([]);
}

// Every one of these starts processes: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

describe("a scraper killed with -9", () => {
  it.each([
    ["after the first page", { page: 1 }],
    ["in the middle of the pages", { page: 6 }],
    ["at the last page", { page: FORMS }],
    ["while known is answered", { path: "/api/ingest/known" }],
    ["while its run is opened", { path: "/api/ingest/runs" }],
    ["while its batch is answered", { path: "/api/leads/ingest" }],
    ["while its run is closed", { path: "/api/ingest/runs/" }],
  ])("%s: the next run finishes its work, loses nothing and posts nothing twice", async (_, moment) => {
    const stage = await openStage("shuffled-rows");
    expect(await killAt(stage, moment)).toBe(true);
    expect(await stage.scrape()).toMatchObject({ found: FORMS });
    expectNothingLostNothingTwice(stage);
    // Only the page that was on its way when the power went may be asked for again.
    const times = timesAsked(stage);
    expect(times).toHaveLength(FORMS);
    expect(times.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(FORMS + 1);
  });

  it("repeats an unanswered batch under its old key, byte for byte", async () => {
    const stage = await openStage("shuffled-rows");
    await killAt(stage, { path: "/api/leads/ingest" });
    await stage.scrape();
    const [first, second] = stage.api.side("smithlaw").batches;
    expect(second).toMatchObject({ key: first?.key, body: first?.body, replayed: true });
  });

  it("is survived many times in a row", async () => {
    const stage = await openStage("shuffled-rows");
    for (const page of [2, 2, 1, 2]) await killAt(stage, { page });
    await killAt(stage, { path: "/api/leads/ingest" });
    await stage.scrape();
    expectNothingLostNothingTwice(stage);
  });
});
