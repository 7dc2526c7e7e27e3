import { type Env, env } from "@/lib/platform/env";
import { bucketStore, type FileStore } from "@/lib/platform/file-store";
import { LOOPBACK } from "@/lib/platform/safe-addresses";

/** Nobody's site is asked more often than once a second, whatever the settings say. */
const FASTEST_MS = 1000;

/** What a scraper process needs to know. */
export type ScraperSettings = {
  apiUrl: string;
  baseUrl: URL;
  /** The firms with their keys: JSON, in a file or as it is. */
  firms: { file: string } | { text: string };
  contact: string;
  stateDir: string;
  minIntervalMs: number;
  dailyBudget: number;
  timeoutMs: number;
  disabledSources: ReadonlySet<string>;
  /** 32 bytes, or null: raw pages are then not kept, only their hashes. */
  pageKey: Uint8Array | null;
  /** Where sealed pages go beside the folder, so that they can be read again when this machine is gone; null: nowhere. */
  rawPages: FileStore | null;
  /** The Chromium that the browser fetcher drives; null where none is set. */
  chromiumPath: string | null;
};

/** The settings from the environment. Throws with the name of what is missing: a real site is never asked anonymously. */
export function readScraperSettings(): ScraperSettings {
  const settings = env();
  const baseUrl = new URL(settings.TOPICS_BASE_URL);
  // The sandbox on this machine may be asked faster than a court.
  const isLocal = LOOPBACK.test(baseUrl.hostname);
  const contact = settings.SCRAPER_CONTACT ?? (isLocal ? "operator@localhost" : "");
  if (!contact) throw new Error("SCRAPER_CONTACT is missing: the site must know whom to write to (see .env.example).");
  return {
    apiUrl: settings.ARRESTRA_API_URL,
    baseUrl,
    firms: firmsOf(settings),
    contact,
    stateDir: settings.SCRAPER_STATE_DIR,
    minIntervalMs: isLocal ? settings.SCRAPER_MIN_INTERVAL_MS : Math.max(FASTEST_MS, settings.SCRAPER_MIN_INTERVAL_MS),
    dailyBudget: settings.SCRAPER_DAILY_BUDGET,
    timeoutMs: settings.SCRAPER_TIMEOUT_MS,
    disabledSources: new Set(settings.SCRAPER_DISABLED_SOURCES.split(/[\s,]+/).filter(Boolean)),
    pageKey: settings.SCRAPER_PAGE_KEY ? Buffer.from(settings.SCRAPER_PAGE_KEY, "base64") : null,
    rawPages: rawPagesOf(settings),
    chromiumPath: settings.CHROMIUM_PATH ?? null,
  };
}

/** A page names people: none leaves this machine unsealed, so a bucket without a key would stay empty while somebody counts on it. */
function rawPagesOf({ RAW_PAGES_BUCKET: bucket, SCRAPER_PAGE_KEY: key }: Env): FileStore | null {
  if (!bucket) return null;
  if (!key)
    throw new Error(
      "RAW_PAGES_BUCKET is set without SCRAPER_PAGE_KEY: raw pages name people and are put away only sealed.",
    );
  return bucketStore(bucket);
}

/** One of the two: with both, a firm that was taken out of one would go on through the other. */
function firmsOf({ SCRAPER_FIRMS_FILE: file, SCRAPER_FIRMS: text }: Env): ScraperSettings["firms"] {
  if (file && text) throw new Error("SCRAPER_FIRMS_FILE and SCRAPER_FIRMS are both set: which one counts?");
  if (file) return { file };
  if (text) return { text };
  throw new Error("SCRAPER_FIRMS_FILE is missing, and so is SCRAPER_FIRMS (see .env.example).");
}
