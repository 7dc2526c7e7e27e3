import type { LookupProblem } from "@/lib/contracts/providers";

type Rule = {
  /** Tries in all. Null: not counted, given up only after `giveUpAfterMs`. */
  attempts: number | null;
  /** The longest wait before the second try; each further one may wait four times as long, up to `capMs`. */
  baseMs: number;
  capMs: number;
  /** What the check becomes when there are no tries left. */
  becomes: "failed" | "refused" | "found";
  /** After that, how long the contact rests before the schedule may ask again; it grows with every time. Null: until a person asks. */
  restMs: number | null;
};

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The kind of failure is the policy: the one table that the look-up, the words and the tests read. */
export const RETRY_POLICY: Record<LookupProblem, Rule> = {
  // Twilio 20429 says the request was not processed, so it costs nothing to repeat once the time it names has come.
  throttled: { attempts: null, baseMs: 5 * SECOND, capMs: MINUTE, becomes: "failed", restMs: HOUR },
  timeout: { attempts: 5, baseMs: 15 * SECOND, capMs: 10 * MINUTE, becomes: "failed", restMs: 15 * MINUTE },
  unavailable: { attempts: 5, baseMs: 15 * SECOND, capMs: 10 * MINUTE, becomes: "failed", restMs: 15 * MINUTE },
  // Once may be an accident on the way; twice is how it answers.
  garbled: { attempts: 2, baseMs: MINUTE, capMs: MINUTE, becomes: "failed", restMs: 6 * HOUR },
  rejected: { attempts: 1, baseMs: 0, capMs: 0, becomes: "refused", restMs: null },
  // Nothing gets better until somebody sets a key, and each try with a wrong one looks like an attack.
  not_configured: { attempts: 1, baseMs: 0, capMs: 0, becomes: "refused", restMs: HOUR },
  unreadable: { attempts: 1, baseMs: 0, capMs: 0, becomes: "refused", restMs: null },
  // The mail server could not be asked: minutes or hours later it often can. Whether these are billed is not known, so three times at most.
  unsure: { attempts: 3, baseMs: 10 * MINUTE, capMs: 6 * HOUR, becomes: "found", restMs: null },
  // These two wait for a time that the look-up knows: the end of the pause, the next day.
  paused: { attempts: null, baseMs: MINUTE, capMs: MINUTE, becomes: "failed", restMs: HOUR },
  budget: { attempts: null, baseMs: MINUTE, capMs: MINUTE, becomes: "failed", restMs: HOUR },
};

/** Uncounted waits end some day, or a provider that always says "later" would be asked for ever. */
export const GIVE_UP_AFTER_MS = 3 * 24 * HOUR;

/** After how many checks of a contact in a row that came to nothing the schedule stops asking by itself. */
export const MAX_RESTS = 6;

/** Another try at a time, or the end. `attempts` counts the tries so far, this one included where it counts. */
export type Verdict =
  | { retryAt: Date; attempts: number }
  | { final: Rule["becomes"]; attempts: number; restUntil: Date | null };

/**
 * What follows a try that came to nothing: another at a time (full jitter, so that a crowd does not come back at once, and never before the provider
 * allows), or the end. `attempts` counts the tries before this one.
 */
export function decideRetry(
  problem: LookupProblem,
  {
    attempts,
    requestedAt,
    now,
    retryAfterMs,
    rests = 0,
  }: { attempts: number; requestedAt: Date; now: Date; retryAfterMs?: number; rests?: number },
  random: () => number = Math.random,
): Verdict {
  const rule = RETRY_POLICY[problem];
  const counted = rule.attempts === null ? attempts : attempts + 1;
  const over =
    rule.attempts === null ? now.getTime() - requestedAt.getTime() > GIVE_UP_AFTER_MS : counted >= rule.attempts;
  if (over) {
    const again = rule.restMs !== null && rests < MAX_RESTS ? rule.restMs * 4 ** Math.min(rests, 3) : null;
    return {
      final: rule.becomes,
      attempts: counted,
      restUntil: again === null ? null : new Date(now.getTime() + again),
    };
  }
  const widest = Math.min(rule.capMs, rule.baseMs * 4 ** Math.max(0, counted - 1));
  // With a time given by the provider the jitter is small and only ever later.
  const least = retryAfterMs ?? Math.min(SECOND, widest);
  const spread = retryAfterMs === undefined ? widest : Math.min(widest, retryAfterMs * 0.1 + 250);
  return { retryAt: new Date(now.getTime() + least + random() * spread), attempts: counted };
}
