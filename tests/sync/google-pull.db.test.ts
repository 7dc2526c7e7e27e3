import { beforeEach, describe, expect, it } from "vitest";
import { eventIdOf } from "@/lib/domain/sync/google/event-content";
import { GOOGLE_SYNC } from "@/lib/domain/sync/google/google-sync";
import { eventsOf, makeFirm } from "../setup/firms";
import {
  asked,
  at,
  busyOf,
  clock,
  connectGoogle,
  consult,
  eventOf,
  google,
  jobCtx,
  linkOf,
  mirror,
  pull,
  SECOND,
  sandbox,
  sql,
} from "./google-world";

const firm = await makeFirm();
const other = await makeFirm();
let connectionId = "";

beforeEach(async () => {
  for (const each of [firm, other]) {
    await sql(each, "DELETE FROM connection");
    await sql(each, "DELETE FROM integration_secret");
  }
  connectionId = await connectGoogle(firm);
});

const calendar = () => google.calendar();
const add = (fields: Record<string, unknown>) => google.insert(calendar(), fields);
const ids = async () => (await busyOf(firm)).map(({ external_id }) => external_id);
const position = async () =>
  (
    await sql<{ position: Record<string, unknown>; problem: string | null }>(
      firm,
      "SELECT position, problem FROM sync_cursor",
    )
  )[0];
const lists = () => sandbox.log.last("google", 100).filter(({ path }) => /\/events\?/.test(path)).length;

describe("when somebody is busy", () => {
  it("is kept without what they are busy with", async () => {
    add({ summary: "Dentist of Dana", description: "private", ...at("2026-11-23T15:00:00Z") });
    await pull(firm, connectionId);
    const rows = await sql(firm, "SELECT * FROM busy_time");
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toMatch(/Dentist|private/);
    const fetched = (await eventsOf(firm)).filter(({ type }) => type === "sync.fetched").at(-1);
    expect(fetched?.data).toEqual({
      connectionId,
      provider: "google",
      resource: "calendar",
      items: 1,
      because: "schedule",
    });
    expect(JSON.stringify(await eventsOf(firm))).not.toContain("Dentist");
  });

  it("counts what takes time: not what is free, declined, deleted, empty, long over or far ahead", async () => {
    const busy = add(at("2026-11-23T15:00:00Z"));
    add({ ...at("2026-11-23T16:00:00Z"), transparency: "transparent" });
    add({ ...at("2026-11-23T17:00:00Z"), attendees: [{ email: "o@x", self: true, responseStatus: "declined" }] });
    const maybe = add({
      ...at("2026-11-23T18:00:00Z"),
      attendees: [{ email: "o@x", self: true, responseStatus: "tentative" }],
    });
    add(at("2026-11-23T19:00:00Z", 0));
    add(at("2026-10-20T15:00:00Z"));
    add(at("2028-01-20T15:00:00Z"));
    const gone = add(at("2026-11-23T20:00:00Z"));
    google.remove(calendar(), gone.id);
    await pull(firm, connectionId);
    expect(await ids()).toEqual([busy.id, maybe.id]);
  });

  it("follows what changes: moved, freed, deleted, added, and each instance of a series", async () => {
    const [moved, freed, deleted] = ["15", "16", "17"].map((hour) => add(at(`2026-11-23T${hour}:00:00Z`)));
    await pull(firm, connectionId);
    google.patch(calendar(), moved?.id ?? "", at("2026-11-25T15:00:00Z"));
    google.patch(calendar(), freed?.id ?? "", { transparency: "transparent" });
    google.remove(calendar(), deleted?.id ?? "");
    const series = add({ ...at("2026-11-26T15:00:00Z"), recurrence: ["RRULE:FREQ=DAILY;COUNT=3"] });
    sandbox.log.reset();
    await pull(firm, connectionId);
    expect(lists()).toBe(1);
    expect((await busyOf(firm)).map(({ starts_at }) => starts_at.toISOString().slice(8, 13))).toEqual([
      "25T15",
      "26T15",
      "27T15",
      "28T15",
    ]);
    google.remove(calendar(), series.id);
    await pull(firm, connectionId);
    expect(await ids()).toEqual([moved?.id]);
    // Only the series is named: its instances go with it.
    const single = add(at("2026-11-27T15:00:00Z"));
    await pull(firm, connectionId);
    await sql(firm, "UPDATE busy_time SET external_id = external_id || '_20261127T150000Z' WHERE external_id = $1", [
      single.id,
    ]);
    google.remove(calendar(), single.id);
    await pull(firm, connectionId);
    expect(await ids()).toEqual([moved?.id]);
  });

  it("has whole days of the calendar's own zone", async () => {
    calendar().timeZone = "America/Denver";
    add({ start: { date: "2026-11-24" }, end: { date: "2026-11-25" } });
    await pull(firm, connectionId);
    expect(await busyOf(firm)).toMatchObject([
      { starts_at: new Date("2026-11-24T07:00:00Z"), ends_at: new Date("2026-11-25T07:00:00Z"), is_all_day: true },
    ]);
    // The calendar moves to another zone: nothing of it changed, and all of its days did.
    calendar().timeZone = "America/New_York";
    await pull(firm, connectionId);
    expect((await busyOf(firm))[0]?.starts_at).toEqual(new Date("2026-11-24T05:00:00Z"));
  });
});

describe("pages and tokens", () => {
  it("are followed to the end, and only the last page's token is kept for the next time", async () => {
    google.pageSize = 2;
    for (let hour = 10; hour < 15; hour += 1) add(at(`2026-11-23T${hour}:00:00Z`));
    await pull(firm, connectionId);
    expect(await ids()).toHaveLength(5);
    expect(lists()).toBe(3);
    expect((await position())?.position).toMatchObject({ calendarId: "primary", syncToken: expect.any(String) });
    expect((await position())?.position).not.toHaveProperty("pageToken");
    for (let hour = 15; hour < 20; hour += 1) add(at(`2026-11-23T${hour}:00:00Z`));
    await pull(firm, connectionId);
    expect(await ids()).toHaveLength(10);
    const tokens = sandbox.log
      .last("google", 3)
      .map(({ path }) => new URLSearchParams(path.split("?")[1]).has("syncToken"));
    expect(tokens).toEqual([true, true, true]);
  });

  it("begin again when the token ended, and what is gone meanwhile goes only when all was read", async () => {
    google.pageSize = 2;
    const events = [10, 11, 12, 13].map((hour) => add(at(`2026-11-23T${hour}:00:00Z`)));
    await pull(firm, connectionId);
    google.generation += 1;
    google.remove(calendar(), events[3]?.id ?? "");
    // One page of the full reading, and then a crash.
    const seen: number[] = [];
    const cut = { ...(await position())?.position };
    await GOOGLE_SYNC.resources[0]?.pull(jobCtx(firm), {
      connectionId,
      position: cut,
      phase: "incremental",
      advance: async (_tx, to) => {
        seen.push(to.isDone ? 1 : 0);
        Object.assign(cut, to.position);
      },
    });
    expect(seen).toEqual([0]);
    // Seen red with: a wipe when the full reading begins.
    expect(await ids()).toHaveLength(4);
    await pull(firm, connectionId);
    expect(await ids()).toEqual(events.slice(0, 3).map(({ id }) => id));
    expect(await position()).toMatchObject({ problem: null, position: { syncToken: expect.any(String) } });
  });

  it("begin again when another calendar is chosen, and after a month", async () => {
    add(at("2026-11-23T10:00:00Z"));
    const there = google.insert(google.calendar(SECOND), at("2026-11-23T12:00:00Z"));
    await pull(firm, connectionId);
    await sql(firm, "UPDATE connection SET settings = $1", [{ calendarId: SECOND }]);
    await pull(firm, connectionId);
    expect(await ids()).toEqual([there.id]);
    const far = google.insert(google.calendar(SECOND), at("2028-01-05T10:00:00Z"));
    await pull(firm, connectionId);
    expect(await ids()).toEqual([there.id]);
    clock.advance(31 * 86_400_000);
    await pull(firm, connectionId);
    expect(await ids()).toEqual([far.id]);
  });

  it("keeps what failed as a reason, and goes on where it was", async () => {
    google.pageSize = 2;
    for (let hour = 10; hour < 15; hour += 1) add(at(`2026-11-23T${hour}:00:00Z`));
    sandbox.google.faults.add({ kind: "unavailable", count: 1, path: "/events" });
    await pull(firm, connectionId);
    expect(await position()).toMatchObject({ problem: "unavailable", position: null });
    await pull(firm, connectionId);
    expect(await ids()).toHaveLength(5);
    // The right to the calendar is taken away.
    google.oauth.revokeAll();
    await pull(firm, connectionId);
    expect(await position()).toMatchObject({ problem: "revoked" });
    expect(await ids()).toHaveLength(5);
  });
});

describe("our own events", () => {
  it("are no busy times, and their echo is no change", async () => {
    const booked = await consult(firm);
    await mirror(firm, booked);
    const before = await linkOf(firm, booked.id);
    await pull(firm, connectionId);
    expect(await busyOf(firm)).toEqual([]);
    expect(await linkOf(firm, booked.id)).toEqual(before);
    // The link is forgotten, the mark is not.
    await sql(firm, "DELETE FROM sync_link");
    google.generation += 1;
    await pull(firm, connectionId);
    expect(await busyOf(firm)).toEqual([]);
  });

  it("are somebody's own when they are copies, or carry a mark that we did not give", async () => {
    const booked = await consult(firm);
    await mirror(firm, booked);
    const marks = eventOf(eventIdOf(firm.id, booked.id))?.extendedProperties;
    const copy = add({ ...at("2026-11-27T10:00:00Z"), extendedProperties: marks });
    await pull(firm, connectionId);
    // Seen red without: the id beside the mark.
    expect(await ids()).toEqual([copy.id]);
    expect((await linkOf(firm, booked.id))?.external_id).not.toBe(copy.id);
  });

  it("that were deleted there and taken out of the bin are linked again", async () => {
    const booked = await consult(firm);
    await mirror(firm, booked);
    await pull(firm, connectionId);
    const id = eventIdOf(firm.id, booked.id);
    google.remove(calendar(), id);
    await pull(firm, connectionId);
    expect(await linkOf(firm, booked.id)).toMatchObject({ state: "removed" });
    google.patch(calendar(), id, { status: "confirmed" });
    await pull(firm, connectionId);
    expect(await linkOf(firm, booked.id)).toMatchObject({ state: "linked" });
    expect((await linkOf(firm, booked.id))?.details).not.toHaveProperty("removedThere");
  });
});

describe("two firms on one calendar", () => {
  it("never take each other's events for their own, nor touch them", async () => {
    const theirs = await connectGoogle(other);
    const [mine, hers] = [await consult(firm), await consult(other, { startsAt: "2026-11-24T17:00:00Z" })];
    await mirror(firm, mine);
    await mirror(other, hers);
    const [myId, herId] = [eventIdOf(firm.id, mine.id), eventIdOf(other.id, hers.id)];
    await pull(firm, connectionId);
    await pull(other, theirs);
    // Each sees that the other's time is taken, and nothing more.
    expect(await ids()).toEqual([herId]);
    expect((await busyOf(other)).map(({ external_id }) => external_id)).toEqual([myId]);
    google.remove(calendar(), herId);
    await pull(firm, connectionId);
    expect(await linkOf(firm, mine.id)).toMatchObject({ state: "linked" });
    expect((await eventsOf(firm, mine.leadId)).some(({ type }) => type === "sync.removed_there")).toBe(false);
    const report = await GOOGLE_SYNC.compare(jobCtx(firm), connectionId);
    expect(report).toMatchObject({ theirs: 1, onlyTheirs: 0 });
    await pull(other, theirs);
    expect(await linkOf(other, hers.id)).toMatchObject({ state: "removed", details: { removedThere: true } });
    expect(asked().filter((line) => /^(PATCH|DELETE)/.test(line))).toEqual([]);
  });
});

describe("the comparison", () => {
  it("names what is missing, what is left over and what differs, by id alone", async () => {
    await sql(firm, "DELETE FROM consultation");
    const [same, missing, changed, leftOver] = [
      await consult(firm),
      await consult(firm),
      await consult(firm),
      await consult(firm),
    ];
    for (const each of [same, changed, leftOver]) await mirror(firm, each);
    google.patch(calendar(), eventIdOf(firm.id, changed.id), { summary: "Lunch" });
    await sql(firm, "UPDATE consultation SET state = 'canceled' WHERE id = $1", [leftOver.id]);
    const report = await GOOGLE_SYNC.compare(jobCtx(firm), connectionId);
    expect(report).toMatchObject({ ours: 3, theirs: 3, onlyOurs: 1, onlyTheirs: 1, different: 1 });
    expect(report.items.map(({ what, fields, consultationId }) => [what, fields, consultationId])).toEqual(
      expect.arrayContaining([
        ["only_ours", ["missing there"], missing.id],
        ["only_theirs", ["not scheduled"], leftOver.id],
        ["different", ["summary"], changed.id],
      ]),
    );
    expect(JSON.stringify(report)).not.toMatch(/Fictus|Lunch/);
  });
});
