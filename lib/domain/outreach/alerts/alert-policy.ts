import type { VendorErrorKind } from "@/lib/core/errors";

/** The two ways in which a person hears of a lead. */
export type AlertChannel = "mail" | "text";

/**
 * Why an alert was not sent, as it is kept. `not_asked`: they changed their mind; `not_theirs`: disabled, of another role or limited since; `not_new`: somebody is at
 * work on the lead, or its form is gone; `no_way`: the phone does not open or this house sends nothing; `too_old`: nobody could be told in time. The others are
 * how the service failed.
 */
export type AlertProblem = "not_asked" | "not_theirs" | "not_new" | "no_way" | "too_old" | "failed" | VendorErrorKind;

/** How often one message is tried. */
export const MAX_TRIES = 5;
/** How old its news may be: an alert of hours ago sends people to somebody who has a lawyer. */
export const NEWS_FOR_MS = 2 * 3_600_000;

/** Longer than a call with its deadline and the note of what came of it. What a dead process left is sent once more after it. */
export const LEASE_MS = 60_000;

const BASE_MS = 15_000;
const CAP_MS = 20 * 60_000;

/** What may be better in a while. */
const PASSING: readonly AlertProblem[] = ["timeout", "throttled", "unavailable", "garbled", "failed"];

/** When a message that came to nothing is tried again: ever later, with jitter, and never before the service allows; null when it is given up. */
export function tryAgainAt(
  problem: AlertProblem,
  { tries, since, now, retryAfterMs }: { tries: number; since: Date; now: Date; retryAfterMs?: number | undefined },
  random: () => number = Math.random,
): Date | null {
  if (!PASSING.includes(problem) || tries >= MAX_TRIES) return null;
  const widest = Math.min(CAP_MS, BASE_MS * 4 ** (tries - 1));
  const waitMs = Math.max(retryAfterMs ?? 0, widest / 2) + random() * (widest / 2);
  const at = new Date(now.getTime() + waitMs);
  return at.getTime() - since.getTime() > NEWS_FOR_MS ? null : at;
}
