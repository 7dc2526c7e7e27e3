import { afterAll, afterEach, describe, expect, it } from "vitest";
import { verifyAddress } from "@/lib/integrations/kickbox";
import { lookUpNumber } from "@/lib/integrations/twilio";
import { startSandbox } from "../../sandbox/server";

const sandbox = await startSandbox({ env: "test" });
Object.assign(process.env, {
  TWILIO_BASE_URL: sandbox.twilio.url,
  TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
  TWILIO_API_KEY_SID: `SK${"0".repeat(32)}`,
  TWILIO_API_KEY_SECRET: "secret-of-a-test",
  KICKBOX_BASE_URL: sandbox.kickbox.url,
  KICKBOX_API_KEY: "key-of-a-test",
});
afterEach(() => sandbox.reset());
afterAll(() => sandbox.close());

const GOOD = "+15125550100";
const ADDRESS = "deliverable@example.com";

/** What both clients promise: the same failures under the same names. */
describe.each([
  ["Twilio", sandbox.twilio, (timeoutMs?: number) => lookUpNumber(GOOD, { timeoutMs })],
  ["Kickbox", sandbox.kickbox, (timeoutMs?: number) => verifyAddress(ADDRESS, { timeoutMs })],
] as const)("%s", (_, vendor, call) => {
  it.each([
    [
      { kind: "throttle", retryAfterSeconds: 7 },
      { kind: "throttled", retryAfterMs: 7000, status: 429 },
    ],
    [{ kind: "throttle" }, { kind: "throttled", retryAfterMs: undefined, status: 429 }],
    [
      { kind: "unavailable", retryAfterSeconds: 3 },
      { kind: "unavailable", retryAfterMs: 3000, status: 503 },
    ],
    [{ kind: "error" }, { kind: "unavailable", status: 500 }],
    [{ kind: "forbidden" }, { kind: "rejected", status: 403 }],
    [{ kind: "reset" }, { kind: "unavailable" }],
    [{ kind: "garbage" }, { kind: "garbled" }],
    [{ kind: "captcha" }, { kind: "garbled" }],
    [{ kind: "huge" }, { kind: "garbled" }],
  ] as const)("turns %j into %j", async (fault, expected) => {
    vendor.faults.add({ ...fault, count: 1 });
    await expect(call()).rejects.toMatchObject({ name: "VendorError", ...expected });
  });

  it("gives up at its deadline", async () => {
    vendor.faults.add({ kind: "slow", count: 1, delayMs: 10_000 });
    const began = performance.now();
    await expect(call(200)).rejects.toMatchObject({ kind: "timeout" });
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it("reads a Retry-After that is a date", async () => {
    vendor.faults.add({ kind: "throttle", count: 1, retryAfterSeconds: 60, retryAfterAs: "date" });
    const error = await call().then(
      () => null,
      (thrown: { retryAfterMs?: number }) => thrown,
    );
    expect(error?.retryAfterMs).toBeGreaterThan(58_000);
    expect(error?.retryAfterMs).toBeLessThan(62_000);
  });

  it("makes one call and repeats nothing by itself", async () => {
    vendor.faults.add({ kind: "error" });
    await expect(call()).rejects.toThrow();
    expect(sandbox.log.last(null, 100)).toHaveLength(1);
  });
});

describe("Twilio", () => {
  it("asks for the kind of line, and keeps the credentials out of the address", async () => {
    await lookUpNumber(GOOD);
    const [request] = sandbox.log.last("twilio", 1);
    expect(request?.path).toContain("/v2/PhoneNumbers/%2B15125550100?Fields=line_type_intelligence");
    expect(request?.path).not.toContain("secret-of-a-test");
  });

  it("reads each answer: mobile, not valid, no such number, and a package that failed beside a basic answer", async () => {
    expect(await lookUpNumber(GOOD)).toEqual({
      valid: true,
      reasons: [],
      lineType: "mobile",
      carrier: "Fictel Wireless",
      country: "US",
      lineProblem: null,
    });
    expect(await lookUpNumber("+15125550120")).toMatchObject({ valid: false, reasons: ["TOO_SHORT"], lineType: null });
    expect(await lookUpNumber("+15125550126")).toBeNull();
    expect(await lookUpNumber("+15125550132")).toMatchObject({ valid: true, lineType: null, lineProblem: 60606 });
  });
});

describe("Kickbox", () => {
  it("sends the key in a header, never in the address", async () => {
    await verifyAddress("rowan+accept-all@example.com");
    const [request] = sandbox.log.last("kickbox", 1);
    expect(request?.path).toContain("/v2/verify?email=rowan%2Baccept-all%40example.com");
    expect(request?.path).not.toMatch(/apikey|key-of-a-test/);
  });

  it("does not mix up the waits of calls that run at the same time", async () => {
    for (const retryAfterSeconds of [11, 22, 33]) {
      sandbox.kickbox.faults.add({ kind: "throttle", count: 1, retryAfterSeconds });
    }
    const waits = await Promise.all(
      ["one", "two", "three", "four"].map((name) =>
        verifyAddress(`${name}@example.com`).then(
          () => 0,
          (error: { retryAfterMs?: number }) => error.retryAfterMs,
        ),
      ),
    );
    expect(waits.toSorted((a = 0, b = 0) => a - b)).toEqual([0, 11_000, 22_000, 33_000]);
  });

  it("says that the balance is used up as a refusal of the key", async () => {
    sandbox.kickbox.balance.left = 0;
    await expect(verifyAddress(ADDRESS)).rejects.toMatchObject({ kind: "rejected", status: 403 });
  });
});
