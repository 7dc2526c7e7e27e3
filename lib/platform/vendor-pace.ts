import { setTimeout as pause } from "node:timers/promises";
import { AppError, VendorError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { sha256 } from "@/lib/core/secret";
import { housePool } from "./db";
import { failureFields, log } from "./log";

/** How fast a vendor may be asked: never more than `points` calls within any `perMs`, of which `burst` may come at once. */
export type VendorPace = { points: number; perMs: number; burst: number; scope: string; reason: string };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 86_400 * SECOND;

/** What vendors allow, each counted for what the vendor itself counts it for; over all processes. */
export const VENDOR_PACES = {
  "acuity.address": {
    points: 10,
    perMs: SECOND,
    burst: 2,
    scope: "the address that we call from: all firms together",
    reason: "Acuity counts per source address, and every firm's calls come from ours.",
  },
  "google.project": {
    points: 10_000,
    perMs: MINUTE,
    burst: 2000,
    scope: "our project at Google: all firms together",
    reason: "Google gives a project ten thousand requests a minute, whoever they are made for.",
  },
  "google.user": {
    points: 600,
    perMs: MINUTE,
    burst: 100,
    scope: "a Google account",
    reason: "Google gives each user of a project six hundred requests a minute.",
  },
  "zoom.light": {
    points: 30,
    perMs: SECOND,
    burst: 6,
    scope: "a Zoom account",
    reason: "Zoom counts light calls per account, and shares the count with the account's other apps.",
  },
  "zoom.medium": {
    points: 20,
    perMs: SECOND,
    burst: 4,
    scope: "a Zoom account",
    reason: "Likewise for calls that Zoom names medium.",
  },
  "zoom.host-writes": {
    points: 100,
    perMs: DAY,
    burst: 70,
    scope: "a host at Zoom",
    reason: "Zoom lets a host's meetings be made and changed a hundred times a day, and then refuses until the next.",
  },
  "zoho.tokens": {
    points: 8,
    perMs: 10 * MINUTE,
    burst: 5,
    scope: "a firm's connection",
    reason: "Zoho gives ten access tokens per grant in ten minutes and denies access after that; two stay in reserve.",
  },
} as const satisfies Record<string, VendorPace>;
export type VendorPaceName = keyof typeof VENDOR_PACES;

/** How many calls of a vendor may be under way at once, over all processes. */
export type VendorPlaces = { atOnce: number; scope: string; reason: string };

/** What vendors allow at the same time. */
export const VENDOR_PLACES = {
  "acuity.address": {
    atOnce: 20,
    scope: "the address that we call from: all firms together",
    reason: "Acuity takes twenty at once from one address.",
  },
  "zoho.org": {
    atOnce: 5,
    scope: "an organization at Zoho",
    reason: "The smallest edition of Zoho CRM takes five at once from one app, and heavy calls count more.",
  },
} as const satisfies Record<string, VendorPlaces>;
export type VendorPlacesName = keyof typeof VENDOR_PLACES;

/** The longest that a call waits for room: beyond it, a worker has better things to do. */
export const MAX_WAIT_MS = 2000;

/** A place of a process that died is free after so long; no call of ours lasts longer. */
const PLACE_KEPT_MS = 60_000;

/** The database's clock, which all processes share. */
const NOW_MS = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

const vendorOf = (name: string): string => name.split(".", 1)[0] ?? name;

/** The time between two calls, once a burst is over: with it no stretch of `perMs` holds more than `points`. */
export const intervalOf = ({ points, perMs, burst }: VendorPace): number => Math.ceil(perMs / (points - burst));

/**
 * Waits for a turn to call a vendor, at most two seconds. Turns are given out by the database in the order they are asked for, so all processes together
 * keep the pace. The subject is stored as a digest.
 * @throws VendorError `throttled` with `retryAfterMs` when there is no room so soon; AppError `unavailable` when the store is down: what cannot be
 * counted is not called.
 */
export async function takeTurn(name: VendorPaceName, subject: string): Promise<void> {
  const { waitMs, isTaken } = await nextTurn(name, subject);
  if (!isTaken) {
    throw new VendorError(vendorOf(name), "throttled", `has no room within ${MAX_WAIT_MS} ms (${name})`, {
      retryAfterMs: waitMs,
      code: "pace",
    });
  }
  if (waitMs > 0) await pause(waitMs);
}

/**
 * `expire` holds when the last turn that was given out is fully paid for: a turn may begin `burst` intervals before that, and is refused when it would
 * begin later than anybody waits.
 */
async function nextTurn(name: VendorPaceName, subject: string): Promise<{ isTaken: boolean; waitMs: number }> {
  const rule = VENDOR_PACES[name];
  const interval = intervalOf(rule);
  const aheadMs = interval * (rule.burst - 1);
  const key = `pace:${name}:${sha256(subject)}`;
  const { rows } = await asked<{ paid: string; at: string }>(
    `INSERT INTO rate_limit AS r (key, points, expire) VALUES ($1, 1, ${NOW_MS} + $2::bigint)
     ON CONFLICT (key) DO UPDATE SET points = 1, expire = greatest(r.expire, ${NOW_MS}) + $2::bigint
     WHERE r.expire - ${NOW_MS} <= $3::bigint
     RETURNING expire AS paid, ${NOW_MS} AS at`,
    [key, interval, aheadMs + MAX_WAIT_MS],
  );
  const [row] = rows;
  if (row) return { isTaken: true, waitMs: Math.max(0, Number(row.paid) - interval - aheadMs - Number(row.at)) };
  const { rows: full } = await asked<{ left: string }>(
    `SELECT expire - ${NOW_MS} AS left FROM rate_limit WHERE key = $1`,
    [key],
  );
  return { isTaken: false, waitMs: Math.max(SECOND, Number(full[0]?.left ?? 0) - aheadMs) };
}

/**
 * Calls a vendor in one of the places that a subject has there at the same time; waits for one at most two seconds. Holds over all processes; the place of
 * a process that dies is free a minute later.
 * @throws VendorError `throttled` when every place stays taken; AppError `unavailable` when the store is down; whatever `call` throws.
 */
export async function atOnce<T>(name: VendorPlacesName, subject: string, call: () => Promise<T>): Promise<T> {
  const mine = await takePlace(name, subject);
  try {
    return await call();
  } finally {
    // Its own end tells it from the place that somebody else has taken since.
    await housePool()
      .query("DELETE FROM rate_limit WHERE key = $1 AND expire = $2", [mine.key, mine.expire])
      .catch((error: unknown) => log.warn("a place at a vendor was not given back", failureFields(error)));
  }
}

type Place = { key: string; expire: string };

async function takePlace(name: VendorPlacesName, subject: string): Promise<Place> {
  const places = VENDOR_PLACES[name].atOnce;
  const prefix = `place:${name}:${sha256(subject)}:`;
  const until = performance.now() + MAX_WAIT_MS;
  for (;;) {
    // The end of a lease is made odd by a few milliseconds, so that two holders of one place never have the same.
    const keptMs = PLACE_KEPT_MS + Number.parseInt(newId().slice(-3), 16);
    const { rows } = await asked<Place>(
      `INSERT INTO rate_limit AS r (key, points, expire)
       SELECT free.key, 1, at + $3::bigint
       FROM (SELECT ${NOW_MS}) AS now (at), LATERAL (
         SELECT $1 || place AS key FROM generate_series(1, $2::int) AS place
         LEFT JOIN rate_limit held ON held.key = $1 || place
         WHERE held.key IS NULL OR held.expire <= now.at ORDER BY random() LIMIT 1) AS free
       ON CONFLICT (key) DO UPDATE SET points = 1, expire = EXCLUDED.expire WHERE r.expire <= EXCLUDED.expire - $3::bigint
       RETURNING key, expire`,
      [prefix, places, keptMs],
    );
    if (rows[0]) return rows[0];
    if (performance.now() >= until) {
      throw new VendorError(vendorOf(name), "throttled", `has ${places} calls under way (${name})`, {
        retryAfterMs: 5 * SECOND,
        code: "places",
      });
    }
    await pause(50 + Math.random() * 100);
  }
}

async function asked<R extends object>(sql: string, values: unknown[]): Promise<{ rows: R[] }> {
  try {
    return await housePool().query<R>(sql, values);
  } catch (error) {
    log.error("the pace of a vendor cannot be looked up", failureFields(error));
    throw new AppError("unavailable", "The service is busy or restarting. Try again shortly.", {
      cause: error,
      retryAfterSeconds: 2,
    });
  }
}
