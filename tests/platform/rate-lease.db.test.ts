import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { GET as listLeads } from "@/app/api/leads/route";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { closeDatabase, housePool } from "@/lib/platform/db";
import { dropLeases, requireLeased } from "@/lib/platform/rate-lease";
import { RATE_LIMITS } from "@/lib/platform/rate-table";
import { call } from "../http/call";
import { makeFirm } from "../setup/firms";
import { packed } from "../setup/programs";
import { asTableOwner, whileStoreIsAway } from "./store";

const { points, block } = RATE_LIMITS["api.session"];

afterEach(async () => {
  vi.restoreAllMocks();
  dropLeases();
  await asTableOwner("DELETE FROM rate_limit");
});
afterAll(closeDatabase);

const taken = async (subject: string, times: number): Promise<number> => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: times }, () => requireLeased([["api.session", subject]])),
  );
  return outcomes.filter(({ status }) => status === "fulfilled").length;
};

describe("points taken in blocks", () => {
  it("let exactly the limit through in one process, whoever asks at once", async () => {
    expect(await taken(newId(), points + 50)).toBe(points);
  });

  it("ask the store once per block, and however many wait for the same points, one of them asks", async () => {
    const asked = vi.spyOn(housePool(), "query");
    const subject = newId();
    // Seen red without sharing `refill`: each of them took a block of its own.
    expect(await taken(subject, block)).toBe(block);
    expect(asked).toHaveBeenCalledTimes(1);
    for (let i = 0; i < block * 3; i += 1) await requireLeased([["api.session", subject]]);
    expect(asked).toHaveBeenCalledTimes(4);
  });

  it("are told how long to wait when there are none, without asking the store again", async () => {
    const subject = newId();
    await taken(subject, points);
    const asked = vi.spyOn(housePool(), "query");
    const refusals = await Promise.all(
      Array.from({ length: 30 }, () => requireLeased([["api.session", subject]]).catch((error: unknown) => error)),
    );
    expect(asked.mock.calls.length).toBeLessThanOrEqual(1);
    for (const refusal of refusals) {
      expect(refusal).toBeInstanceOf(AppError);
      const { code, retryAfterSeconds, limit } = refusal as AppError;
      expect(code).toBe("rate_limited");
      expect(limit).toEqual({ name: "api.session", points, durationSeconds: 60 });
      expect(retryAfterSeconds).toBeGreaterThan(0);
      expect(retryAfterSeconds).toBeLessThanOrEqual(60);
    }
  });

  it("take nothing of one limit when the other has none left", async () => {
    const [busy, firm] = [newId(), newId()];
    await taken(busy, points);
    for (let i = 0; i < 20; i += 1) {
      await expect(
        requireLeased([
          ["api.session", busy],
          ["api.firm", firm],
        ]),
      ).rejects.toThrow(AppError);
    }
    const left = await asTableOwner<{ points: number }>("SELECT points FROM rate_limit WHERE key LIKE 'api.firm:%'");
    expect(left.map((row) => row.points)).toEqual([RATE_LIMITS["api.firm"].block]);
  });

  it("go on while points are in hand and the store is away, then refuse with 503", async () => {
    const subject = newId();
    await requireLeased([["api.session", subject]]);
    await whileStoreIsAway(async () => {
      expect(await taken(subject, block - 1)).toBe(block - 1);
      await expect(requireLeased([["api.session", subject]])).rejects.toMatchObject({ code: "unavailable" });
    });
    await requireLeased([["api.session", subject]]);
  });
});

describe("two processes on one limit", () => {
  /** Starts as many processes as there are subjects, lets them begin at one moment, and gives how often each was let through. */
  const processes = async (subjects: readonly string[], times: number): Promise<number[]> => {
    const children = subjects.map((subject) =>
      spawn(process.execPath, [packed("tests/setup/take-points.ts"), subject, String(times)], {
        env: process.env,
        stdio: ["pipe", "pipe", "inherit"],
      }),
    );
    await Promise.all(children.map((child) => once(child.stdout, "data")));
    return Promise.all(
      children.map(async (child) => {
        child.stdin.end();
        const [words] = await Promise.all([text(child.stdout), once(child, "exit")]);
        return Number(words);
      }),
    );
  };

  // Seen red when one point is taken from the store and a block of them given out.
  it("together never let more through than the limit, and are at most one block short", async () => {
    const subject = newId();
    const [one = 0, other = 0] = await processes([subject, subject], points);
    const through = one + other;
    expect(through).toBeLessThanOrEqual(points);
    expect(through).toBeGreaterThan(points - block);
    expect(Math.min(one, other)).toBeGreaterThan(0);
  });

  it("fall short by no more than what another process took and never used", async () => {
    const subject = newId();
    await requireLeased([["api.session", subject]]);
    const [through] = await processes([subject], points);
    expect(through).toBe(points - block);
  });
});

describe("a key on the API", () => {
  it("is refused with 429 over its limit, others of the firm are not, and it is counted for its firm", async () => {
    const [firm, other] = [await makeFirm(), await makeFirm()];
    const ask = (key: string) => call(listLeads, "/api/leads?limit=1", { headers: { authorization: `Bearer ${key}` } });
    expect((await ask(firm.key.text)).status).toBe(200);
    // What 6,000 requests would leave behind.
    await asTableOwner("UPDATE rate_limit SET points = 100000 WHERE key LIKE 'api.key:%'");
    dropLeases();
    const refused = await ask(firm.key.text);
    expect(refused.status).toBe(429);
    expect(refused.json()).toMatchObject({ code: "rate_limited" });
    expect(refused.headers.get("ratelimit-policy")).toBe('"api.key";q=6000;w=60');
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await ask(other.key.text)).status).toBe(200);
    await asTableOwner("UPDATE rate_limit SET points = 0 WHERE key LIKE 'api.key:%'");
    await asTableOwner("UPDATE rate_limit SET points = 100000 WHERE key LIKE 'api.firm:%'");
    dropLeases();
    // Seen red without the `api.firm` point in require-api-rate.ts.
    expect((await ask(firm.key.text)).headers.get("ratelimit-policy")).toBe('"api.firm";q=18000;w=60');
  });

  it("gets 503 and nothing of the firm when the limits cannot be asked", async () => {
    const firm = await makeFirm();
    await whileStoreIsAway(async () => {
      const reply = await call(listLeads, "/api/leads", { headers: { authorization: `Bearer ${firm.key.text}` } });
      expect(reply.status).toBe(503);
      expect(reply.headers.get("retry-after")).toBe("2");
    });
  });
});
