import { RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { AppError } from "@/lib/core/errors";
import { sha256 } from "@/lib/core/secret";
import { housePool } from "./db";
import { failureFields, log } from "./log";
import { RATE_LIMITS, type RateRule } from "./rate-table";

export type RateLimitName = keyof typeof RATE_LIMITS;

/** Whether there was room; if not, when there will be. */
export type RateTaken = { isAllowed: true } | { isAllowed: false; retryAfterSeconds: number };

/** Points taken from the store: how many were left to take, and for how long they may be used. */
export type PointsGranted = { granted: number; leftMs: number };

// The pool may be closed and opened again (tests, scripts), so it is asked for each time.
const store = { query: (asked: { text: string; values: unknown[] }) => housePool().query(asked) };

const limiters = new Map<RateLimitName, RateLimiterPostgres>();
function limiterOf(name: RateLimitName): RateLimiterPostgres {
  const known = limiters.get(name);
  if (known) return known;
  const { points, durationSeconds } = RATE_LIMITS[name];
  const limiter = new RateLimiterPostgres({
    storeClient: store,
    storeType: "client",
    tableName: "rate_limit",
    tableCreated: true,
    keyPrefix: name,
    points,
    duration: durationSeconds,
    // One timer per process is enough to sweep the table.
    clearExpiredByTimeout: limiters.size === 0,
  });
  limiters.set(name, limiter);
  return limiter;
}

/**
 * Takes up to `count` points of a limit and says how many there still were. The subject is stored as a digest.
 * @throws AppError `unavailable` when the store is down: a limit that cannot be asked refuses.
 */
export async function takePoints(name: RateLimitName, subject: string, count: number): Promise<PointsGranted> {
  try {
    const { msBeforeNext } = await limiterOf(name).consume(sha256(subject), count);
    return { granted: count, leftMs: msBeforeNext };
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw away(name, refusal);
    const before = refusal.consumedPoints - count;
    return { granted: Math.max(0, Math.min(count, RATE_LIMITS[name].points - before)), leftMs: refusal.msBeforeNext };
  }
}

/** Takes one point of a limit. @throws AppError `unavailable` when the store is down. */
export async function takeRate(name: RateLimitName, subject: string): Promise<RateTaken> {
  const { granted, leftMs } = await takePoints(name, subject, 1);
  return granted > 0 ? { isAllowed: true } : { isAllowed: false, retryAfterSeconds: wholeSeconds(leftMs) };
}

/**
 * Takes one point of a limit, or as many as something weighs, or refuses. What weighs too much uses up nothing of what is left for something lighter.
 * @throws AppError `rate_limited` with Retry-After, `unavailable` when the store is down.
 */
export async function requireRate(name: RateLimitName, subject: string, count = 1): Promise<void> {
  const { granted, leftMs } = await takePoints(name, subject, count);
  if (granted >= count) return;
  if (count > 1) await giveBackRate(name, subject, count);
  throw tooMany(name, wholeSeconds(leftMs));
}

/** The refusal of a limit that is used up: `rate_limited`, with the facts that become the reply's headers. */
export function tooMany(name: RateLimitName, retryAfterSeconds: number): AppError {
  const { points, durationSeconds, protects } = RATE_LIMITS[name];
  const detail = `Too many requests: at most ${points} in ${durationSeconds} seconds for ${protects}. Try again in ${retryAfterSeconds} seconds.`;
  return new AppError("rate_limited", detail, { retryAfterSeconds, limit: { name, points, durationSeconds } });
}

/** Gives points back: what succeeded, or never came about, does not count. A failure here only makes the limit a little tighter. */
export async function giveBackRate(name: RateLimitName, subject: string, count = 1): Promise<void> {
  await limiterOf(name)
    .reward(sha256(subject), count)
    .catch((error: unknown) => log.warn("a rate limit point was not given back", failureFields(error)));
}

/**
 * True for the first who takes this subject within `seconds`, over all processes; false for everybody after. For what may be used once: a token's id, a
 * slot. The subject is stored as a digest. @throws AppError `unavailable` when the store is down: what cannot be counted is not taken.
 */
export async function takeOnce(purpose: string, subject: string, seconds: number): Promise<boolean> {
  try {
    const { rowCount } = await housePool().query(
      `INSERT INTO rate_limit AS r (key, points, expire)
       SELECT $1, 1, at + $2::bigint * 1000 FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS now (at)
       ON CONFLICT (key) DO UPDATE SET points = 1, expire = EXCLUDED.expire
       WHERE r.expire <= EXCLUDED.expire - $2::bigint * 1000`,
      [`once:${purpose}:${sha256(subject)}`, seconds],
    );
    return rowCount === 1;
  } catch (error) {
    log.error("what was used once cannot be looked up", failureFields(error));
    throw new AppError("unavailable", "The service is busy or restarting. Nothing was saved; try again shortly.", {
      cause: error,
      retryAfterSeconds: 2,
    });
  }
}

const wholeSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

const AWAY: Record<RateRule["whenAway"], string> = {
  refuse: "This is not possible right now. Try again shortly.",
  "503": "The service is busy or restarting. Nothing was saved; try again shortly.",
};

function away(name: RateLimitName, cause: unknown): AppError {
  log.error("the rate limits cannot be asked", failureFields(cause));
  const detail = name.startsWith("sign-in.")
    ? "Signing in is not possible right now. Try again shortly."
    : AWAY[RATE_LIMITS[name].whenAway];
  return new AppError("unavailable", detail, { cause, retryAfterSeconds: 2 });
}
