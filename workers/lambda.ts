import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { systemClock } from "@/lib/core/clock";
import { loadSecrets } from "@/lib/platform/secrets";
import { lineReporter } from "./progress";
import { scrapeCounties } from "./scrape-counties";
import type { RunOutcome } from "./scrape-county";
import { readEvent, type ScrapeEvent } from "./scrape-event";
import { readScraperSettings } from "./settings";
import { Holds } from "./state/host-state";

/** The part of the Lambda context that matters: how long this call may still run. */
export type LambdaContext = { getRemainingTimeInMillis(): number };

/** Time kept back to deliver what was read before the call is cut off. */
const KEEP_BACK_MS = 60_000;

const TEMPORARY = tmpdir();
const OF_A_CALL = "arrestra-call-";

/** Once per process: what was read stays good for its life, and a changed list of firms comes with the next. Tried again when it failed. */
let secrets: Promise<void> | undefined;

/** What a call did: what it said of holds, and how the county of each pass ended. */
export type ScrapeReply = { said: string[]; outcomes: RunOutcome[] };

/**
 * The Lambda entry: one pass, one connection (set reserved concurrency to 1), or holds put and lifted, which lie where the passes look and nobody else reaches. `SCRAPER_STATE_DIR` must be a mounted file system (EFS):
 * what a call could not deliver lies there for the next one. A failed county throws, so that the invocation counts as failed.
 */
export async function handler(event: ScrapeEvent, context: LambdaContext): Promise<ScrapeReply> {
  const signal = AbortSignal.timeout(Math.max(1000, context.getRemainingTimeInMillis() - KEEP_BACK_MS));
  const { counties, browser = false, acceptList = false, ...switches } = readEvent(event);
  secrets ??= loadSecrets();
  await secrets.catch((error: unknown) => {
    secrets = undefined;
    throw error;
  });
  const settings = readScraperSettings();
  const said = new Holds(settings.stateDir).flip(switches, systemClock.now());
  if (counties === null) return { said, outcomes: [] };
  const options = { signal, reporter: lineReporter, browser, acceptList };
  const outcomes = await withFolder(() => scrapeCounties(settings, counties, options));
  if (!outcomes) throw new Error("another scraper is at this site");
  const failed = outcomes.filter((outcome) => outcome.status === "failed").map((outcome) => outcome.source);
  if (failed.length > 0) throw new Error(`failed: ${failed.join(", ")}`);
  return { said, outcomes };
}

/**
 * Gives a call a folder of its own for what Chromium puts down, and takes it away again with those of calls that were cut off: /tmp outlives a call, and a
 * profile left behind by each would fill it.
 */
async function withFolder<T>(work: () => Promise<T>): Promise<T> {
  for (const name of readdirSync(TEMPORARY)) if (name.startsWith(OF_A_CALL)) remove(path.join(TEMPORARY, name));
  const folder = mkdtempSync(path.join(TEMPORARY, OF_A_CALL));
  process.env.TMPDIR = folder;
  try {
    return await work();
  } finally {
    process.env.TMPDIR = TEMPORARY;
    remove(folder);
  }
}

const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true });
