import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { systemClock } from "@/lib/core/clock";
import { type County, findCounty } from "@/lib/core/county";
import { scrapeCounties } from "./scrape-counties";
import type { RunOutcome } from "./scrape-county";
import { readScraperSettings } from "./settings";
import { Holds } from "./state/host-state";

const USAGE = `npm run scrape -- --county Travis [--county Hays ...]   one pass over these counties
npm run scrape [-- --all]                              one pass over every county that a firm takes
  --every MINUTES      go on, with this pause between passes (default: one pass, as with --once)
  --browser            drive Chromium, for a site that needs JavaScript or a session
  --accept-list        a person has looked: the list really is this short
  --hold NAME          kill switch: a source (topics.travis), a host, or "all"
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
    },
  });
  const counties = values.county.map((name): County => {
    const county = findCounty(name);
    if (!county) throw new Error(`${name} is no county of Texas`);
    return county;
  });
  const minutes = values.every === undefined || values.once ? null : Number(values.every);
  if (minutes !== null && !(minutes > 0)) throw new Error("--every wants a number of minutes");
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
  const holds = new Holds(settings.stateDir);
  if (given.hold) {
    holds.put(given.hold, "put there by an operator", systemClock.now());
    process.stdout.write(`${given.hold} is on hold\n`);
  }
  if (given.resume)
    process.stdout.write(
      holds.lift(given.resume) ? `${given.resume} may go on\n` : `${given.resume} was not on hold\n`,
    );
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
