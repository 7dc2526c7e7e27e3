import { setTimeout as delay } from "node:timers/promises";
import robotsParser from "robots-parser";
import type { Clock } from "@/lib/core/clock";
import { VendorError } from "@/lib/core/errors";
import { httpRequest } from "@/lib/platform/http-client";
import type { Holds, HostState } from "../../state/host-state";
import { SourceRefused } from "../errors";
import type { Page } from "../source";
import type { Fetcher, Gate } from "./fetcher";

const ROBOT_NAME = "ArrestraBot";
/** A pause a host may ask for in the middle of a run. A longer one ends the run; the next one comes after it. */
const PATIENCE_MS = 120_000;
const ROBOTS_MAX_BYTES = 500_000;

/** The manners towards one host. */
export type PoliteOptions = {
  host: HostState;
  holds: Holds;
  /** Names whose hold stops this fetcher: the host, the source, `all`. */
  holdNames: readonly [host: string, ...others: string[]];
  minIntervalMs: number;
  contact: string;
  clock: Clock;
  timeoutMs: number;
  /** Random number in [0, 1), and the wait: given by tests. */
  random?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
};

/**
 * The gate of one host: nobody is asked against a hold, before a time the host named, against robots.txt, faster than agreed or over
 * the day's budget. Requests pass one at a time, in the order they came.
 */
export function politeGate(options: PoliteOptions): Gate {
  const { host, holds, clock, random = Math.random, sleep = delay } = options;
  const userAgent = `${ROBOT_NAME}/1.0 (+mailto:${options.contact})`;
  let line: Promise<unknown> = Promise.resolve();
  let robots: Promise<{ allows: (url: string) => boolean; delayMs: number }> | undefined;

  async function pass(extraDelayMs: number): Promise<void> {
    holds.assertNone(options.holdNames);
    const now = clock.now().getTime();
    const interval = Math.max(options.minIntervalMs, extraDelayMs) * (1 + random() * 0.25);
    const quiet = host.notBefore - now;
    if (quiet > PATIENCE_MS) {
      throw new VendorError("source", "throttled", "the host asked for a long pause", { retryAfterMs: quiet });
    }
    const wait = Math.max(host.lastRequestAt + interval - now, quiet);
    if (wait > 0) await sleep(Math.ceil(wait));
    // Somebody may have pulled the switch while we waited.
    holds.assertNone(options.holdNames);
    host.spend();
  }

  async function readRobots(origin: string) {
    const url = `${origin}/robots.txt`;
    await pass(0);
    const { timeoutMs } = options;
    const accept = (status: number) => status >= 400 && status < 500 && ![401, 403, 429].includes(status);
    const headers = { "User-Agent": userAgent };
    const reply = await httpRequest({
      vendor: "source",
      url,
      headers,
      timeoutMs,
      maxBytes: ROBOTS_MAX_BYTES,
      accept,
      redirects: 3,
    });
    // RFC 9309: no such file allows everything; one that cannot be read (it threw above) allows nothing.
    const rules = robotsParser(url, reply.status === 200 ? reply.text() : "");
    return {
      allows: (asked: string) => rules.isAllowed(asked, ROBOT_NAME) !== false,
      delayMs: (rules.getCrawlDelay(ROBOT_NAME) ?? 0) * 1000,
    };
  }

  async function enter(url: string): Promise<void> {
    robots ??= readRobots(new URL(url).origin);
    const rules = await robots.catch((error: unknown) => {
      robots = undefined;
      throw error;
    });
    if (!rules.allows(url))
      throw new SourceRefused(`robots.txt does not allow ${new URL(url).pathname.split("/").slice(0, 3).join("/")}`);
    await pass(rules.delayMs);
  }

  return {
    userAgent,
    enter(url) {
      const mine = line.then(() => enter(url));
      line = mine.catch(() => undefined);
      return mine;
    },
  };
}

const RETRIED = new Set(["timeout", "unavailable", "throttled"]);

/**
 * A fetcher that asks again by kind of failure: timeouts, 5xx and 429 up to `attempts` times with full jitter and never before a
 * Retry-After; anything else not at all. A 401 or 403 puts the host on hold until a person lifts it.
 */
export function patientFetcher(
  inner: Fetcher,
  options: PoliteOptions & { attempts?: number; backoffMs?: number },
): Fetcher {
  const { host, clock, attempts = 4, backoffMs = 2000, random = Math.random, sleep = delay } = options;
  return {
    async fetch(request): Promise<Page> {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await inner.fetch(request);
        } catch (error) {
          if (!(error instanceof VendorError)) throw error;
          if (error.status === 401 || error.status === 403) throw refuse(options, `the site answered ${error.status}`);
          if (error.retryAfterMs !== undefined) host.askedToWaitUntil(clock.now().getTime() + error.retryAfterMs);
          const tooLong = (error.retryAfterMs ?? 0) > PATIENCE_MS;
          if (!RETRIED.has(error.kind) || attempt >= attempts || tooLong) throw error;
          if (error.retryAfterMs === undefined)
            await sleep(Math.ceil(random() * Math.min(backoffMs * 2 ** attempt, 60_000)));
        }
      }
    },
    close: () => inner.close(),
  };
}

/** Puts the host on hold, for every source on it, and gives the error to throw. */
export function refuse(
  { holds, holdNames, clock }: Pick<PoliteOptions, "holds" | "holdNames" | "clock">,
  reason: string,
): SourceRefused {
  holds.put(holdNames[0], reason, clock.now());
  return new SourceRefused(`${reason}: ${holdNames[0]} is on hold until a person lifts it`);
}

const CHALLENGE =
  /captcha|challenge-form|cf-challenge|verify (that )?you are (a )?human|are you a robot|unusual traffic|request rejected|access denied|incapsula|attention required/i;

/** Whether a page that did not parse is a guard asking for a human. Asked only then: an offense may well contain such words. */
export const isChallenge = (page: Page): boolean => CHALLENGE.test(page.body.slice(0, 20_000));
