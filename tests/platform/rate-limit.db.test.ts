import { afterAll, afterEach, describe, expect, it } from "vitest";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { problemResponse } from "@/lib/http/problem";
import { closeDatabase } from "@/lib/platform/db";
import { requireRate, takeOnce, takeRate } from "@/lib/platform/rate-limit";
import { RATE_LIMITS } from "@/lib/platform/rate-table";
import { asTableOwner, whileStoreIsAway } from "./store";

afterEach(() => asTableOwner("DELETE FROM rate_limit"));
afterAll(closeDatabase);

describe("a limit", () => {
  it("lets its points through and not one more, whoever asks at once", async () => {
    const subject = newId();
    const { points } = RATE_LIMITS["operator.address"];
    const taken = await Promise.all(Array.from({ length: points * 3 }, () => takeRate("operator.address", subject)));
    expect(taken.filter(({ isAllowed }) => isAllowed)).toHaveLength(points);
    expect(await takeRate("operator.address", newId())).toEqual({ isAllowed: true });
  });

  it("refuses with 429, Retry-After and the fields of the RateLimit draft", async () => {
    const subject = newId();
    for (let i = 0; i < RATE_LIMITS["step-up.user"].points; i += 1) await requireRate("step-up.user", subject);
    const refusal = await requireRate("step-up.user", subject).catch((error: unknown) => error);
    const reply = problemResponse(refusal, { requestId: "r", method: "POST", route: "/" });
    expect(reply.status).toBe(429);
    const seconds = Number(reply.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(3600);
    expect(reply.headers.get("ratelimit-policy")).toBe('"step-up.user";q=20;w=3600');
    expect(reply.headers.get("ratelimit")).toBe(`"step-up.user";r=0;t=${seconds}`);
  });

  // Seen red with `return { isAllowed: true }` in the catch of takePoints.
  it("refuses when its store is away, and says so", async () => {
    await whileStoreIsAway(async () => {
      for (const name of ["sign-in.address", "step-up.user", "domain-check.firm"] as const) {
        const refusal = await takeRate(name, "anybody").catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(AppError);
        expect(refusal).toMatchObject({ code: "unavailable", retryAfterSeconds: 2 });
      }
      await expect(takeOnce("test", "subject", 60)).rejects.toMatchObject({ code: "unavailable" });
    });
    expect(await takeRate("sign-in.address", "anybody")).toEqual({ isAllowed: true });
  });

  it("stores no subject, only digests", async () => {
    await takeRate("sign-in.account", "canary@person.example");
    await takeOnce("test", "canary@person.example", 60);
    const rows = await asTableOwner("SELECT key FROM rate_limit");
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toContain("canary");
  });
});

describe("what may be used once", () => {
  // Seen red without the condition on `expire` (everybody is first) and with DO NOTHING alone (nobody ever is again).
  it("is given to one of many who ask at once, and again when its time is over", async () => {
    const subject = newId();
    const asked = await Promise.all(Array.from({ length: 20 }, () => takeOnce("test", subject, 60)));
    expect(asked.filter(Boolean)).toHaveLength(1);
    expect(await takeOnce("test", subject, 60)).toBe(false);
    expect(await takeOnce("another purpose", subject, 60)).toBe(true);
    await asTableOwner("UPDATE rate_limit SET expire = expire - 60000");
    expect(await takeOnce("test", subject, 60)).toBe(true);
    expect(await takeOnce("test", subject, 60)).toBe(false);
  });
});

it("gives every limit a reason and what it protects", () => {
  for (const rule of Object.values(RATE_LIMITS)) {
    expect(rule.reason.length).toBeGreaterThan(40);
    expect(rule.protects).toMatch(/, per /);
  }
});
