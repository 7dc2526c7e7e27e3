import { RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { AppError } from "@/lib/core/errors";
import { sha256 } from "@/lib/core/secret";
import { housePool } from "./db";
import { failureFields, log } from "./log";

/** Every limit of the house, with its reason. Counted in Postgres, so it holds across processes. */
export const RATE_LIMITS = {
  "sign-in.account": {
    points: 20,
    durationSeconds: 15 * 60,
    reason: "A person mistypes a few times; a guesser needs thousands. Also counts names that do not exist.",
  },
  "sign-in.address": {
    points: 60,
    durationSeconds: 60,
    reason: "A whole office behind one address may mistype at once; one machine must not try a list of passwords.",
  },
  "sign-in.firm": {
    points: 300,
    durationSeconds: 60,
    reason: "Tries spread over many addresses still show at the firm, and hashing them would starve everyone's pages.",
  },
  "operator.address": {
    points: 10,
    durationSeconds: 60,
    reason: "The operator's token is pasted, not guessed: ten tries a minute are plenty.",
  },
} as const satisfies Record<string, { points: number; durationSeconds: number; reason: string }>;

export type RateLimitName = keyof typeof RATE_LIMITS;

/** Whether there was room; if not, when there will be. */
export type RateTaken = { isAllowed: true } | { isAllowed: false; retryAfterSeconds: number };

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

/** Takes one point of a limit. The subject is stored as a digest. @throws AppError `unavailable` when the store is down: limits fail closed. */
export async function takeRate(name: RateLimitName, subject: string): Promise<RateTaken> {
  try {
    await limiterOf(name).consume(sha256(subject));
    return { isAllowed: true };
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) {
      return { isAllowed: false, retryAfterSeconds: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)) };
    }
    log.error("the rate limits cannot be asked", failureFields(refusal));
    throw new AppError("unavailable", "Signing in is not possible right now. Try again shortly.", {
      cause: refusal,
      retryAfterSeconds: 2,
    });
  }
}

/** Gives a point back: what succeeded does not count. A failure here only makes the limit a little tighter. */
export async function giveBackRate(name: RateLimitName, subject: string): Promise<void> {
  await limiterOf(name)
    .reward(sha256(subject))
    .catch((error: unknown) => log.warn("a rate limit point was not given back", failureFields(error)));
}
