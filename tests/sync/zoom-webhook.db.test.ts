import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import { POST as postToOwnApp } from "@/app/api/webhooks/zoom/[connection]/route";
import { POST as postToApp } from "@/app/api/webhooks/zoom/route";
import { newId } from "@/lib/core/ids";
import { sha256 } from "@/lib/core/secret";
import { applyMeetingEvent } from "@/lib/domain/sync/zoom/apply-meeting-event";
import { occurrenceOf } from "@/lib/domain/sync/zoom/meeting-link";
import { ZoomEvent } from "@/lib/integrations/zoom-webhook";
import { signed } from "../../sandbox/zoom/webhooks";
import { call, type Route } from "../http/call";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { jobsOf } from "./made-up";
import {
  bookWithMeeting,
  clock,
  connectZoom,
  consultationOf,
  deliveriesOf,
  deliveryOf,
  FIRST,
  handleAll,
  hold,
  job,
  linkOf,
  post,
  SECOND,
  SECRET,
  sandbox,
  stateOf,
  subscribe,
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

const ended = (meetingId: string, accountId: string = FIRST.id) => ({
  event: "meeting.ended",
  event_ts: clock.now().getTime(),
  payload: { account_id: accountId, object: { id: meetingId, uuid: "x==", host_id: FIRST.userId } },
});

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
  const shifted = (minutes: number) => deliveryOf(message, SECRET, new Date(clock.now().getTime() + minutes * 60_000));
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
  const theirs = await bookWithMeeting(owner);
  expect(await post(deliveryOf(ended(theirs.meetingId), ownSecret), own)).toBe("taken");
  expect(await deliveriesOf(owner)).toHaveLength(0);
  expect(await stateOf(firm)).toEqual(before);
  expect(await post(deliveryOf(ended(theirs.meetingId, SECOND.id), ownSecret), own)).toBe("taken");
  expect(await deliveriesOf(owner)).toHaveLength(1);
});

it("answers and forgets a signed event with an id or a text that cannot be kept, so that nobody tries it for days", async () => {
  const { id, meetingId } = await bookWithMeeting(firm);
  const began = (uuid: unknown, change: object = {}, participant: object = { user_id: "1", user_name: "Rowan F" }) => ({
    event: "meeting.participant_joined",
    event_ts: clock.now().getTime(),
    payload: { account_id: FIRST.id, object: { id: meetingId, uuid, participant } },
    ...change,
  });
  const now = clock.now().toISOString();
  const strange = [
    // Seen red without: the names that every object has, refused as ids.
    ...["__proto__", "constructor", "toString", "a b", "x\u0000", "\ud800"].map((uuid) => began(uuid)),
    // Seen red without: the look whether a text can be stored.
    ...["NUL \u0000", "half \ud800"].map((user_name) => began("x==", {}, { user_id: "1", user_name, join_time: now })),
    // Seen red without: the end of the time that can be written.
    began("x==", { event: "meeting.started", event_ts: 8_640_000_000_000_001 }),
    began("x==", {}, { user_id: "1", join_time: "0000-01-01T00:00:00Z" }),
  ];
  for (const message of strange) expect(await post(deliveryOf(message))).toBe("taken");
  expect(await deliveriesOf(firm)).toEqual([]);
  expect(Object.hasOwn(Object.prototype, "marks")).toBe(false);
  expect((await linkOf(firm, id))?.details.occurrences ?? {}).toEqual({});
});

it("reads what is known of an occurrence by no name that every object has", () => {
  // Seen red without: Object.hasOwn
  for (const uuid of ["constructor", "toString", "__proto__"])
    expect(occurrenceOf({ occurrences: {} }, uuid)).toBeNull();
});

it("keeps at most fifty occurrences of a meeting, however many its firm's app tells of", async () => {
  const { id, meetingId } = await bookWithMeeting(firm);
  const connection = connectionId;
  for (let index = 0; index < 53; index += 1) {
    const message = { ...ended(meetingId), event: "meeting.started" };
    const event = ZoomEvent.parse({
      ...message,
      payload: { ...message.payload, object: { id: meetingId, uuid: `x${index}==` } },
    });
    if (event.event !== "app_deauthorized") await applyMeetingEvent(job(firm), connection, event);
  }
  // Seen red without: the cap of occurrences
  expect(Object.keys((await linkOf(firm, id))?.details.occurrences as object)).toHaveLength(50);
});

it("answers what a firm's own app sends beyond any need, and keeps nothing of it", async () => {
  const owner = await makeFirm();
  const own = await connectZoom(owner, { account: SECOND, isOwnApp: true });
  const { meetingId } = await bookWithMeeting(owner);
  await asOwner(owner.id, (client) =>
    client.query("INSERT INTO rate_limit (key, points, expire) VALUES ($1, 300, $2)", [
      `webhook.connection:${sha256(own)}`,
      Date.now() + 60_000,
    ]),
  );
  expect(await post(deliveryOf(ended(meetingId, SECOND.id), `${SECOND.id}-webhook`), own)).toBe("taken");
  // Seen red without: the limit per connection
  expect(await deliveriesOf(owner)).toEqual([]);
});
