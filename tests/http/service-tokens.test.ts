import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { POST as scheduleRoute } from "@/app/api/internal/schedules/route";
import { newId } from "@/lib/core/ids";
import { closeDatabase } from "@/lib/platform/db";
import { type NewServiceToken, serviceTokens, signServiceToken } from "@/lib/platform/jwt";
import { closeQueue } from "@/lib/platform/queue";
import { asTableOwner, whileStoreIsAway } from "../platform/store";
import { makeFirm } from "../setup/firms";
import { call, hostOf, makeFirmWithPassword, originOfFirm, type Reply, type Route, signInTo } from "./call";

const scheduler: NewServiceToken = { issuer: "scheduler", audience: "arrestra-web" };
// Read once: the tests take less than a day, and must not care when the minute ends.
const minute = new Date(Math.floor(Date.now() / 60_000) * 60_000);
const slotOf = (at: Date) => ({ schedule: "rescore-due-leads", slot: at.toISOString() });
const send = (headers: Record<string, string>, body: unknown = slotOf(minute), host?: string): Promise<Reply> =>
  call(scheduleRoute as Route, "/api/internal/schedules", { headers, body, ...(host ? { host } : {}) });
const sendWith = async (body?: unknown, claims = scheduler) =>
  send({ authorization: `Bearer ${await signServiceToken(claims)}` }, body);
const jobs = () => asTableOwner<{ id: string; data: object }>("SELECT id, data FROM pgboss.job");

beforeEach(() => asTableOwner("DELETE FROM pgboss.job"));
beforeEach(() => asTableOwner("DELETE FROM rate_limit"));
afterAll(async () => {
  await closeQueue();
  await closeDatabase();
});

const problem = (reply: Reply, status: number, code: string) => {
  expect(reply.json()).toMatchObject({ status, code });
  expect(reply.status).toBe(status);
};

describe("POST /api/internal/schedules", () => {
  it("takes a slot from the scheduler, and from a function that a cloud's clock starts", async () => {
    const first = await sendWith();
    expect(first.status).toBe(200);
    expect(first.json()).toEqual({ isNew: true });
    const earlier = new Date(minute.getTime() - 60_000);
    expect((await sendWith(slotOf(earlier), { ...scheduler, issuer: "lambda" })).json()).toEqual({ isNew: true });
    expect(await jobs()).toMatchObject([
      { data: { schedule: "rescore-due-leads" } },
      { data: { schedule: "rescore-due-leads" } },
    ]);
  });

  // Seen red without the id in sendHouseJob.
  it("makes one job of a slot, however many send it at once and however often", async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => sendWith()));
    expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(replies.filter((reply) => reply.json<{ isNew: boolean }>().isNew)).toHaveLength(1);
    expect((await sendWith()).json()).toEqual({ isNew: false });
    expect(await jobs()).toHaveLength(1);
    // The same moment, said otherwise, and another schedule.
    const moment = minute.toISOString().replace(".000Z", "Z");
    expect((await sendWith({ ...slotOf(minute), slot: moment })).json()).toEqual({ isNew: false });
    expect((await sendWith({ ...slotOf(minute), schedule: "sweep-lookups" })).json()).toEqual({ isNew: true });
  });

  it("knows a slot also when its job is done, or has failed for good", async () => {
    await sendWith();
    for (const state of ["completed", "failed"]) {
      await asTableOwner("UPDATE pgboss.job SET state = $1::pgboss.job_state, completed_on = now()", [state]);
      expect((await sendWith()).json()).toEqual({ isNew: false });
    }
    expect(await jobs()).toHaveLength(1);
  });

  it("takes whole minutes of the last day and nothing else", async () => {
    const at = (ms: number) => new Date(minute.getTime() + ms);
    for (const slot of [at(1), at(30_000), at(3 * 60_000), at(-25 * 3_600_000)])
      problem(await sendWith(slotOf(slot)), 422, "unprocessable");
    for (const slot of ["today", "2026-11-21", "", 7, null])
      problem(await sendWith({ schedule: "purge-expired", slot }), 422, "unprocessable");
    problem(await sendWith({ ...slotOf(minute), schedule: "drop-tables" }), 422, "unprocessable");
    problem(await sendWith({ ...slotOf(minute), tenantId: newId() }), 422, "unprocessable");
    expect(await jobs()).toEqual([]);
  });
});

describe("a route for our own processes", () => {
  it("does not know nobody, keys, sessions and forged tokens", async () => {
    const firm = await makeFirmWithPassword();
    const cookie = await signInTo(firm);
    problem(await send({}), 401, "unauthenticated");
    problem(await send({ authorization: `Bearer ${firm.key.text}` }), 401, "unauthenticated");
    problem(await send({ "x-api-key": firm.key.text }), 401, "unauthenticated");
    problem(await send({ cookie, origin: originOfFirm(firm) }), 401, "unauthenticated");
    const stranger = serviceTokens({ signingKeys: `test1:${Buffer.alloc(32, 7).toString("base64")}` });
    problem(await send({ authorization: `Bearer ${await stranger.sign(scheduler)}` }), 401, "unauthenticated");
    problem(await send({ authorization: "Bearer a.b.c" }), 401, "unauthenticated");
    problem(await sendWith(undefined, { ...scheduler, issuer: "worker" }), 401, "unauthenticated");
    problem(await sendWith(undefined, { ...scheduler, issuer: "web" }), 401, "unauthenticated");
    expect(await jobs()).toEqual([]);
  });

  // Seen red without `takeOnce` in prove-service.ts.
  it("lets a token through once: what somebody overheard is worth nothing", async () => {
    const authorization = `Bearer ${await signServiceToken(scheduler)}`;
    const replies = await Promise.all(Array.from({ length: 10 }, () => send({ authorization })));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 401)]);
    problem(await send({ authorization }), 401, "unauthenticated");
  });

  // Seen red without the question for the apex.
  it("is on our own address alone: on a firm's host there is nothing, whatever is shown", async () => {
    const firm = await makeFirm();
    const authorization = `Bearer ${await signServiceToken(scheduler)}`;
    for (const host of [hostOf(firm), "nobody.localhost:3000", "example.com", "127.0.0.1:3000"])
      problem(await send({ authorization }, undefined, host), 404, "not_found");
    expect((await send({ authorization })).status).toBe(200);
  });

  it("refuses two credentials in one request, and a token in the address", async () => {
    const firm = await makeFirm();
    const token = await signServiceToken(scheduler);
    problem(await send({ authorization: `Bearer ${token}`, "x-api-key": firm.key.text }), 400, "invalid_request");
    const inAddress = await call(scheduleRoute as Route, `/api/internal/schedules?token=${token}`, {
      body: slotOf(minute),
    });
    problem(inAddress, 400, "invalid_request");
  });

  it("cannot be asked when it cannot be counted", async () => {
    const authorization = `Bearer ${await signServiceToken(scheduler)}`;
    await whileStoreIsAway(async () => problem(await send({ authorization }), 503, "unavailable"));
    expect(await jobs()).toEqual([]);
    expect((await send({ authorization })).status).toBe(200);
  });
});
