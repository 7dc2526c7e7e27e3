import { createHmac } from "node:crypto";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { POST as postToOwnApp } from "@/app/api/webhooks/zoom/[connection]/route";
import { POST as postToApp } from "@/app/api/webhooks/zoom/route";
import { newId } from "@/lib/core/ids";
import { collectAttendance } from "@/lib/domain/sync/zoom/collect-attendance";
import { handleZoomDelivery } from "@/lib/domain/sync/zoom/handle-delivery";
import { receiveZoomWebhook } from "@/lib/domain/sync/zoom/receive-webhook";
import { sweepAttendance } from "@/lib/domain/sync/zoom/sweep-attendance";
import { signed } from "../../sandbox/zoom/webhooks";
import { call, type Route } from "../http/call";
import { eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { jobsOf, rows, takeJobs } from "./made-up";
import {
  bookWithMeeting,
  clock,
  connectZoom,
  consultationOf,
  deliveriesOf,
  FIRST,
  handleAll,
  intervalsOf,
  job,
  linkOf,
  SECOND,
  SECRET,
  sandbox,
  stateOf,
  subscribe,
  subscribeOwn,
  world,
} from "./zoom-world";

let firm: TestFirm;
let connectionId: string;

beforeEach(async () => {
  clock.set("2026-11-20T15:00:00.000Z");
  firm = await makeFirm();
  connectionId = await connectZoom(firm);
  subscribe();
});
afterEach(() => sandbox.reset());

const at = (time: string) => clock.set(`2026-11-20T${time}.000Z`);
const collect = (id: string) => collectAttendance(job(firm), id);

/** A consultation as it goes: the host, and a person who drops out and comes back. Twenty minutes in all. */
async function hold(meetingId: string, { isHostThere = true } = {}): Promise<void> {
  at("16:00:00");
  const host = isHostThere ? await world.join(meetingId, { name: "Dana Counsel", isHost: true }) : null;
  at("16:01:00");
  const first = await world.join(meetingId, { name: "Rowan F" });
  at("16:06:00");
  await world.leave(meetingId, first);
  at("16:10:00");
  const second = await world.join(meetingId, { name: "Rowan F" });
  at("16:25:00");
  await world.leave(meetingId, second);
  if (host) await world.leave(meetingId, host);
  at("16:30:00");
  await world.end(meetingId);
}

type Delivered = { body: string; headers: Headers };
const post = ({ body, headers }: Delivered, own?: string) =>
  receiveZoomWebhook({
    raw: Buffer.from(body),
    headers,
    requestId: newId(),
    clock,
    ...(own === undefined ? {} : { connectionId: own }),
  }).then(
    () => "taken",
    (error: { code?: string }) => error.code,
  );

const deliveryOf = (message: object, secret = SECRET, when = clock.now()): Delivered => {
  const body = JSON.stringify(message);
  return { body, headers: new Headers(signed(body, secret, when)) };
};

const ended = (meetingId: string, accountId: string = FIRST.id) => ({
  event: "meeting.ended",
  event_ts: clock.now().getTime(),
  payload: { account_id: accountId, object: { id: meetingId, uuid: "x==", host_id: FIRST.userId } },
});

describe("what comes in", () => {
  it("answers the question whether the address is ours at both addresses, signed or not, and nothing but a plain token", async () => {
    const ask = (token: unknown) => ({ event: "endpoint.url_validation", payload: { plainToken: token }, event_ts: 1 });
    const body = ask("qgg8vlvZRS6UYooatFL8Aw");
    const answer = await call(postToApp as Route, "/api/webhooks/zoom", { body });
    expect(answer.status).toBe(200);
    const encryptedToken = createHmac("sha256", SECRET).update("qgg8vlvZRS6UYooatFL8Aw").digest("hex");
    expect(answer.json()).toEqual({ plainToken: "qgg8vlvZRS6UYooatFL8Aw", encryptedToken });

    const owner = await makeFirm();
    const own = await connectZoom(owner, { isOwnApp: true });
    const path = `/api/webhooks/zoom/${own}`;
    const second = await call(postToOwnApp as Route, path, { body, ids: { connection: own } });
    const proof = createHmac("sha256", `${FIRST.id}-webhook`).update("qgg8vlvZRS6UYooatFL8Aw").digest("hex");
    expect(second.json()).toMatchObject({ encryptedToken: proof });

    // Whoever could choose what is signed would have us sign a webhook. Seen red without: the letters that a token may have.
    for (const token of [`v0:${Math.floor(Date.now() / 1000)}:{}`, "", 7, "a".repeat(201), { a: 1 }]) {
      const refused = await call(postToApp as Route, "/api/webhooks/zoom", { body: ask(token) });
      expect([refused.status, refused.text.includes("encryptedToken")]).toEqual([401, false]);
    }
  });

  it("answers at once, and says 401 for a wrong signature and 404 for a connection that has no app of its own", async () => {
    const { meetingId } = await bookWithMeeting(firm);
    const { body, headers } = deliveryOf(ended(meetingId), SECRET, new Date());
    const send = (given: Record<string, string>) =>
      call(postToApp as Route, "/api/webhooks/zoom", { body, headers: given });
    expect((await send(Object.fromEntries(headers))).status).toBe(200);
    expect(await deliveriesOf(firm)).toHaveLength(1);
    expect((await send({ "content-type": "application/json" })).status).toBe(401);
    for (const id of [newId(), connectionId]) {
      const reply = await call(postToOwnApp as Route, `/api/webhooks/zoom/${id}`, { body, ids: { connection: id } });
      expect(reply.status).toBe(404);
    }
  });

  it("changes nothing for a delivery that is forged, stale, from tomorrow, altered, or signed with another secret", async () => {
    const { meetingId } = await bookWithMeeting(firm);
    const before = await stateOf(firm);
    const message = ended(meetingId);
    const good = deliveryOf(message);
    const shifted = (minutes: number) =>
      deliveryOf(message, SECRET, new Date(clock.now().getTime() + minutes * 60_000));
    const forged = [
      { ...good, headers: new Headers() },
      deliveryOf(message, "another-secret"),
      // Seen red without: the timestamp window.
      shifted(-6),
      shifted(6),
      { ...good, body: good.body.replace("meeting.ended", "meeting.deleted") },
      { ...good, body: `${good.body} ` },
    ];
    // Seen red without: the comparison of the signature.
    for (const delivery of forged) expect(await post(delivery)).toBe("unauthenticated");
    expect(await stateOf(firm)).toEqual(before);
    expect(await post(shifted(-4))).toBe("taken");
    expect(await post({ body: "{", headers: new Headers(signed("{", SECRET, clock.now())) })).toBe("invalid_request");
  });

  it("stores a replayed delivery once, and one about a meeting that is not ours not at all", async () => {
    const { meetingId } = await bookWithMeeting(firm);
    const delivery = deliveryOf(ended(meetingId));
    for (let time = 0; time < 3; time += 1) expect(await post(delivery)).toBe("taken");
    expect(await deliveriesOf(firm)).toHaveLength(1);
    expect(await jobsOf(firm, "webhook.handle")).toHaveLength(1);
    const strange = [
      ended("99999999999"),
      ended(meetingId, SECOND.id),
      { ...ended(meetingId), event: "meeting.sharing_started" },
      { ...ended(meetingId), payload: {} },
    ];
    for (const message of strange) expect(await post(deliveryOf(message))).toBe("taken");
    // Seen red without: the look whether the meeting is ours.
    expect(await deliveriesOf(firm)).toHaveLength(1);
  });

  it("gives each firm that shares an account only what is about its own meetings", async () => {
    const other = await makeFirm();
    await connectZoom(other);
    const mine = await bookWithMeeting(firm);
    const theirs = await bookWithMeeting(other);
    await hold(mine.meetingId);
    expect((await deliveriesOf(firm)).length).toBeGreaterThan(5);
    expect(await deliveriesOf(other)).toHaveLength(0);
    await handleAll(other);
    expect((await consultationOf(other, theirs.id)).attendance).toBe("unknown");
  });

  it("believes a firm's own app about that firm alone", async () => {
    const owner = await makeFirm();
    const own = await connectZoom(owner, { account: SECOND, isOwnApp: true });
    const { meetingId } = await bookWithMeeting(firm);
    const before = await stateOf(firm);
    const ownSecret = `${SECOND.id}-webhook`;
    // Signed by the owner of another app: about an account that is not theirs, and at an address that is not theirs.
    expect(await post(deliveryOf(ended(meetingId), ownSecret), own)).toBe("taken");
    expect(await post(deliveryOf(ended(meetingId), ownSecret))).toBe("unauthenticated");
    expect(await deliveriesOf(owner)).toHaveLength(0);
    expect(await stateOf(firm)).toEqual(before);
  });
});

describe("who came", () => {
  it("is counted from webhooks at once, without their bodies or names lying about", async () => {
    const { id, meetingId } = await bookWithMeeting(firm);
    await hold(meetingId);
    await handleAll(firm);
    expect(await consultationOf(firm, id)).toMatchObject({ attendance: "attended", attended_seconds: 20 * 60 });
    expect(await intervalsOf(firm, id)).toHaveLength(3);
    expect((await deliveriesOf(firm)).every(({ body_cipher }) => body_cipher === null)).toBe(true);
    const link = await linkOf(firm, id);
    expect(JSON.stringify(link)).not.toMatch(/Rowan|Dana/);
    expect(JSON.stringify(await eventsOf(firm))).not.toMatch(/Rowan|Dana Counsel/);
    const [due] = await jobsOf(firm, "attendance.collect");
    expect(due?.start_after).toEqual(new Date("2026-11-20T16:40:00.000Z"));
  });

  it("is the same for every order of its webhooks, with some of them twice", async () => {
    const { id, meetingId } = await bookWithMeeting(firm);
    await hold(meetingId);
    await handleAll(firm);
    const right = await intervalsOf(firm, id);
    const bodies = world.webhooks.sent.map(({ body }) => body);
    const order = fc.shuffledSubarray([...bodies, ...bodies.slice(0, 4)], { minLength: bodies.length + 4 });
    await fc.assert(
      fc.asyncProperty(order, async (shuffled) => {
        await rows(firm, "DELETE FROM attendance_interval");
        await rows(firm, "UPDATE sync_link SET details = '{}'");
        await rows(
          firm,
          "UPDATE consultation SET attendance = 'unknown', attended_seconds = NULL, attendance_from = NULL",
        );
        for (const body of shuffled) {
          const delivery = { id: newId(), connectionId, deliveryKey: newId(), body, receivedAt: clock.now() };
          await handleZoomDelivery(job(firm), delivery);
        }
        // Seen red without: counting a person's stays anew from all that was told.
        expect(await intervalsOf(firm, id)).toEqual(right);
        expect(await consultationOf(firm, id)).toMatchObject({ attendance: "attended", attended_seconds: 1200 });
      }),
      { numRuns: 3 },
    );
  });

  it("is repaired by the report when every webhook was lost, page by page, each on the audit trail", async () => {
    world.webhooks.lose(1000);
    const { id, meetingId } = await bookWithMeeting(firm);
    await hold(meetingId);
    expect(await deliveriesOf(firm)).toHaveLength(0);
    at("16:55:00");
    let isDone = false;
    await sweepAttendance(job(firm), {
      connectionId,
      position: null,
      phase: "incremental",
      advance: async (_tx, to) => {
        isDone = to.isDone;
      },
    });
    expect(isDone).toBe(true);
    expect(await consultationOf(firm, id)).toMatchObject({ attendance: "attended", attended_seconds: 1200 });
    expect((await intervalsOf(firm, id)).filter(({ is_host }) => is_host)).toHaveLength(1);
    const fetched = (await eventsOf(firm)).filter(({ type }) => type === "sync.fetched").map(({ data }) => data);
    expect(fetched).toMatchObject([
      { resource: "attendance", items: 1 },
      { resource: "attendance", items: 3 },
    ]);
    expect(await jobsOf(firm, "attendance.collect")).toHaveLength(0);
  });

  it("comes from the report in the end: whoever only waited does not count, and late webhooks change nothing", async () => {
    const { id, meetingId } = await bookWithMeeting(firm);
    world.webhooks.hold();
    at("16:00:00");
    await world.join(meetingId, { name: "Dana Counsel", isHost: true });
    const waiting = await world.join(meetingId, { name: "Somebody Else", isWaiting: true });
    await world.join(meetingId, { name: "Rowan F", email: "Rowan@person.example" });
    at("16:05:00");
    await world.join(meetingId, { name: "Rowan on the phone", email: "rowan@person.example" });
    await world.leave(meetingId, waiting);
    at("16:30:00");
    await world.end(meetingId);
    at("16:45:00");
    await collect(id);
    const counted = await consultationOf(firm, id);
    // Two devices of one person are that person once; the one who waited was never there.
    expect(counted).toMatchObject({ attendance: "attended", attended_seconds: 1800 });
    const stays = await intervalsOf(firm, id);
    expect(stays).toHaveLength(2);
    await world.webhooks.release();
    // Held for a quarter of an hour: too old to be believed, so they are handed over as if they had come in time.
    for (const { body } of world.webhooks.sent) {
      const delivery = { id: newId(), connectionId, deliveryKey: newId(), body, receivedAt: clock.now() };
      await handleZoomDelivery(job(firm), delivery);
    }
    // Seen red without: the note that an occurrence was reported.
    expect(await intervalsOf(firm, id)).toEqual(stays);
    expect(await consultationOf(firm, id)).toMatchObject({ attended_seconds: counted.attended_seconds });
  });

  it("is asked for again while the report is not there, with one job waiting at a time", async () => {
    world.reportLagMs = 50 * 60_000;
    world.webhooks.lose(1000);
    const { id, meetingId } = await bookWithMeeting(firm);
    await hold(meetingId);
    const waits: number[] = [];
    at("16:40:00");
    for (let turn = 0; turn < 10 && (await consultationOf(firm, id)).attendance === "unknown"; turn += 1) {
      await collect(id);
      await collect(id);
      const jobs = await takeJobs(firm, "attendance.collect");
      waits.push(jobs.length);
      const collectAt = (await linkOf(firm, id))?.details.collectAt;
      if (typeof collectAt === "string") clock.set(collectAt);
    }
    expect(await consultationOf(firm, id)).toMatchObject({ attendance: "attended", attended_seconds: 1200 });
    expect(waits).toEqual([...waits.slice(0, -1).map(() => 1), 0]);
    expect(clock.now() < new Date("2026-11-20T18:30:00Z")).toBe(true);
  });

  it("is what webhooks told when one person came alone, for then Zoom's report stays empty", async () => {
    const { id, meetingId } = await bookWithMeeting(firm);
    await hold(meetingId, { isHostThere: false });
    await handleAll(firm);
    at("16:40:00");
    await collect(id);
    expect(await consultationOf(firm, id)).toMatchObject({ attendance: "attended", attended_seconds: 1200 });
    expect(await jobsOf(firm, "attendance.collect")).toHaveLength(2);
    clock.set("2026-11-21T17:00:00.000Z");
    await collect(id);
    expect((await linkOf(firm, id))?.details).toMatchObject({ settledAt: "2026-11-21T17:00:00.000Z" });
    expect(await consultationOf(firm, id)).toMatchObject({ attendance: "attended" });
  });

  it("stays unknown when there is no sign of a meeting, and absent is said when the host waited alone", async () => {
    const silent = await bookWithMeeting(firm);
    const alone = await bookWithMeeting(firm, "2026-11-20T17:00:00.000Z");
    at("17:00:00");
    await world.join(alone.meetingId, { name: "Dana Counsel", isHost: true });
    at("17:35:00");
    await world.end(alone.meetingId);
    await handleAll(firm);
    expect((await consultationOf(firm, alone.id)).attendance).toBe("absent");
    clock.set("2026-11-21T18:00:00.000Z");
    await collect(silent.id);
    expect((await consultationOf(firm, silent.id)).attendance).toBe("unknown");
    expect((await linkOf(firm, silent.id))?.details.settledAt).toBeTruthy();
  });
});

describe("when somebody takes our app away at Zoom", () => {
  it("erases every secret, link and row of it, and leaves other firms and a firm's own app alone", async () => {
    const { id, meetingId } = await bookWithMeeting(firm);
    await hold(meetingId);
    await handleAll(firm);
    const other = await makeFirm();
    await connectZoom(other, { account: SECOND });
    const owner = await makeFirm();
    const own = await connectZoom(owner, { isOwnApp: true });
    subscribeOwn(own, `${FIRST.id}-webhook`);
    const others = [await stateOf(other), await stateOf(owner)];

    const message = {
      event: "app_deauthorized",
      event_ts: 5,
      payload: { account_id: FIRST.id, user_id: "another-user" },
    };
    expect(await post(deliveryOf(message))).toBe("taken");
    expect(await handleAll(firm)).toBe(0);

    world.webhooks.subscriptions.pop();
    await world.deauthorize(FIRST.id);
    await handleAll(firm);
    const tables = [
      "connection",
      "integration_secret",
      "sync_link",
      "webhook_delivery",
      "sync_cursor",
      "attendance_interval",
    ];
    for (const table of tables) expect([table, await rows(firm, `SELECT 1 FROM ${table}`)]).toEqual([table, []]);
    expect(await consultationOf(firm, id)).toMatchObject({
      joinUrl: null,
      join_url_from: null,
      attendance: "attended",
    });
    const removed = (await eventsOf(firm)).find(({ type }) => type === "connection.removed");
    expect(removed?.data).toMatchObject({ provider: "zoom", because: "deauthorized" });
    expect([await stateOf(other), await stateOf(owner)]).toEqual(others);
  });
});
