import { afterAll, afterEach, expect, it } from "vitest";
import { AppError, VendorError } from "@/lib/core/errors";
import { closeDatabase } from "@/lib/platform/db";
import {
  atOnce,
  intervalOf,
  takeTurn,
  VENDOR_PACES,
  VENDOR_PLACES,
  type VendorPace,
  type VendorPaceName,
} from "@/lib/platform/vendor-pace";
import { asTableOwner, whileStoreIsAway } from "../platform/store";

afterEach(() => asTableOwner("DELETE FROM rate_limit"));
afterAll(closeDatabase);

const refusals = (settled: readonly PromiseSettledResult<unknown>[]) =>
  settled.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));

/** Asks for many turns at once and says when each was had, in milliseconds, and what was refused. */
async function rush(name: VendorPaceName, count: number) {
  const times: number[] = [];
  const turn = () => takeTurn(name, "house").then(() => times.push(performance.now()));
  const settled = await Promise.allSettled(Array.from({ length: count }, turn));
  return { times: times.sort((a, b) => a - b), refused: refusals(settled) };
}

// Seen red with an interval of perMs / points: a burst and the turns behind it are more than the vendor takes.
it("gives no more turns in any second than the vendor takes, and refuses who would wait longer than two", async () => {
  const { times, refused } = await rush("acuity.address", 40);
  const { points } = VENDOR_PACES["acuity.address"];
  // Turns are had when a timer fires, which is late but never early, by a few milliseconds on a busy machine.
  for (const [index, from] of times.entries())
    expect(times.filter((at) => at >= from && at < from + 950).length, `from turn ${index}`).toBeLessThanOrEqual(
      points,
    );
  expect(times.length).toBeGreaterThan(points);
  expect(refused.length).toBe(40 - times.length);
  expect(refused.length).toBeGreaterThan(10);
  for (const refusal of refused) {
    expect(refusal).toBeInstanceOf(VendorError);
    expect(refusal).toMatchObject({ vendor: "acuity", kind: "throttled" });
    expect((refusal as VendorError).retryAfterMs).toBeGreaterThanOrEqual(1000);
  }
});

it("counts each subject for itself, and says when there is room in a limit of minutes", async () => {
  for (let turn = 0; turn < VENDOR_PACES["zoho.tokens"].burst; turn += 1) await takeTurn("zoho.tokens", "one");
  const refusal = await takeTurn("zoho.tokens", "one").catch((error: unknown) => error);
  const interval = intervalOf(VENDOR_PACES["zoho.tokens"]);
  expect((refusal as VendorError).retryAfterMs).toBeGreaterThan(interval - 5000);
  expect((refusal as VendorError).retryAfterMs).toBeLessThanOrEqual(interval);
  await takeTurn("zoho.tokens", "another");
  const keys = await asTableOwner<{ key: string }>("SELECT key FROM rate_limit");
  expect(keys.every(({ key }) => /^pace:zoho\.tokens:[0-9a-f]{64}$/.test(key))).toBe(true);
});

it("has no more calls under way than the vendor takes, and gives places back however a call ends", async () => {
  const { atOnce: places } = VENDOR_PLACES["zoho.org"];
  let now = 0;
  let most = 0;
  const call = async () => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setTimeout(resolve, 20));
    now -= 1;
    if (most % 2 === 0) throw new Error("the call failed");
  };
  await Promise.allSettled(Array.from({ length: 15 }, () => atOnce("zoho.org", "org", call)));
  expect(most).toBeLessThanOrEqual(places);
  expect(most).toBeGreaterThan(1);
  expect(await asTableOwner("SELECT 1 FROM rate_limit")).toEqual([]);
});

// Seen red without: `held.key IS NULL OR held.expire <= now.at`.
it("refuses who finds every place taken, and lets in again when whoever held one is dead for a minute", async () => {
  const held = Promise.withResolvers<void>();
  const { atOnce: places } = VENDOR_PLACES["zoho.org"];
  const full = Promise.withResolvers<void>();
  let inside = 0;
  const hold = () => {
    inside += 1;
    if (inside === places) full.resolve();
    return held.promise;
  };
  const holders = Array.from({ length: places }, () => atOnce("zoho.org", "org", hold));
  await full.promise;
  await expect(atOnce("zoho.org", "org", async () => "late")).rejects.toMatchObject({
    kind: "throttled",
    code: "places",
  });
  expect(await atOnce("zoho.org", "other", async () => "at once")).toBe("at once");
  await asTableOwner("UPDATE rate_limit SET expire = expire - 120000");
  expect(await atOnce("zoho.org", "org", async () => "again")).toBe("again");
  held.resolve();
  await Promise.all(holders);
});

it("lets nobody call when the store is away", async () => {
  let isCalled = false;
  const call = async () => {
    isCalled = true;
  };
  const settled = await whileStoreIsAway(() =>
    Promise.allSettled([takeTurn("google.user", "me"), atOnce("zoho.org", "org", call)]),
  );
  expect(refusals(settled)).toHaveLength(2);
  for (const refusal of refusals(settled)) {
    expect(refusal).toBeInstanceOf(AppError);
    expect(refusal).toMatchObject({ code: "unavailable" });
  }
  expect(isCalled).toBe(false);
});

it("says of each pace what it is counted for and why, and lets a burst in that leaves room for the rest", () => {
  for (const rule of Object.values<VendorPace>(VENDOR_PACES)) {
    expect(rule.scope.length).toBeGreaterThan(5);
    expect(rule.reason.length).toBeGreaterThan(40);
    // Whatever the stretch: the burst, and as many as fit behind it.
    expect(rule.burst + Math.floor(rule.perMs / intervalOf(rule))).toBeLessThanOrEqual(rule.points);
  }
});
