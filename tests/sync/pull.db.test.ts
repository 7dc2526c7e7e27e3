import { beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { VendorError } from "@/lib/core/errors";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { runCursor } from "@/lib/domain/sync/run-cursor";
import { startSync } from "@/lib/domain/sync/start-sync";
import { syncDue } from "@/lib/domain/sync/sync-due";
import { wake } from "@/lib/domain/sync/wake";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import {
  AT,
  connect,
  cursorsOf,
  EVERY_MS,
  jobCtxOf,
  jobsOf,
  madeUpProvider,
  madeUpService,
  POINTS,
  rows,
  type Service,
  storedItems,
  takeJobs,
} from "./made-up";

const LONG = 151_000;
const clock = fixedClock(AT);
let firm: TestFirm;
let service: Service;
const providers = () => ({ google: madeUpProvider(service) });
const ctx = () => jobCtxOf(firm, clock);
const allItems = () => service.items.map((item) => `events:${item}`).sort();
const cursor = async () => (await cursorsOf(firm))[0] as Awaited<ReturnType<typeof cursorsOf>>[number];
const run = async (turnMs?: number) =>
  runCursor(ctx(), (await cursor()).id, providers(), turnMs === undefined ? {} : { turnMs });
const backfills = async () => (await eventsOf(firm)).filter(({ type }) => type === "sync.backfilled");

beforeEach(async () => {
  clock.set(AT);
  firm = await makeFirm();
  service = madeUpService(10);
  await startSync(ctx(), await connect(firm), providers());
});

describe("a pull", () => {
  it("reads portion after portion, says how far it is, and is due again in its time", async () => {
    expect(await jobsOf(firm, "sync.run")).toHaveLength(1);
    await run();
    expect(await storedItems(firm)).toEqual(allItems());
    expect(service.calls).toBe(4);
    expect(await cursor()).toMatchObject({ phase: "incremental", done: 10, total: 10, claimed_until: null });
    expect((await cursor()).next_run_at).toEqual(new Date(clock.now().getTime() + EVERY_MS));
    expect((await backfills()).map(({ data }) => data.items)).toEqual([10]);
    // Safe to run twice: it is not due.
    await run();
    expect(service.calls).toBe(4);
    clock.advance(EVERY_MS);
    await run();
    expect(service.calls).toBe(8);
    expect(await backfills()).toHaveLength(1);
  });

  it("leaves what is left after its turn to a job of its own, at the place where it was", async () => {
    await takeJobs(firm, "sync.run");
    for (const next of [3, 6, 9]) {
      await run(0);
      expect(await cursor()).toMatchObject({ position: { next }, claimed_until: null, done: next });
      expect(await takeJobs(firm, "sync.run")).toHaveLength(1);
    }
    await run(0);
    expect(await storedItems(firm)).toEqual(allItems());
    expect(await jobsOf(firm, "sync.run")).toHaveLength(0);
    expect(service.calls).toBe(4);
  });

  // Seen red without: `claimed_until <= now` in claimCursor.
  it.each(POINTS)("goes on where it was when its worker died: %s", async (point) => {
    let portions = 0;
    const died = new Promise<void>((resolve) => {
      service.at = async (here) => {
        if (here !== point || ++portions !== 2) return;
        if (here === "stored" || here === "advanced") throw new Died(resolve);
        resolve();
        await new Promise(() => {});
      };
    });
    const dead = madeUpProvider(service);
    const resource = dead.resources[0];
    if (!resource) throw new Error("no resource");
    const pull: typeof resource.pull = (...args) => resource.pull(...args).catch(hangWhereDead);
    void runCursor(ctx(), (await cursor()).id, { google: { ...dead, resources: [{ ...resource, pull }] } });
    await died;
    service.at = async () => {};
    await takeJobs(firm, "sync.run");
    await run();
    expect((await cursor()).claimed_until, "held until the claim ends").not.toBeNull();
    clock.advance(LONG);
    expect(await syncDue(ctx(), providers())).toBe(1);
    await run();
    expect(await storedItems(firm)).toEqual(allItems());
    expect(service.calls).toBe(point === "committed" || point === "asked" ? 4 : 5);
    expect((await backfills()).map(({ data }) => data.items)).toEqual([10]);
  });

  // Seen red without: the end of the claim in the condition of advanceCursor.
  it("stores nothing for a worker that was frozen past its claim", async () => {
    const frozen = gate();
    const reached = gate();
    service.at = async (here) => {
      if (here !== "answered") return;
      reached.open();
      await frozen.opened;
    };
    const late = run();
    await reached.opened;
    service.at = async () => {};
    clock.advance(LONG);
    await run();
    await rows(firm, "DELETE FROM busy_time");
    const before = await cursor();
    frozen.open();
    await late;
    expect(await storedItems(firm)).toEqual([]);
    expect(await cursor()).toEqual(before);
    expect(await backfills()).toHaveLength(1);
  });

  it("is one worker's at a time, however many jobs there are for it", async () => {
    await Promise.all([run(), run(), run(), run()]);
    expect(service.calls).toBe(4);
    expect(await storedItems(firm)).toEqual(allItems());
  });

  // Seen red without: `next_run_at < claimed_until` in advanceCursor.
  it("is followed by another when it was woken under way", async () => {
    let isWoken = false;
    service.at = async (here) => {
      if (here !== "committed" || isWoken) return;
      isWoken = true;
      await inTenant(ctx(), (tx) => wake(tx, ctx(), "google", "events"));
    };
    await takeJobs(firm, "sync.run");
    await run();
    expect(await jobsOf(firm, "sync.run")).toHaveLength(2);
    expect((await cursor()).next_run_at).toEqual(clock.now());
    await run();
    expect(service.calls).toBe(8);
    expect((await cursor()).next_run_at).toEqual(new Date(clock.now().getTime() + EVERY_MS));
  });
});

describe("nothing is asked", () => {
  // Seen red without: askable in claimCursor.
  it.each([
    ["of a suspended firm", "UPDATE tenant SET status = 'suspended'"],
    ["through a broken connection", "UPDATE connection SET state = 'broken'"],
  ])("%s, and it goes on when that ends", async (_, sql) => {
    await change(sql);
    await run();
    expect(await syncDue(ctx(), providers())).toBe(0);
    expect(service.calls).toBe(0);
    await change("UPDATE tenant SET status = 'active'");
    await change("UPDATE connection SET state = 'connected'");
    await run();
    expect(service.calls).toBe(4);
  });

  // Seen red without: mayGoOn.
  it("any more when the firm is suspended in the middle of a turn", async () => {
    service.at = async (here) => {
      if (here === "committed") await change("UPDATE tenant SET status = 'suspended'");
    };
    await run();
    expect(service.calls).toBe(1);
    await change("UPDATE tenant SET status = 'active'");
    service.at = async () => {};
    await run();
    expect(await storedItems(firm)).toEqual(allItems());
    expect(service.calls).toBe(4);
  });

  it("for a cursor of another firm, whatever the payload says", async () => {
    const other = await makeFirm();
    await runCursor(jobCtxOf(other, clock), (await cursor()).id, providers());
    await startSync(
      jobCtxOf(other, clock),
      (await rows<{ id: string }>(firm, "SELECT id FROM connection"))[0]?.id ?? "",
      providers(),
    );
    expect(service.calls).toBe(0);
    expect(await cursorsOf(other)).toEqual([]);
  });

  it("by a connection that was taken away in the middle, which leaves nothing behind", async () => {
    service.at = async (here) => {
      if (here === "answered" && service.calls === 2) await change("DELETE FROM connection");
    };
    await run();
    expect(service.calls).toBe(2);
    expect(await cursorsOf(firm)).toEqual([]);
    expect(await storedItems(firm)).toEqual([]);
  });
});

it("keeps a fault of ours with its reason, and tries again later", async () => {
  service.failure = new TypeError("ours");
  await run();
  const seen = await cursor();
  expect(seen).toMatchObject({ problem: "unavailable", attempts: 1, claimed_until: null });
  expect(seen.next_run_at.getTime()).toBeGreaterThan(clock.now().getTime());
});

it("does not use access again that was taken away, until the firm connects anew", async () => {
  service.failure = new VendorError("google", "rejected", "answered 401", { status: 401 });
  await run();
  expect(await cursor()).toMatchObject({ problem: "revoked", attempts: 1 });
  clock.advance(3 * 3_600_000);
  await syncDue(ctx(), providers());
  await run();
  expect(service.calls).toBe(1);
  service.failure = null;
  const [connection] = await rows<{ id: string }>(firm, "SELECT id FROM connection");
  await startSync(ctx(), connection?.id ?? "", providers());
  await run();
  expect(await storedItems(firm)).toEqual(allItems());
});

class Died extends Error {
  constructor(readonly told: () => void) {
    super("died");
  }
}

/** A process that dies in a transaction undoes it and says nothing any more. */
async function hangWhereDead(error: unknown): Promise<void> {
  if (!(error instanceof Died)) throw error;
  error.told();
  await new Promise(() => {});
}

function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

const change = (sql: string) =>
  asOwner(firm.id, (client) =>
    client.query(`${sql} WHERE ${sql.includes("tenant SET") ? "id" : "tenant_id"} = $1`, [firm.id]),
  );
