import { once } from "node:events";
import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { type Sandbox, startSandbox } from "@/sandbox/server";
import { call, control, listRows, postList, type Reply } from "./calls";

const NOW = "2026-11-21T14:00:00.400Z";
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ env: "test", clock: fixedClock(NOW) });
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.reset());

const VENDORS = ["topics", "twilio", "kickbox"] as const;
type Vendor = (typeof VENDORS)[number];

/** One ordinary question to each vendor. */
const ASK: Record<Vendor, () => Promise<Reply>> = {
  topics: () => postList(sandbox.topics.url, { MagistrationLocation: "Travis" }),
  twilio: () =>
    call(`${sandbox.twilio.url}/v2/PhoneNumbers/%2B15125550100?Fields=line_type_intelligence`, {
      headers: { Authorization: `Basic ${Buffer.from("SKtest:secret").toString("base64")}` },
    }),
  kickbox: () =>
    call(`${sandbox.kickbox.url}/v2/verify?email=a%40example.com`, { headers: { Authorization: "Bearer key" } }),
};

const break_ = (vendor: Vendor, fault: Record<string, unknown>) => control(sandbox.url, `/${vendor}/faults`, fault);

describe.each(VENDORS)("%s, when told to misbehave,", (vendor) => {
  const ask = ASK[vendor];

  it("throttles as often as it was told, with Retry-After in seconds, then answers", async () => {
    await break_(vendor, { kind: "throttle", count: 2, retryAfterSeconds: 7 });
    const replies = [await ask(), await ask(), await ask()];
    expect(replies.map((reply) => reply.status)).toEqual([429, 429, 200]);
    expect(replies[0]?.headers["retry-after"]).toBe("7");
  });

  it("gives Retry-After as a date that is not too early", async () => {
    await break_(vendor, { kind: "throttle", retryAfterSeconds: 7, retryAfterAs: "date" });
    const at = new Date(String((await ask()).headers["retry-after"])).getTime() - new Date(NOW).getTime();
    expect(at).toBeGreaterThanOrEqual(7000);
    expect(at).toBeLessThan(8000);
  });

  it.each([
    ["error", 500],
    ["unavailable", 503],
    ["forbidden", 403],
  ])("answers %s with %i until that is taken away", async (kind, status) => {
    await break_(vendor, { kind });
    expect([(await ask()).status, (await ask()).status]).toEqual([status, status]);
    await break_(vendor, { kind: "none" });
    expect((await ask()).status).toBe(200);
  });

  it("answers garbage that is no JSON, with status 200", async () => {
    await break_(vendor, { kind: "garbage", count: 1 });
    const { status, body } = await ask();
    expect(status).toBe(200);
    expect(() => JSON.parse(body)).toThrow();
  });

  it("resets the connection", async () => {
    await break_(vendor, { kind: "reset", count: 1 });
    await expect(ask()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect((await ask()).status).toBe(200);
  });

  it("cuts the body in half", async () => {
    await break_(vendor, { kind: "truncate", count: 1 });
    await expect(ask()).rejects.toMatchObject({ code: "ECONNRESET", message: "aborted" });
    expect((await ask()).status).toBe(200);
  });

  it("answers late, but as usual", async () => {
    await break_(vendor, { kind: "slow", delayMs: 120, count: 1 });
    const began = performance.now();
    expect((await ask()).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThanOrEqual(118);
  });

  it("counts every request and its status in the log", async () => {
    await break_(vendor, { kind: "error", count: 1 });
    await ask();
    await ask();
    const { totals, requests } = await control<{
      totals: { byStatus: unknown };
      requests: { path: string; status: number }[];
    }>(sandbox.url, `/${vendor}/requests`);
    expect(totals).toMatchObject({ requests: 2, byStatus: { 200: 1, 500: 1 }, inFlight: 0, peakInFlight: 1 });
    expect(requests.map((each) => each.status)).toEqual([500, 200]);
    expect(requests[0]?.path).toMatch(new RegExp(`^/${vendor}/`));
  });

  it("lets through only so many requests a second when it has a rate", async () => {
    await control(sandbox.url, `/${vendor}/rate`, { perSecond: 3 });
    const replies = await Promise.all(Array.from({ length: 5 }, ask));
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(3);
    expect(replies.filter((reply) => reply.status === 429 && reply.headers["retry-after"] === "1")).toHaveLength(2);
    await control(sandbox.url, `/${vendor}/rate`, { perSecond: null });
    expect((await ask()).status).toBe(200);
  });
});

describe("a fault", () => {
  it("pours without end until the client hangs up", async () => {
    await break_("topics", { kind: "huge", count: 1 });
    const sent = request(`${sandbox.topics.url}/BailPublic/BailPublic/1`, { agent: false }).end();
    const [res] = (await once(sent, "response")) as [import("node:http").IncomingMessage];
    let size = 0;
    for await (const chunk of res) {
      size += (chunk as Buffer).length;
      if (size > 20_000_000) break;
    }
    expect(size).toBeGreaterThan(20_000_000);
    expect((await listRows(sandbox.topics.url, "Travis")).length).toBeGreaterThan(0);
  });

  it("holds only the paths it names", async () => {
    await break_("topics", { kind: "unavailable", path: "/BailPublic/BailPublic/" });
    expect((await ASK.topics()).status).toBe(200);
    expect((await call(`${sandbox.topics.url}/BailPublic/BailPublic/1`)).status).toBe(503);
  });

  it("that hangs lets the client go away and the sandbox close at once", async () => {
    const other = await startSandbox({ env: "test" });
    other.twilio.faults.add({ kind: "slow" });
    const hanging = call(`${other.twilio.url}/v2/PhoneNumbers/1`);
    const ended = expect(hanging).rejects.toMatchObject({ code: "ECONNRESET" });
    while (other.log.totals("twilio").inFlight === 0) await new Promise(setImmediate);
    await other.close();
    await ended;
  });

  it("of an unknown kind is refused in words", async () => {
    await expect(break_("twilio", { kind: "gremlins" })).rejects.toThrow("kind must be one of throttle");
  });
});
