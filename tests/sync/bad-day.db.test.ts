import { beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { VendorError } from "@/lib/core/errors";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { claimLink, failLink, type LinkClaim, renewLink, saveLink } from "@/lib/domain/sync/links";
import { mirrorConsultation } from "@/lib/domain/sync/mirror-consultation";
import { runCursor } from "@/lib/domain/sync/run-cursor";
import { startSync } from "@/lib/domain/sync/start-sync";
import { syncDue } from "@/lib/domain/sync/sync-due";
import type { SyncProviders } from "@/lib/domain/sync/sync-provider";
import { wake } from "@/lib/domain/sync/wake";
import { makeFirm, type TestFirm } from "../setup/firms";
import {
  AT,
  bookedConsultation,
  connect,
  cursorsOf,
  EVERY_MS,
  jobCtxOf,
  jobsOf,
  madeUpProvider,
  madeUpService,
  rows,
  type Service,
  storedItems,
  takeJobs,
} from "./made-up";

const MINUTE = 60_000;
const clock = fixedClock(AT);
let firm: TestFirm;
let service: Service;
let providers: SyncProviders;
let connectionId: string;
const ctx = () => jobCtxOf(firm, clock);
const away = () => new VendorError("google", "unavailable", "answered 503", { status: 503 });

beforeEach(async () => {
  clock.set(AT);
  firm = await makeFirm();
  service = madeUpService(10);
  providers = { google: madeUpProvider(service, { resources: ["calendars", "events", "busy"] }) };
  connectionId = await connect(firm);
  await startSync(ctx(), connectionId, providers);
});

/** What schedule and runner do each minute, or every few: whatever is due gets its job, and every job is done. */
async function passMinutes(minutes: number, step = 1): Promise<void> {
  for (let minute = 0; minute < minutes; minute += step) {
    clock.advance(step * MINUTE);
    await syncDue(ctx(), providers);
    for (const { data } of await takeJobs(firm, "sync.run")) await runCursor(ctx(), data.cursorId ?? "", providers);
  }
}

describe("an outage of an hour", () => {
  // Seen red without: pauseConnection in noteFailure (each of three resources knocks).
  it("is waited out by everything of the connection, without hammering, and then ends by itself with nothing lost", async () => {
    service.failure = away();
    await passMinutes(1);
    expect(service.calls).toBe(1);
    await passMinutes(59);
    const calls = service.calls;
    expect(calls).toBeGreaterThan(3);
    expect(calls).toBeLessThan(18);
    expect((await cursorsOf(firm)).every(({ problem }) => problem === "unavailable")).toBe(true);
    service.failure = null;
    await passMinutes(62, 2);
    expect((await cursorsOf(firm)).map(({ problem, phase, attempts }) => [problem, phase, attempts])).toEqual(
      ["busy", "calendars", "events"].map(() => [null, "incremental", 0]),
    );
    expect(await storedItems(firm)).toHaveLength(30);
    // Twelve portions were to read, and whatever came due again by the clock since.
    expect(service.calls - calls).toBeGreaterThanOrEqual(12);
  });

  // Seen red without: resumeConnection (the others wait on).
  it("is over for all as soon as it is over for one", async () => {
    service.failure = away();
    await passMinutes(5);
    service.failure = null;
    // One of them was put off further than the others.
    await rows(firm, "UPDATE sync_cursor SET next_run_at = next_run_at + interval '50 min' WHERE resource = 'events'");
    const due = Math.min(...(await cursorsOf(firm)).map(({ next_run_at }) => next_run_at.getTime()));
    clock.set(new Date(due));
    await passMinutes(3);
    expect((await cursorsOf(firm)).every(({ phase }) => phase === "incremental")).toBe(true);
  });

  // Seen red without: the pause in wake.
  it("stays quiet however many webhooks arrive meanwhile", async () => {
    service.failure = away();
    await passMinutes(1);
    const calls = service.calls;
    await takeJobs(firm, "sync.run");
    for (let i = 0; i < 20; i += 1) await inTenant(ctx(), (tx) => wake(tx, ctx(), "google", "events"));
    for (const { data } of await takeJobs(firm, "sync.run")) await runCursor(ctx(), data.cursorId ?? "", providers);
    expect(service.calls).toBe(calls);
  });

  it("of one firm's service is no concern of another firm's", async () => {
    const other = await makeFirm();
    const otherCtx = jobCtxOf(other, clock);
    const theirs = { google: madeUpProvider(madeUpService(4)) };
    await startSync(otherCtx, await connect(other), theirs);
    service.failure = away();
    await passMinutes(5);
    for (const { id } of await cursorsOf(other)) await runCursor(otherCtx, id, theirs);
    expect(await storedItems(other)).toHaveLength(4);
    expect((await cursorsOf(other))[0]?.problem).toBeNull();
  });
});

it("asks nothing before the time that a service names, and says that its quota is used up", async () => {
  service.failure = new VendorError("google", "throttled", "answered 429", { retryAfterMs: 3 * 60 * MINUTE });
  await passMinutes(1);
  const calls = service.calls;
  expect((await cursorsOf(firm)).map(({ problem }) => problem)).toEqual(["quota", "quota", "quota"]);
  service.failure = null;
  await passMinutes(170, 10);
  expect(service.calls).toBe(calls);
  await passMinutes(20, 5);
  expect(await storedItems(firm)).toHaveLength(30);
});

describe("a link", () => {
  const eventOf = async () => ({ connectionId, kind: "event" as const, ...(await bookedConsultation(firm)) });
  const claim = (of: Parameters<typeof claimLink>[2]) => inTenant(ctx(), (tx) => claimLink(tx, ctx(), of));
  const linkOf = async () => (await rows<Record<string, unknown>>(firm, "SELECT * FROM sync_link"))[0];

  // Seen red without: claimed_until in claimLink.
  it("is written by one worker at a time, and whoever found it held comes back three seconds later", async () => {
    const of = await eventOf();
    const claims = await Promise.all([claim(of), claim(of), claim(of)]);
    expect(claims.filter(Boolean)).toHaveLength(1);
    const jobs = await takeJobs(firm, "sync.consultation");
    // Both for the same moment: one job does for them.
    expect(jobs.map(({ data }) => data.consultationId)).toEqual([of.consultationId]);
    const held = claims.find(Boolean);
    await inTenant(ctx(), (tx) =>
      saveLink(tx, ctx(), held as LinkClaim, { state: "linked", externalId: "e1", details: { a: 1 } }),
    );
    expect(await linkOf()).toMatchObject({
      state: "linked",
      external_id: "e1",
      claimed_until: null,
      details: { a: 1 },
    });
    // What the holder wrote may be older than what the others came for.
    clock.advance(MINUTE);
    expect(await syncDue(ctx(), providers)).toBeGreaterThan(0);
    expect(await jobsOf(firm, "sync.consultation")).toHaveLength(1);
  });

  it("is free again, and due, when its worker died", async () => {
    const of = await eventOf();
    expect(await claim(of)).not.toBeNull();
    clock.advance(MINUTE + 1000);
    await syncDue(ctx(), providers);
    expect(await jobsOf(firm, "sync.consultation")).toHaveLength(1);
    expect(await claim(of)).not.toBeNull();
  });

  it("that failed keeps why and is tried again, until a person has to look", async () => {
    const of = await eventOf();
    const first = await claim(of);
    await failLink(ctx(), first as LinkClaim, away());
    expect(await linkOf()).toMatchObject({
      problem: "unavailable",
      attempts: 1,
      state: "pending",
      claimed_until: null,
    });
    clock.advance(2 * MINUTE);
    await syncDue(ctx(), providers);
    expect(await takeJobs(firm, "sync.consultation")).toHaveLength(1);
    const second = await claim(of);
    await failLink(ctx(), second as LinkClaim, new VendorError("google", "rejected", "answered 401", { status: 401 }));
    expect(await linkOf()).toMatchObject({ problem: "revoked", attempts: 2, state: "failed", next_attempt_at: null });
    await startSync(ctx(), connectionId, providers);
    expect(await linkOf()).toMatchObject({ state: "pending", attempts: 0, next_attempt_at: clock.now() });
  });
});

describe("a link whose worker was slow", () => {
  const claim = (of: Parameters<typeof claimLink>[2]) => inTenant(ctx(), (tx) => claimLink(tx, ctx(), of));
  const linkOf = async () => (await rows<Record<string, unknown>>(firm, "SELECT * FROM sync_link"))[0];
  const save = (held: LinkClaim | null, externalId: string) =>
    inTenant(ctx(), (tx) => saveLink(tx, ctx(), held as LinkClaim, { state: "linked", externalId }));

  // Seen red without: the claim in the conditions of saveLink, failLink and renewLink.
  it("is the next one's: the slow one writes nothing to it any more, is told so, and cannot hold it longer", async () => {
    const of = { connectionId, kind: "event" as const, ...(await bookedConsultation(firm)) };
    const slow = await claim(of);
    clock.advance(MINUTE + 1);
    const next = await claim(of);
    expect(next?.id).toBe(slow?.id);
    expect(await inTenant(ctx(), (tx) => renewLink(tx, ctx(), slow as LinkClaim))).toBeNull();
    await failLink(ctx(), slow as LinkClaim, away());
    expect(await save(slow, "slow")).toBe(false);
    expect(await linkOf()).toMatchObject({ external_id: null, problem: null, claimed_until: next?.claimedUntil });
    clock.advance(MINUTE / 2);
    const longer = await inTenant(ctx(), (tx) => renewLink(tx, ctx(), next as LinkClaim));
    expect(longer?.claimedUntil.getTime()).toBe(clock.now().getTime() + MINUTE);
    expect(await save(longer, "next")).toBe(true);
    expect(await linkOf()).toMatchObject({ external_id: "next", claimed_until: null, next_attempt_at: null });
  });

  // Seen red without: external_id in the state that failLink writes.
  it("stays linked, with the problem, when something stands there and no try is left", async () => {
    const of = { connectionId, kind: "event" as const, ...(await bookedConsultation(firm)) };
    await save(await claim(of), "e1");
    await failLink(
      ctx(),
      (await claim(of)) as LinkClaim,
      new VendorError("google", "rejected", "401", { status: 401 }),
    );
    expect(await linkOf()).toMatchObject({ state: "linked", problem: "revoked", next_attempt_at: null });
  });

  // Seen red without: isOwnPace in isOutage.
  it("waits alone when we must ask more slowly: the service has no part in that", async () => {
    const of = { connectionId, kind: "event" as const, ...(await bookedConsultation(firm)) };
    const hour = 60 * MINUTE;
    const slowly = new VendorError("google", "throttled", "no room", { retryAfterMs: hour, code: "pace" });
    await failLink(ctx(), (await claim(of)) as LinkClaim, slowly);
    expect(await linkOf()).toMatchObject({ state: "pending", problem: "pace" });
    expect(Number((await linkOf())?.next_attempt_at)).toBeGreaterThanOrEqual(clock.now().getTime() + hour);
    expect((await cursorsOf(firm)).map(({ problem }) => problem)).toEqual([null, null, null]);
    service.failure = slowly;
    const [cursor, ...others] = await cursorsOf(firm);
    await runCursor(ctx(), cursor?.id ?? "", providers);
    expect((await cursorsOf(firm)).map(({ problem }) => problem)).toEqual(["pace", ...others.map(() => null)]);
  });
});

describe("a consultation elsewhere", () => {
  const told: string[] = [];
  const mirroring = (fails: Partial<Record<"zoom" | "google" | "zoho", Error>>): SyncProviders =>
    Object.fromEntries(
      (["google", "zoho", "zoom"] as const).map((name) => [
        name,
        madeUpProvider(service, {
          name,
          resources: name === "google" ? ["events"] : [],
          mirror: async () => {
            told.push(name);
            if (fails[name]) throw fails[name];
          },
        }),
      ]),
    );

  beforeEach(async () => {
    told.length = 0;
    await connect(firm, "zoom");
    await connect(firm, "zoho");
  });

  it("is brought up to date at Zoom first, and one service's failure stops none of the others", async () => {
    const { consultationId } = await bookedConsultation(firm);
    await mirrorConsultation(ctx(), consultationId, mirroring({ zoom: away() }));
    expect(told).toEqual(["zoom", "google", "zoho"]);
    const [again] = await jobsOf(firm, "sync.consultation");
    expect(again?.data).toEqual({ tenantId: firm.id, consultationId });
    const fault = new TypeError("ours");
    await expect(mirrorConsultation(ctx(), consultationId, mirroring({ google: fault }))).rejects.toBe(fault);
    expect(told.slice(3)).toEqual(["zoom", "google", "zoho"]);
  });

  // Seen red without: findPause in mirrorAt.
  it("waits while a service does not answer, and comes back when the pause is over", async () => {
    const { consultationId } = await bookedConsultation(firm);
    service.failure = away();
    const [cursor] = await cursorsOf(firm);
    await runCursor(ctx(), cursor?.id ?? "", providers);
    const until = (await cursorsOf(firm))[0]?.next_run_at as Date;
    await mirrorConsultation(ctx(), consultationId, mirroring({}));
    expect(told).toEqual(["zoom", "zoho"]);
    const [again] = await jobsOf(firm, "sync.consultation");
    expect(again?.start_after.getTime()).toBe(until.getTime());
    clock.advance(EVERY_MS);
    await mirrorConsultation(ctx(), consultationId, mirroring({}));
    expect(told.slice(2)).toEqual(["zoom", "google", "zoho"]);
  });

  // Seen red without: the id by which a waiting job is known (lib/platform/queue.ts).
  it.each([2, 3])("comes back by one job while %i services do not answer, over an hour", async (count) => {
    const names = (["google", "zoom", "zoho"] as const).slice(0, count);
    const all = Object.fromEntries(
      names.map((name) => [
        name,
        madeUpProvider(service, { name, resources: ["events"], mirror: () => Promise.reject(away()) }),
      ]),
    );
    for (const { id } of await rows<{ id: string }>(firm, "SELECT id FROM connection")) await startSync(ctx(), id, all);
    await rows(firm, "DELETE FROM pgboss.job WHERE data->>'tenantId' = $1", [firm.id]);
    const { consultationId } = await bookedConsultation(firm);
    await mirrorConsultation(ctx(), consultationId, all);
    await mirrorConsultation(ctx(), consultationId, all);
    let done = 0;
    for (let minute = 0; minute < 60; minute += 4) {
      clock.advance(4 * MINUTE);
      const due = (await jobsOf(firm, "sync.consultation")).filter(({ start_after }) => start_after <= clock.now());
      expect(due.length).toBeLessThanOrEqual(1);
      if (due.length === 0) continue;
      await takeJobs(firm, "sync.consultation");
      await mirrorConsultation(ctx(), consultationId, all);
      done += 1;
    }
    expect(done).toBeGreaterThan(1);
    expect(await jobsOf(firm, "sync.consultation")).toHaveLength(1);
  });

  it("of another firm is not touched, whatever the payload says", async () => {
    const { consultationId } = await bookedConsultation(firm);
    const other = await makeFirm();
    await connect(other, "zoom");
    await mirrorConsultation(jobCtxOf(other, clock), consultationId, mirroring({}));
    expect(told).toEqual([]);
  });
});
