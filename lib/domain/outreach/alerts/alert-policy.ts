import type { VendorErrorKind } from "@/lib/core/errors";

/** The two ways in which a person hears of a lead. */
export type AlertChannel = "mail" | "text";

/**
 * Why an alert was not sent, as it is kept. `not_asked`: they changed their mind; `not_theirs`: disabled, of another role or limited since; `not_new`: somebody is at
 * work on the lead, or its form is gone; `no_way`: the phone does not open or this house sends nothing; `too_old`: nobody could be told in time; `too_many`: as many
 * texts as are sent in a day went out. The others are how the service failed.
 */
export type AlertProblem =
  | "not_asked"
  | "not_theirs"
  | "not_new"
  | "no_way"
  | "too_old"
  | "too_many"
  | "failed"
  | VendorErrorKind;

/** How often one message is tried. */
export const MAX_TRIES = 5;
/** How old its news may be: an alert of hours ago sends people to somebody who has a lawyer. */
export const NEWS_FOR_MS = 2 * 3_600_000;

/**
 * Texts in 24 hours. Each costs money out of one budget that all firms share, and whoever holds a key of a firm can post a new HOT lead each half-minute: without a
 * limit one of them ends the texts, and the codes to phones, of everybody. For a person: one each half-hour around the clock, and whoever hears more often has
 * stopped reading. For a firm: six people who are told that often. Mail costs next to nothing and goes on, one message each half-minute at most.
 */
export const TEXTS_A_DAY = { person: 48, firm: 288 } as const;
/** The day of those texts: the hours behind now, since firms have their midnights at different times. */
export const TEXT_DAY_MS = 86_400_000;

/** Longer than a call with its deadline and the note of what came of it. What a dead process left is sent once more after it. */
export const LEASE_MS = 60_000;

/** How far the clock of whoever sends may be behind that of whoever said when, or of the database, which starts the job: its alerts count as due already. */
export const CLOCKS_APART_MS = 5_000;

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
  const waitMs =
    Math.max(retryAfterMs === undefined ? 0 : retryAfterMs + CLOCKS_APART_MS, widest / 2) + random() * (widest / 2);
  const at = new Date(now.getTime() + waitMs);
  return at.getTime() - since.getTime() > NEWS_FOR_MS ? null : at;
}
