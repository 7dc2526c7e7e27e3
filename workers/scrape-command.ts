import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { systemClock } from "@/lib/core/clock";
import { type County, findCounty } from "@/lib/core/county";
import { replayPages } from "./replay-pages";
import { scrapeCounties } from "./scrape-counties";
import type { RunOutcome } from "./scrape-county";
import { readScraperSettings, type ScraperSettings } from "./settings";
import { Holds } from "./state/host-state";

const USAGE = `npm run scrape -- --county Travis [--county Hays ...]   one pass over these counties
npm run scrape [-- --all]                              one pass over every county that a firm takes
  --every MINUTES      go on, with this pause between passes (default: one pass, as with --once)
  --browser            drive Chromium, for a site that needs JavaScript or a session
  --accept-list        a person has looked: the list really is this short
  --replay YYYY-MM-DD  read the raw pages that are kept of that day again; asks no court and posts nothing
  --hold NAME          kill switch: a source (topics.travis), a host, or "all"; for scrapers with this SCRAPER_STATE_DIR, on this machine
  --resume NAME        takes the hold away again
`;

function readArguments(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      county: { type: "string", multiple: true, default: [] },
      all: { type: "boolean", default: false },
      once: { type: "boolean", default: false },
      every: { type: "string" },
      browser: { type: "boolean", default: false },
      "accept-list": { type: "boolean", default: false },
      hold: { type: "string" },
      resume: { type: "string" },
      replay: { type: "string" },
    },
  });
  const counties = values.county.map((name): County => {
    const county = findCounty(name);
    if (!county) throw new Error(`${name} is no county of Texas`);
    return county;
  });
  const minutes = values.every === undefined || values.once ? null : Number(values.every);
  if (minutes !== null && !(minutes > 0)) throw new Error("--every wants a number of minutes");
  if (values.replay !== undefined && (!/^\d{4}-\d\d-\d\d$/.test(values.replay) || counties.length === 0))
    throw new Error("--replay wants a day, such as 2026-11-20, and --county");
  const isSwitch = values.hold !== undefined || values.resume !== undefined;
  const everything = values.all || (counties.length === 0 && !isSwitch);
  return { ...values, minutes, counties: everything ? ("all" as const) : counties };
}

/** Somebody who asks by hand waits for the scheduled run at work rather than being sent away. */
const WAIT_FOR_LOCK_MS = 60_000;

/** One line per county for people; the JSON lines of a run are printed as it goes. */
function tell(outcomes: readonly RunOutcome[]): void {
  if (!process.stderr.isTTY) return;
  for (const { source, found, fetched, withdrawn, status, error } of outcomes) {
    const numbers = `${found} on the list, ${fetched} read, ${withdrawn} withdrawn`;
    process.stderr.write(`${source}: ${status}; ${numbers}${error ? `; ${error}` : ""}\n`);
  }
}

/** One line per county, of numbers and landmarks alone; false when a page does not read. */
async function replay(settings: ScraperSettings, counties: readonly County[], day: string): Promise<boolean> {
  const all = await Promise.all(counties.map((county) => replayPages(settings, county, day)));
  for (const { source, lists, leads, changed, landmarks, strangers } of all) {
    const lacking = Object.entries(landmarks).map(([name, count]) => `${name}: ${count}`);
    process.stdout.write(
      `${source} of ${day}: ${lists} lists and ${leads} forms read, ${changed} pages lack expected landmarks${lacking.length > 0 ? ` (${lacking.join(", ")})` : ""}, ${strangers} are on no list\n`,
    );
  }
  return all.every(({ changed }) => changed === 0);
}

/** The command line. Gives the exit code: 0 done or partly done, 1 a county failed, 2 wrong use, 75 another scraper is at work. */
async function scrapeCommand(args: string[]): Promise<number> {
  let given: ReturnType<typeof readArguments>;
  try {
    given = readArguments(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  const settings = readScraperSettings();
  if (given.replay !== undefined && given.counties !== "all")
    return (await replay(settings, given.counties, given.replay)) ? 0 : 1;
  for (const line of new Holds(settings.stateDir).flip(given, systemClock.now())) process.stdout.write(`${line}\n`);
  if (given.counties !== "all" && given.counties.length === 0) return 0;

  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
  for (;;) {
    const { browser, "accept-list": acceptList } = given;
    const options = { browser, acceptList, signal: stop.signal, waitForLockMs: WAIT_FOR_LOCK_MS };
    const outcomes = await scrapeCounties(settings, given.counties, options);
    if (!outcomes) {
      process.stderr.write("another scraper is at this site: this one leaves it alone\n");
      if (given.minutes === null) return 75;
    }
    tell(outcomes ?? []);
    if (given.minutes === null || stop.signal.aborted)
      return outcomes?.some((each) => each.status === "failed") ? 1 : 0;
    await delay(given.minutes * 60_000, undefined, { signal: stop.signal }).catch(() => undefined);
    if (stop.signal.aborted) return 0;
  }
}

/** Runs the command for this process: sets its exit code, says one plain sentence when it cannot. */
export async function runScrapeCommand(args: string[]): Promise<void> {
  try {
    process.exitCode = await scrapeCommand(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
