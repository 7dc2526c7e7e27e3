import { beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { AppError, VendorError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { askOrWait } from "@/lib/domain/sync/ask-later";
import { compareConnection } from "@/lib/domain/sync/compare";
import { disconnect } from "@/lib/domain/sync/disconnect";
import { handleDelivery } from "@/lib/domain/sync/handle-delivery";
import { runCursor } from "@/lib/domain/sync/run-cursor";
import { startSync } from "@/lib/domain/sync/start-sync";
import { syncDue } from "@/lib/domain/sync/sync-due";
import { syncNow } from "@/lib/domain/sync/sync-now";
import type { Delivery, SyncProvider } from "@/lib/domain/sync/sync-provider";
import { findWebhookOwners, webhookCtx } from "@/lib/domain/tenants/connections/prove-webhook";
import { takeDelivery } from "@/lib/domain/tenants/connections/take-delivery";
import { withWebhook } from "@/lib/http/with-webhook";
import { purgeExpired } from "@/lib/jobs/purge-expired";
import { addUser, asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import {
  AT,
  bookedConsultation,
  connect,
  cursorsOf,
  jobCtxOf,
  jobsOf,
  madeUpProvider,
  madeUpService,
  rows,
  takeJobs,
} from "./made-up";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const clock = fixedClock(AT);
let firm: TestFirm;
let other: TestFirm;
let connectionId: string;
let seen: Delivery[];
const ctx = (of = firm) => jobCtxOf(of, clock);
const google = (more: Partial<Omit<SyncProvider, "name" | "resources">> = {}) => ({
  google: madeUpProvider(madeUpService(4), {
    handle: async (_, delivery) => {
      seen.push(delivery);
    },
    ...more,
  }),
});
const away = () => new VendorError("google", "unavailable", "answered 503", { status: 503 });
const take = (deliveryKey: string, body?: string, of = firm) =>
  inTenant(ctx(of), (tx) =>
    takeDelivery(tx, ctx(of), {
      provider: "google",
      connectionId,
      deliveryKey,
      ...(body === undefined ? {} : { body }),
    }),
  );
const deliveries = () => rows<Record<string, unknown>>(firm, "SELECT * FROM webhook_delivery ORDER BY received_at");
const firstId = async () => String((await deliveries())[0]?.id);

beforeEach(async () => {
  clock.set(AT);
  seen = [];
  firm = await makeFirm();
  other = await makeFirm();
  connectionId = await connect(firm);
});

describe("a delivery", () => {
  it("is stored once, sealed, with its job, and handled once, after which its body is gone", async () => {
    const body = "action=changed&id=4711&canary=Fictus";
    expect(await take("k1", body)).toEqual({ isNew: true });
    expect(await take("k1", body)).toEqual({ isNew: false });
    const [job, ...more] = await jobsOf(firm, "webhook.handle");
    expect(more).toEqual([]);
    expect(JSON.stringify([job, await deliveries()])).not.toContain("canary");
    const deliveryId = job?.data.deliveryId ?? "";
    await handleDelivery(ctx(), deliveryId, google());
    await handleDelivery(ctx(), deliveryId, google());
    expect(seen).toEqual([{ id: deliveryId, connectionId, deliveryKey: "k1", body, receivedAt: new Date(AT) }]);
    expect(await deliveries()).toMatchObject([{ handled_at: new Date(AT), body_cipher: null }]);
    // Sent again after it was handled, it is still known.
    expect(await take("k1", body)).toEqual({ isNew: false });
  });

  it("of one firm is not another's, whatever tenant a payload names", async () => {
    await take("k1", "body");
    await handleDelivery(ctx(other), await firstId(), google());
    expect(seen).toEqual([]);
    expect(await deliveries()).toMatchObject([{ handled_at: null }]);
    // Nor can one be stored for a connection that is another firm's.
    await expect(take("k2", "body", other)).rejects.toThrow();
  });

  // Seen red without: the catch in handleDelivery (the job fails), and with handled_at written in a finally.
  it("that could not be handled stays, and is come back to ever more seldom", async () => {
    await take("k1", "body");
    const failing = google({ handle: () => Promise.reject(away()) });
    await handleDelivery(ctx(), await firstId(), failing);
    await takeJobs(firm, "webhook.handle");
    const again: number[] = [];
    for (let minute = 1; minute <= 130; minute += 1) {
      clock.set(new Date(new Date(AT).getTime() + minute * MINUTE + 100));
      if (minute > 8 && ![16, 32, 60, 61, 120].includes(minute)) continue;
      await syncDue(ctx(), failing);
      if ((await takeJobs(firm, "webhook.handle")).length > 0) again.push(minute);
    }
    expect(again).toEqual([1, 2, 4, 8, 16, 32, 60, 120]);
    await expect(
      handleDelivery(ctx(), await firstId(), google({ handle: () => Promise.reject(new TypeError("ours")) })),
    ).rejects.toThrow(TypeError);
    await handleDelivery(ctx(), await firstId(), google());
    expect(seen).toHaveLength(1);
  });

  // Seen red without: the update in the catch of handleDelivery.
  it("that its provider closed before it asked is open again when nothing came of that", async () => {
    await take("k1");
    const closing = google({
      handle: async (inner, { id }) => {
        const data = { handledAt: clock.now() };
        await inTenant(inner, (tx) => tx.webhookDelivery.updateMany({ where: { tenantId: firm.id, id }, data }));
        throw away();
      },
    });
    await handleDelivery(ctx(), await firstId(), closing);
    expect(await deliveries()).toMatchObject([{ handled_at: null }]);
  });

  it("of a suspended firm waits until it is open again", async () => {
    await take("k1", "body");
    await setStatus("suspended");
    await handleDelivery(ctx(), await firstId(), google());
    expect(seen).toEqual([]);
    await setStatus("active");
    await handleDelivery(ctx(), await firstId(), google());
    expect(seen).toHaveLength(1);
  });

  it("is deleted two weeks later, and no sooner", async () => {
    await take("k1", "body");
    clock.advance(14 * DAY - 1000);
    await purgeExpired(ctx());
    expect(await deliveries()).toHaveLength(1);
    clock.advance(1000);
    expect(await purgeExpired(ctx())).toBeGreaterThan(0);
    expect(await deliveries()).toEqual([]);
  });
});

describe("whose webhook it is", () => {
  it("is found by the connection in its address, or by the account in its body, which firms may share", async () => {
    const theirs = await connect(other, "google", "account");
    expect(await findWebhookOwners({ connectionId })).toEqual([
      { tenantId: firm.id, connectionId, provider: "google" },
    ]);
    expect(await findWebhookOwners({ connectionId, provider: "zoom" })).toEqual([]);
    const shared = (await findWebhookOwners({ provider: "google", accountId: "account" })).map(
      (one) => one.connectionId,
    );
    expect(shared).toEqual(expect.arrayContaining([connectionId, theirs]));
    expect(await findWebhookOwners({ provider: "zoom", accountId: "account" })).toEqual([]);
    expect(await findWebhookOwners({ connectionId: newId() })).toEqual([]);
    const owner = { tenantId: firm.id, connectionId, provider: "google" as const };
    expect(webhookCtx(owner, "r", clock)).toMatchObject({
      tenantId: firm.id,
      actor: { type: "webhook", id: "google" },
    });
  });

  it("is asked with the bytes as they came; what is too long or no id is refused, and our own fault says come again", async () => {
    const raw = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
    const post = (answer: Parameters<typeof withWebhook>[1], id = connectionId, body = raw) =>
      withWebhook({ maxBytes: 100 }, answer)(new Request("http://test/api/webhooks/google", { method: "POST", body }), {
        params: Promise.resolve({ connectionId: id }),
      });
    const got: unknown[] = [];
    const good = await post(async (hook) => {
      got.push(hook.raw, hook.ids.connectionId);
      return { status: 204, body: "" };
    });
    expect(good.status).toBe(204);
    expect(got).toEqual([raw, connectionId]);
    const never = () => Promise.reject(new Error("called"));
    expect((await post(never, "no-id")).status).toBe(404);
    expect((await post(never, connectionId, Buffer.alloc(101))).status).toBe(413);
    const ours = await post(() => Promise.reject(new TypeError("ours")));
    expect([ours.status, ours.headers.get("retry-after")]).toEqual([503, "2"]);
    const forged = await post(() => Promise.reject(new AppError("unauthenticated", "The signature is not right.")));
    expect(forged.status).toBe(401);
  });
});

describe("a new connection", () => {
  it("is pulled even when subscribing fails, which is tried again; upcoming consultations are brought over", async () => {
    const { consultationId } = await bookedConsultation(firm);
    const begun: string[] = [];
    const failing = google({ begin: () => Promise.reject(away()), mirror: async () => {} });
    const job = { type: "sync.connected", payload: { tenantId: firm.id, connectionId }, by: { connectionId } } as const;
    await expect(startSync(ctx(), connectionId, failing)).rejects.toThrow(VendorError);
    expect(await cursorsOf(firm)).toHaveLength(1);
    expect((await takeJobs(firm, "sync.consultation")).map(({ data }) => data.consultationId)).toEqual([
      consultationId,
    ]);
    await askOrWait(ctx(), job, () => startSync(ctx(), connectionId, failing));
    const [again] = await jobsOf(firm, "sync.connected");
    expect(again?.start_after.getTime()).toBeGreaterThan(clock.now().getTime());
    // Seen red without: the question whether it began before.
    expect(await jobsOf(firm, "sync.consultation")).toEqual([]);
    expect(await cursorsOf(firm)).toMatchObject([{ problem: "unavailable", next_run_at: again?.start_after }]);
    for (let tries = 0; tries < 5; tries += 1) {
      clock.advance(10 * MINUTE);
      await askOrWait(ctx(), job, () => startSync(ctx(), connectionId, failing));
    }
    expect(await jobsOf(firm, "sync.consultation")).toEqual([]);
    expect(await cursorsOf(firm)).toMatchObject([{ problem: "unavailable" }]);
    const mended = google({
      begin: async (_, id) => {
        begun.push(id);
      },
    });
    await startSync(ctx(), connectionId, mended);
    await startSync(ctx(), connectionId, mended);
    expect(begun).toEqual([connectionId, connectionId]);
    expect(await cursorsOf(firm)).toHaveLength(1);
  });

  it("whose first job was lost is begun by the schedule", async () => {
    clock.advance(6 * MINUTE);
    await syncDue(ctx(), google());
    expect((await jobsOf(firm, "sync.connected")).map(({ data }) => data.connectionId)).toEqual([connectionId]);
  });
});

describe("a job that asks a service", () => {
  const job = () => ({ type: "attendance.collect" as const, payload: payload(), by: { connectionId } });
  const payload = () => ({ tenantId: firm.id, consultationId: newId() });

  // Seen red without: the branch for suspended firms.
  it("waits while its firm is suspended, and is dropped with a firm that is closed", async () => {
    const asked: number[] = [];
    const ask = async () => asked.push(1);
    await setStatus("suspended");
    await askOrWait(ctx(), job(), ask);
    const [later] = await takeJobs(firm, "attendance.collect");
    expect(later?.data.tenantId).toBe(firm.id);
    await setStatus("closed");
    await askOrWait(ctx(), job(), ask);
    expect(await takeJobs(firm, "attendance.collect")).toEqual([]);
    expect(asked).toEqual([]);
    await setStatus("active");
    await askOrWait(ctx(), job(), ask);
    expect(asked).toEqual([1]);
  });

  it("comes back when an outage may be over, without asking meanwhile; what is refused is the queue's to count", async () => {
    await startSync(ctx(), connectionId, google());
    let asked = 0;
    const ask = async () => {
      asked += 1;
      throw away();
    };
    await askOrWait(ctx(), job(), ask);
    await askOrWait(ctx(), job(), ask);
    expect(asked).toBe(1);
    expect(await takeJobs(firm, "attendance.collect")).toHaveLength(2);
    clock.advance(DAY);
    const refused = new VendorError("google", "rejected", "answered 403", { status: 403 });
    await expect(askOrWait(ctx(), job(), () => Promise.reject(refused))).rejects.toBe(refused);
  });
});

describe("ours and theirs", () => {
  const report = { ours: 3, theirs: 2, onlyOurs: 1, onlyTheirs: 0, different: 1 };
  const item = { leadId: null, consultationId: null, externalId: "x", what: "different" as const, fields: ["start"] };
  const comparing = () => google({ compare: async () => ({ ...report, items: Array(130).fill(item) }) });

  it("are compared once a day, when the first pull is through, with a report and an event", async () => {
    const providers = comparing();
    await startSync(ctx(), connectionId, providers);
    await syncDue(ctx(), providers);
    expect(await jobsOf(firm, "sync.compare")).toEqual([]);
    await runCursor(ctx(), (await cursorsOf(firm))[0]?.id ?? "", providers);
    await syncDue(ctx(), providers);
    await syncDue(ctx(), providers);
    expect((await takeJobs(firm, "sync.compare")).map(({ data }) => data.connectionId)).toEqual([connectionId]);
    await compareConnection(ctx(), connectionId, providers);
    const kept = await compareConnection(ctx(), connectionId, providers);
    expect(kept).toMatchObject({ ...report, checkedAt: AT });
    expect(await rows(firm, "SELECT ours, different, jsonb_array_length(items) AS items FROM drift_report")).toEqual([
      { ours: 3, different: 1, items: 100 },
    ]);
    const events = (await eventsOf(firm)).filter(({ type }) => type === "sync.compared");
    expect(events.at(-1)?.data).toEqual({ connectionId, provider: "google", ...report });
    expect(await compareConnection(ctx(other), connectionId, providers)).toBeNull();
  });
});

describe("a person", () => {
  it("may ask for everything at once, in spite of a pause", async () => {
    await startSync(ctx(), connectionId, google());
    await asOwner(firm.id, (client) =>
      client.query("UPDATE sync_cursor SET problem = 'unavailable', attempts = 5, next_run_at = '2027-01-01'"),
    );
    await takeJobs(firm, "sync.run");
    expect(await syncNow(firm.asUser(clock), "google")).toEqual({ pulls: 1 });
    expect(await jobsOf(firm, "sync.run")).toHaveLength(1);
    expect(await jobsOf(firm, "sync.compare")).toHaveLength(1);
    expect(await cursorsOf(firm)).toMatchObject([{ problem: null, attempts: 0, next_run_at: clock.now() }]);
    const viewer = await addUser(firm);
    await expect(syncNow(viewer.asUser(clock), "google")).rejects.toMatchObject({ code: "forbidden" });
    await expect(syncNow(other.asUser(clock), "google")).rejects.toMatchObject({ code: "not_found" });
  });

  it("may disconnect with a fresh factor, whatever the service says to that, and nothing of it stays", async () => {
    await startSync(ctx(), connectionId, google());
    await take("k1", "body");
    const left: string[] = [];
    const leaving = google({
      leave: async (_, id) => {
        left.push(id);
        throw away();
      },
    });
    const stale = firm.asUser(clock);
    clock.advance(11 * MINUTE);
    await expect(disconnect(stale, "google", leaving)).rejects.toMatchObject({ code: "mfa_required" });
    const viewer = await addUser(firm);
    await expect(disconnect(viewer.asUser(clock), "google", leaving)).rejects.toMatchObject({ code: "forbidden" });
    await expect(disconnect(other.asUser(clock), "google", leaving)).rejects.toMatchObject({ code: "not_found" });
    expect(left).toEqual([]);
    await disconnect(firm.asUser(clock), "google", leaving);
    expect(left).toEqual([connectionId]);
    expect([await cursorsOf(firm), await deliveries(), await findWebhookOwners({ connectionId })]).toEqual([
      [],
      [],
      [],
    ]);
    expect((await eventsOf(firm)).filter(({ type }) => type === "connection.removed")).toHaveLength(1);
    await expect(disconnect(firm.asUser(clock), "google", leaving)).rejects.toMatchObject({ code: "not_found" });
  });
});

const setStatus = (status: string) =>
  asOwner(firm.id, (client) => client.query("UPDATE tenant SET status = $2 WHERE id = $1", [firm.id, status]));
