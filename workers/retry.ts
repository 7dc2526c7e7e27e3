import { setTimeout as delay } from "node:timers/promises";
import { VendorError } from "@/lib/core/errors";

/** How patient a call is; `attempts` counts the first one. */
export type RetryOptions = { attempts?: number; backoffMs?: number; maxWaitMs?: number; random?: () => number };

/** 409 is "another request with this key is under way": the one conflict that waiting solves. */
const isPassing = (error: VendorError): boolean =>
  error.status === 409 || error.kind === "timeout" || error.kind === "unavailable" || error.kind === "throttled";

/**
 * Calls again by kind of failure: what may pass (timeout, no answer, 5xx, 429, 409) a bounded number of times, with full jitter and never
 * before a Retry-After; everything else is thrown at once. The caller sends the same idempotency key every time.
 */
export async function withRetries<T>(call: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { attempts = 4, backoffMs = 400, maxWaitMs = 30_000, random = Math.random } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof VendorError) || !isPassing(error) || attempt >= attempts) throw error;
      const asked = error.retryAfterMs ?? 0;
      if (asked > maxWaitMs) throw error;
      await delay(asked + Math.ceil(random() * Math.min(backoffMs * 2 ** attempt, maxWaitMs)));
    }
  }
}
