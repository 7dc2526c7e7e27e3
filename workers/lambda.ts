import { findCounty } from "@/lib/core/county";
import { lineReporter } from "./progress";
import { scrapeCounties } from "./scrape-counties";
import type { RunOutcome } from "./scrape-county";
import { readScraperSettings } from "./settings";

/** The event of a schedule: `{ "counties": ["Travis"] }`, or nothing for every county that a firm takes. */
export type ScrapeEvent = { counties?: string[] };
/** The part of the Lambda context that matters: how long this call may still run. */
export type LambdaContext = { getRemainingTimeInMillis(): number };

/** Time kept back to deliver what was read before the call is cut off. */
const KEEP_BACK_MS = 60_000;

/**
 * The Lambda entry: one pass, one connection (set reserved concurrency to 1). `SCRAPER_STATE_DIR` must be a mounted file system (EFS):
 * what a call could not deliver lies there for the next one. A failed county throws, so that the invocation counts as failed.
 */
export async function handler(event: ScrapeEvent, context: LambdaContext): Promise<RunOutcome[]> {
  const counties = event.counties?.map((name) => {
    const county = findCounty(name);
    if (!county) throw new Error(`${name} is no county of Texas`);
    return county;
  });
  const signal = AbortSignal.timeout(Math.max(1000, context.getRemainingTimeInMillis() - KEEP_BACK_MS));
  const outcomes = await scrapeCounties(readScraperSettings(), counties ?? "all", { signal, reporter: lineReporter });
  if (!outcomes) throw new Error("another scraper is at this site");
  const failed = outcomes.filter((outcome) => outcome.status === "failed").map((outcome) => outcome.source);
  if (failed.length > 0) throw new Error(`failed: ${failed.join(", ")}`);
  return outcomes;
}
