import type { ConnectionProblem } from "@/lib/core/connectors";
import { AppError, VendorError } from "@/lib/core/errors";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A wait of this length is no hiccup: what may be asked in a day is used up. */
const QUOTA_FROM_MS = 10 * MINUTE;
/** Nobody asks us to wait longer than a day and is right. */
const LONGEST_MS = 24 * HOUR;

/** How often something is tried before it is left as it is, with the reason kept. */
export const MAX_TRIES = { outage: 60, garbled: 10, refused: 3 } as const;

/** What a failure means, and when to try again; null: never by itself. `pace`: we ask no faster than we may, and the service has no part in it. */
export type RetryVerdict = { problem: ConnectionProblem | "pace"; at: Date | null };

/**
 * What follows a failure; `attempts` counts the tries so far, this one included. What the vendor asks for is kept to, and a little jitter only makes it later. An
 * outage is waited out between a minute and an hour with full jitter, so that a crowd does not come back at once. A refusal is asked about again a day
 * later, since only a person can mend it; access that was taken away is not used again at all.
 */
export function retryAt(error: unknown, attempts: number, now: Date, random: () => number = Math.random): RetryVerdict {
  const after = (ms: number): Date => new Date(now.getTime() + Math.round(ms));
  if (error instanceof AppError && error.code === "not_configured") return { problem: "revoked", at: null };
  if (!(error instanceof VendorError)) return outage("unavailable");
  const { kind, status, retryAfterMs } = error;
  switch (kind) {
    case "throttled": {
      if (retryAfterMs === undefined) return outage("unavailable");
      const waitMs = Math.min(LONGEST_MS, Math.max(SECOND, retryAfterMs));
      const problem = isOwnPace(error) ? "pace" : waitMs >= QUOTA_FROM_MS ? "quota" : "unavailable";
      // Being told when is no failure to count.
      return { problem, at: after(waitMs + random() * Math.min(MINUTE, waitMs * 0.1)) };
    }
    case "timeout":
    case "unavailable":
      return outage("unavailable", retryAfterMs);
    case "garbled":
      return { problem: "garbled", at: attempts < MAX_TRIES.garbled ? after(HOUR + random() * 5 * MINUTE) : null };
    case "rejected":
      if (status === 401) return { problem: "revoked", at: null };
      return { problem: "refused", at: attempts < MAX_TRIES.refused ? after(24 * HOUR) : null };
  }

  function outage(problem: ConnectionProblem, leastMs = 0): RetryVerdict {
    if (attempts >= MAX_TRIES.outage) return { problem, at: null };
    const widest = Math.min(HOUR, MINUTE * 2 ** Math.min(10, Math.max(0, attempts - 1)));
    return { problem, at: after(Math.max(5 * SECOND, Math.min(LONGEST_MS, leastMs), random() * widest)) };
  }
}

/** True for a failure that says nothing about what was asked, only about the moment: the whole connection had better wait. */
export const isOutage = (error: unknown): error is VendorError =>
  error instanceof VendorError &&
  !isOwnPace(error) &&
  (error.kind === "throttled" || error.kind === "timeout" || error.kind === "unavailable");

/** True when we ourselves held a call back (lib/platform/vendor-pace.ts): that call waits, and nothing else of the connection. */
export const isOwnPace = (error: unknown): boolean =>
  error instanceof VendorError && error.kind === "throttled" && (error.code === "pace" || error.code === "places");
