import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError, VendorError, type VendorErrorKind } from "@/lib/core/errors";
import { isOutage, MAX_TRIES, retryAt } from "@/lib/domain/sync/retry-at";

const now = new Date("2026-11-20T15:00:00Z");
const HOUR = 3_600_000;
const failure = (kind: VendorErrorKind, options: { status?: number; retryAfterMs?: number } = {}) =>
  new VendorError("zoom", kind, "test", options);
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const tries = fc.integer({ min: 1, max: 200 });
const waitOf = (verdict: { at: Date | null }): number => (verdict.at?.getTime() ?? Number.NaN) - now.getTime();

describe("when another try is made", () => {
  // Seen red with jitter that could make it earlier.
  it("is never before a service allows it, and not much later", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 * 24 * HOUR }), tries, random, (retryAfterMs, attempts, chance) => {
        const wait = waitOf(retryAt(failure("throttled", { retryAfterMs }), attempts, now, () => chance));
        const asked = Math.min(24 * HOUR, retryAfterMs);
        expect(wait).toBeGreaterThanOrEqual(asked);
        expect(wait).toBeLessThanOrEqual(Math.max(1000, asked) + 60_000);
      }),
    );
  });

  it("is within the hour while an outage lasts, ever later, and given up only after days", () => {
    const kinds = fc.constantFrom<VendorErrorKind>("timeout", "unavailable", "throttled");
    fc.assert(
      fc.property(kinds, tries, random, (kind, attempts, chance) => {
        const { problem, at } = retryAt(failure(kind), attempts, now, () => chance);
        expect(problem).toBe("unavailable");
        if (attempts >= MAX_TRIES.outage) {
          expect(at).toBeNull();
          return;
        }
        const wait = waitOf({ at });
        expect(wait).toBeGreaterThanOrEqual(5000);
        expect(wait).toBeLessThanOrEqual(Math.min(HOUR, 60_000 * 2 ** (attempts - 1)));
      }),
    );
    const widest = [1, 2, 3, 7, 20].map((attempts) =>
      waitOf(retryAt(failure("unavailable"), attempts, now, () => 0.999_999)),
    );
    expect(widest.map((ms) => Math.round(ms / 60_000))).toEqual([1, 2, 4, 60, 60]);
  });

  it("comes at most once an hour for replies that nobody understands", () => {
    expect(waitOf(retryAt(failure("garbled"), 1, now, () => 0))).toBe(HOUR);
    expect(retryAt(failure("garbled"), MAX_TRIES.garbled, now)).toEqual({ problem: "garbled", at: null });
  });

  it("waits for a person, or a day, when the service refuses", () => {
    for (const status of [402, 403, 400]) {
      const verdict = retryAt(failure("rejected", { status }), 1, now);
      expect(verdict.problem).toBe("refused");
      expect(waitOf(verdict)).toBe(24 * HOUR);
    }
    expect(retryAt(failure("rejected", { status: 403 }), MAX_TRIES.refused, now).at).toBeNull();
  });

  it("never comes by itself once access was taken away", () => {
    for (const error of [failure("rejected", { status: 401 }), new AppError("not_configured", "Not connected.")])
      expect(retryAt(error, 1, now)).toEqual({ problem: "revoked", at: null });
  });

  it("names a wait of more than ten minutes a quota that is used up", () => {
    expect(retryAt(failure("throttled", { retryAfterMs: 3 * HOUR }), 1, now).problem).toBe("quota");
    expect(retryAt(failure("throttled", { retryAfterMs: 2000 }), 1, now).problem).toBe("unavailable");
  });
});

it("lets a whole connection wait for what is nobody's fault, and for nothing else", () => {
  expect((["throttled", "timeout", "unavailable"] as const).every((kind) => isOutage(failure(kind)))).toBe(true);
  expect([failure("rejected"), failure("garbled"), new Error("ours")].some(isOutage)).toBe(false);
});
