import { afterEach, beforeEach, expect, it } from "vitest";
import { cancelOwnConsultation } from "@/lib/domain/bookings/cancel-own-consultation";
import { moveOwnConsultation } from "@/lib/domain/bookings/move-own-consultation";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { compareMeetings } from "@/lib/domain/sync/zoom/compare-meetings";
import { pullMeetings } from "@/lib/domain/sync/zoom/upcoming-meetings";
import { revokeAndErase } from "@/lib/domain/tenants/connections/revoke-and-erase";
import { eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { jobsOf, rows, takeJobs } from "./made-up";
import {
  book,
  bookWithMeeting,
  clock,
  connectZoom,
  consultationOf,
  FIRST,
  handleAll,
  job,
  linkOf,
  mirror,
  SECOND,
  sandbox,
  subscribe,
  world,
} from "./zoom-world";

const NOW = "2026-11-20T15:00:00.000Z";
let firm: TestFirm;
let connectionId: string;

beforeEach(async () => {
  clock.set(NOW);
  firm = await makeFirm();
  connectionId = await connectZoom(firm);
});
afterEach(() => sandbox.reset());

const typesOf = async () => (await eventsOf(firm)).map(({ type }) => type);
const move = (id: string, startsAt: string) => moveOwnConsultation(firm.asUser(clock), id, { startsAt });
const cancel = (id: string) => cancelOwnConsultation(firm.asUser(clock), id, { isNoShow: false });
const count = async (type: string) => (await typesOf()).filter((each) => each === type).length;

type Position = Record<string, unknown> | null;

/** One turn of the pull of what is to come. */
const turn = async (position: Position) => {
  let after: { position: Record<string, unknown>; isDone: boolean } | null = null;
  await pullMeetings(job(firm), {
    connectionId,
    position,
    phase: "incremental",
    advance: async (_tx, to) => {
      after = to;
    },
  });
  return after as unknown as { position: Record<string, unknown>; isDone: boolean };
};

const pull = async (): Promise<number> => {
  let position: Position = null;
  for (let turns = 1; ; turns += 1) {
    const after = await turn(position);
    if (after.isDone) return turns;
    position = after.position;
  }
};

it("makes a meeting for a consultation: named without what anybody is charged with, its link sealed, and the calendar follows", async () => {
  const id = await book(firm);
  await takeJobs(firm, "sync.consultation");
  await mirror(firm, id);
  const [meeting] = [...world.meetings.values()];
  expect(meeting).toMatchObject({
    topic: "Consultation: FICTUS, R.",
    agenda: `Consultation ${id}`,
    start_time: "2026-11-20T16:00:00Z",
    duration: 30,
    hostId: FIRST.userId,
    settings: { waiting_room: true, join_before_host: false, auto_recording: "none" },
  });
  expect(JSON.stringify(meeting)).not.toMatch(/INTOXICATED/i);
  const seen = await consultationOf(firm, id);
  expect(seen).toMatchObject({ join_url_from: "zoom", joinUrl: `${sandbox.zoom.url}/j/${meeting?.id}?pwd=sandbox` });
  expect(seen.join_url_cipher).not.toContain(String(meeting?.id));
  expect(await (await fetch(seen.joinUrl ?? "")).text()).toContain("Consultation: FICTUS, R.");
  expect(await linkOf(firm, id)).toMatchObject({ state: "linked", external_id: meeting?.id, problem: null });
  expect(await jobsOf(firm, "sync.consultation")).toHaveLength(1);
  expect((await eventsOf(firm)).find(({ type }) => type === "sync.written")?.data).toEqual({
    connectionId,
    provider: "zoom",
    resource: "meetings",
    action: "created",
    externalId: meeting?.id,
  });
  expect(JSON.stringify(await rows(firm, "SELECT * FROM sync_link"))).not.toMatch(/HOST-CREDENTIAL|pwd=/);
  const asked = sandbox.log.totals("zoom").requests;
  await mirror(firm, id);
  expect(sandbox.log.totals("zoom").requests).toBe(asked);
});

it("moves the meeting with its consultation, under the same number, and removes it when that is canceled", async () => {
  const { id, meetingId } = await bookWithMeeting(firm);
  await move(id, "2026-11-21T17:30:00.000Z");
  await mirror(firm, id);
  expect(world.meetings.size).toBe(1);
  expect(world.meeting(meetingId)).toMatchObject({ start_time: "2026-11-21T17:30:00Z" });
  await cancel(id);
  await mirror(firm, id);
  expect(world.meetings.size).toBe(0);
  expect(await consultationOf(firm, id)).toMatchObject({ joinUrl: null, join_url_from: null });
  expect(await linkOf(firm, id)).toMatchObject({ state: "removed" });
  const actions = (await eventsOf(firm)).filter(({ type }) => type === "sync.written").map(({ data }) => data.action);
  expect(actions).toEqual(["created", "updated", "removed"]);
  await mirror(firm, id);
  expect(await count("sync.written")).toBe(3);
});

it("takes a meeting that is gone already for removed", async () => {
  const { id, meetingId } = await bookWithMeeting(firm);
  world.meetings.delete(meetingId);
  await cancel(id);
  await mirror(firm, id);
  expect(await linkOf(firm, id)).toMatchObject({ state: "removed", problem: null });
});

it("makes none when the consultation meets elsewhere, and removes the one that it made before", async () => {
  const elsewhere = (id: string) =>
    rows(firm, "UPDATE consultation SET join_url_from = 'acuity', join_url_cipher = 'sealed' WHERE id = $1", [id]);
  const one = await book(firm);
  await elsewhere(one);
  await mirror(firm, one);
  // Seen red without: the question whose link the consultation has.
  expect(world.meetings.size).toBe(0);
  const { id } = await bookWithMeeting(firm);
  expect(world.meetings.size).toBe(1);
  await elsewhere(id);
  await mirror(firm, id);
  expect(world.meetings.size).toBe(0);
  expect(await consultationOf(firm, id).catch(() => "sealed by another")).toBe("sealed by another");
});

it("leaves a consultation alone that is over, or has begun", async () => {
  const id = await book(firm);
  clock.set("2026-11-20T16:10:00.000Z");
  await mirror(firm, id);
  const other = await book(firm, "2026-11-20T17:00:00.000Z");
  await mirror(firm, other);
  expect(world.meetings.size).toBe(1);
  clock.set("2026-11-20T18:00:00.000Z");
  const asked = sandbox.log.totals("zoom").requests;
  await rows(firm, "UPDATE consultation SET state = 'no_show'");
  await mirror(firm, id);
  await mirror(firm, other);
  expect(sandbox.log.totals("zoom").requests).toBe(asked);
});

it("makes one meeting when the answer to its making was lost, and one when eight workers make it", async () => {
  const id = await book(firm);
  world.losesNextAnswer = true;
  await mirror(firm, id);
  expect(world.meetings.size).toBe(1);
  expect(await linkOf(firm, id)).toMatchObject({ external_id: null, problem: "unavailable" });
  clock.advance(5 * 60_000);
  await mirror(firm, id);
  // Seen red without: the look for our reference.
  expect(world.meetings.size).toBe(1);
  expect((await consultationOf(firm, id)).joinUrl).toContain([...world.meetings.keys()][0]);

  const other = await book(firm, "2026-11-22T16:00:00.000Z");
  await Promise.all(Array.from({ length: 8 }, () => mirror(firm, other)));
  expect(world.meetings.size).toBe(2);
});

it("finds its meetings again after the firm has disconnected and connected anew", async () => {
  const { id, meetingId } = await bookWithMeeting(firm);
  await revokeAndErase(firm.asService(clock), "zoom", "asked");
  clock.advance(60_000);
  connectionId = await connectZoom(firm);
  await mirror(firm, id);
  // Seen red without: the look for what an earlier connection made.
  expect([...world.meetings.keys()]).toEqual([meetingId]);
  expect(await linkOf(firm, id)).toMatchObject({ external_id: meetingId, state: "linked" });
});

it("removes a meeting whose making was not answered when the consultation is canceled meanwhile", async () => {
  const id = await book(firm);
  world.losesNextAnswer = true;
  await mirror(firm, id);
  await cancel(id);
  clock.advance(5 * 60_000);
  await mirror(firm, id);
  expect(world.meetings.size).toBe(0);
});

it("waits until the day's quota is there again, and says so", async () => {
  world.isDailyLimitMet = true;
  const id = await book(firm);
  await mirror(firm, id);
  const [link] = await rows<{ problem: string; next_attempt_at: Date }>(firm, "SELECT * FROM sync_link");
  expect(link?.problem).toBe("quota");
  // The wait is the machine's clock's: Retry-After names an instant.
  expect(link?.next_attempt_at).toBeInstanceOf(Date);
  expect((await consultationOf(firm, id)).joinUrl).toBeNull();
});

it("notices a meeting that somebody removed at Zoom, makes no other by itself, and makes one when the consultation moves", async () => {
  const { id, meetingId } = await bookWithMeeting(firm);
  const kept = await bookWithMeeting(firm, "2026-11-21T16:00:00.000Z");
  world.meetings.delete(meetingId);
  await pull();
  expect(await linkOf(firm, id)).toMatchObject({ state: "removed" });
  expect(await linkOf(firm, kept.id)).toMatchObject({ state: "linked" });
  expect((await consultationOf(firm, id)).joinUrl).toBeNull();
  expect(await count("sync.removed_there")).toBe(1);
  await pull();
  await mirror(firm, id);
  expect(await count("sync.removed_there")).toBe(1);
  expect(world.meetings.size).toBe(1);
  await move(id, "2026-11-23T16:00:00.000Z");
  await mirror(firm, id);
  expect(world.meetings.size).toBe(2);
  expect((await consultationOf(firm, id)).joinUrl).toContain("/j/");
});

it("hears of a removed meeting from its webhook, and takes its own removing for none", async () => {
  subscribe();
  const { id, meetingId } = await bookWithMeeting(firm);
  await world.remove(meetingId);
  await handleAll(firm);
  expect(await linkOf(firm, id)).toMatchObject({ state: "removed" });
  expect((await consultationOf(firm, id)).joinUrl).toBeNull();
  expect(await count("sync.removed_there")).toBe(1);
  const own = await bookWithMeeting(firm, "2026-11-21T16:00:00.000Z");
  const meeting = world.meeting(own.meetingId);
  await cancel(own.id);
  await mirror(firm, own.id);
  world.meetings.set(meeting.id, meeting);
  await world.remove(meeting.id);
  expect(await handleAll(firm)).toBe(1);
  expect(await count("sync.removed_there")).toBe(1);
});

it("reads every page before it says that anything is gone, and begins again when the token of a page has ended", async () => {
  const { id, meetingId } = await bookWithMeeting(firm);
  const { start_time } = world.meeting(meetingId);
  for (let more = 0; more < 600; more += 1) world.make(FIRST.id, FIRST.userId, { start_time });
  world.meetings.delete(meetingId);
  expect(await pull()).toBe(2);
  expect(await linkOf(firm, id)).toMatchObject({ state: "removed" });
  world.make(FIRST.id, FIRST.userId, { start_time });
  const first = await turn(null);
  expect(first).toMatchObject({ isDone: false, position: { seen: { length: 300 } } });
  clock.advance(16 * 60_000);
  expect(await turn(first.position)).toMatchObject({ isDone: false, position: expect.anything() });
  expect(await pull()).toBe(3);
});

it("does not believe a list alone: a meeting that is on no page but is there stays", async () => {
  const { id, meetingId } = await bookWithMeeting(firm);
  const meeting = world.meeting(meetingId);
  // Another host's list would not have it.
  meeting.hostId = "somebody-else";
  await pull();
  // Seen red without: the look by its number.
  expect(await linkOf(firm, id)).toMatchObject({ state: "linked" });
});

it("compares ours with theirs, and counts neither the account's own meetings nor another firm's", async () => {
  const { id, meetingId } = await bookWithMeeting(firm);
  const gone = await bookWithMeeting(firm, "2026-11-21T16:00:00.000Z");
  const doubled = await bookWithMeeting(firm, "2026-11-22T16:00:00.000Z");
  world.meeting(meetingId).start_time = "2026-11-20T19:00:00Z";
  world.meetings.delete(gone.meetingId);
  const { agenda, start_time } = world.meeting(doubled.meetingId);
  const extra = world.make(FIRST.id, FIRST.userId, { agenda, start_time });
  world.make(FIRST.id, FIRST.userId, { agenda: "Lunch", start_time });
  const other = await makeFirm();
  await connectZoom(other);
  await bookWithMeeting(other);
  const report = await compareMeetings(job(firm), connectionId);
  expect(report).toMatchObject({ ours: 3, theirs: 3, onlyOurs: 1, onlyTheirs: 1, different: 1 });
  expect(
    report.items.map(({ consultationId, externalId, what, fields }) => [consultationId, externalId, what, fields]),
  ).toEqual([
    [id, meetingId, "different", ["startsAt"]],
    [gone.id, gone.meetingId, "only_ours", ["meeting"]],
    [doubled.id, extra.id, "only_theirs", ["meeting"]],
  ]);
});

it("asks with a firm's own app for the host by name, and never for another account's", async () => {
  const owner = await makeFirm();
  await connectZoom(owner, { account: SECOND, isOwnApp: true });
  await bookWithMeeting(owner);
  expect([...world.meetings.values()]).toMatchObject([{ accountId: SECOND.id, hostId: SECOND.userId }]);
  await inTenant(job(firm), async (tx) => expect(await tx.syncLink.count()).toBe(0));
});
