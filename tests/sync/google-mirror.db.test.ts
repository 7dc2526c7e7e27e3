import { describe, expect, it } from "vitest";
import { newId } from "@/lib/core/ids";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { eventIdOf } from "@/lib/domain/sync/google/event-content";
import { GOOGLE_SYNC } from "@/lib/domain/sync/google/google-sync";
import { storePage } from "@/lib/domain/sync/google/store-page";
import { writeAgain } from "@/lib/domain/sync/write-again";
import type { GoogleEvent } from "@/lib/integrations/google-calendar";
import { addUser, eventsOf, makeFirm } from "../setup/firms";
import {
  asked,
  at,
  change,
  clock,
  connectGoogle,
  consult,
  eventOf,
  google,
  jobCtx,
  jobsOf,
  linkOf,
  mirror,
  OFFICE,
  pull,
  SECOND,
  sandbox,
  sql,
} from "./google-world";

const firm = await makeFirm();

/** The firm with a fresh connection and one consultation; the connection of the test before goes first. */
async function ready(settings: Record<string, string> = {}, fields: Parameters<typeof consult>[1] = {}) {
  const connectionId = await fresh(settings);
  const booked = await consult(firm, fields);
  return { connectionId, booked, eventId: eventIdOf(firm.id, booked.id) };
}

async function fresh(settings: Record<string, string> = {}) {
  await sql(firm, "DELETE FROM connection");
  await sql(firm, "DELETE FROM integration_secret");
  return connectGoogle(firm, settings);
}

const written = async (leadId: string) =>
  (await eventsOf(firm, leadId))
    .filter(({ type }) => type.startsWith("sync."))
    .map(({ type, data }) => `${type} ${data.action ?? data.items}`);

describe("an event for a consultation", () => {
  it("is made under an id of ours, with our mark, without what somebody is charged with, and tells nobody", async () => {
    const { booked, eventId, connectionId } = await ready(
      {},
      { joinUrl: "https://zoom.example/j/1", location: "Room 2" },
    );
    await mirror(firm, booked);
    expect(eventOf(eventId)).toMatchObject({
      status: "confirmed",
      summary: "Consultation: Fictus, Rowan",
      location: "https://zoom.example/j/1",
      description: `Lead: http://${firm.slug}.localhost:3000/leads/${booked.leadId}\nVideo: https://zoom.example/j/1\nPlace: Room 2`,
      start: { dateTime: "2026-11-24T16:00:00.000Z", timeZone: "America/Chicago" },
      end: { dateTime: "2026-11-24T16:30:00.000Z", timeZone: "America/Chicago" },
      extendedProperties: { private: { tenantId: firm.id, consultationId: booked.id } },
      reminders: { useDefault: true },
    });
    expect(eventOf(eventId)).not.toHaveProperty("attendees");
    expect(JSON.stringify(eventOf(eventId))).not.toMatch(/DWI|INTOXICATED/i);
    expect(google.mails).toEqual([]);
    expect(await linkOf(firm, booked.id)).toMatchObject({ external_id: eventId, state: "linked", problem: null });
    const [event] = (await eventsOf(firm, booked.leadId)).filter(({ type }) => type === "sync.written");
    expect(event?.data).toEqual({
      connectionId,
      provider: "google",
      resource: "event",
      action: "created",
      externalId: eventId,
    });
  });

  it("asks nothing of Google when nothing changed", async () => {
    const { booked } = await ready();
    await mirror(firm, booked);
    sandbox.log.reset();
    await mirror(firm, booked);
    // Seen red without: the comparison of what is to be written with the digest of what was.
    expect(asked()).toEqual([]);
    expect(await written(booked.leadId)).toEqual(["sync.written created"]);
  });

  it("moves with it, and what they added of their own stays", async () => {
    const { booked, eventId } = await ready();
    await mirror(firm, booked);
    google.patch(google.calendar(), eventId, { colorId: "7", attendees: [{ email: "clerk@smithlaw.example" }] });
    await change(firm, booked.id, "starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day'");
    sandbox.log.reset();
    await mirror(firm, booked);
    // Theirs changed the etag: refused, looked at, and ours written once more.
    expect(asked().map((line) => line.split(" ")[0])).toEqual(["PATCH", "GET", "PATCH"]);
    expect(eventOf(eventId)).toMatchObject({
      colorId: "7",
      attendees: [{ email: "clerk@smithlaw.example" }],
      start: { dateTime: "2026-11-25T16:00:00.000Z" },
    });
    expect(await written(booked.leadId)).toEqual(["sync.written created", "sync.fetched 1", "sync.written updated"]);
  });

  it("goes when it is canceled or nobody came, and comes back when it is booked again", async () => {
    const { booked, eventId } = await ready();
    await mirror(firm, booked);
    await change(firm, booked.id, "state = 'canceled'");
    await mirror(firm, booked);
    await mirror(firm, booked);
    expect(eventOf(eventId)?.status).toBe("cancelled");
    expect(await linkOf(firm, booked.id)).toMatchObject({ state: "removed" });
    await change(firm, booked.id, "state = 'scheduled'");
    await mirror(firm, booked);
    expect(eventOf(eventId)).toMatchObject({ status: "confirmed", summary: "Consultation: Fictus, Rowan" });
    await change(firm, booked.id, "state = 'no_show'");
    await mirror(firm, booked);
    expect(eventOf(eventId)?.status).toBe("cancelled");
    expect((await written(booked.leadId)).filter((line) => line.startsWith("sync.written"))).toEqual([
      "sync.written created",
      "sync.written removed",
      "sync.written created",
      "sync.written removed",
    ]);
  });

  it("is not made for one that is over or was canceled before it was ever written", async () => {
    const { booked: past } = await ready({}, { startsAt: "2026-11-20T16:00:00Z" });
    const canceled = await consult(firm);
    await change(firm, canceled.id, "state = 'canceled'");
    sandbox.log.reset();
    await mirror(firm, past);
    await mirror(firm, canceled);
    expect(asked()).toEqual([]);
    expect(await linkOf(firm, past.id)).toBeUndefined();
  });
});

describe("an id that is taken", () => {
  it("is taken over when it carries our mark: what a crash left, or a deleted one", async () => {
    const { booked, eventId } = await ready();
    await mirror(firm, booked);
    google.remove(google.calendar(), eventId);
    // As after a crash between Google's answer and our note of it, or a connection made anew.
    await sql(firm, "DELETE FROM sync_link");
    await mirror(firm, booked);
    expect(eventOf(eventId)?.status).toBe("confirmed");
    expect(await linkOf(firm, booked.id)).toMatchObject({ state: "linked", external_id: eventId });
  });

  it.each(["no mark", "the mark of another firm", "the mark of another consultation"])(
    "is left alone when it carries %s",
    async (mark) => {
      const { booked, eventId } = await ready();
      const ours = { tenantId: firm.id, consultationId: booked.id };
      const marks: Record<string, object> = {
        "the mark of another firm": { ...ours, tenantId: newId() },
        "the mark of another consultation": { ...ours, consultationId: newId() },
      };
      const extendedProperties = marks[mark] ? { private: marks[mark] } : {};
      const fields = { id: eventId, summary: "Somebody's own", extendedProperties, ...at("2026-11-24T18:00:00Z") };
      const theirs = google.insert(google.calendar(), fields);
      await mirror(firm, booked);
      // Seen red without: the look at the private properties, of firm and consultation, before an event is overwritten.
      expect(eventOf(eventId)).toEqual(theirs);
      expect(await linkOf(firm, booked.id)).toMatchObject({ state: "pending", problem: "refused" });
    },
  );

  it("is not deleted either when the mark is gone", async () => {
    const { booked, eventId } = await ready();
    await mirror(firm, booked);
    google.patch(google.calendar(), eventId, { extendedProperties: null, summary: "Mine now" });
    await change(firm, booked.id, "state = 'canceled'");
    await mirror(firm, booked);
    expect(eventOf(eventId)).toMatchObject({ status: "confirmed", summary: "Mine now" });
  });
});

describe("what a person did in the calendar", () => {
  it("stays deleted until the consultation itself changes", async () => {
    const { booked, eventId, connectionId } = await ready();
    await mirror(firm, booked);
    await pull(firm, connectionId);
    google.remove(google.calendar(), eventId);
    await pull(firm, connectionId);
    expect(await linkOf(firm, booked.id)).toMatchObject({ state: "removed", details: { removedThere: true } });
    expect((await eventsOf(firm, booked.leadId)).at(-1)).toMatchObject({ type: "sync.removed_there" });
    await mirror(firm, booked);
    expect(eventOf(eventId)?.status).toBe("cancelled");
    const report = await GOOGLE_SYNC.compare(jobCtx(firm), connectionId);
    expect(report.items.find(({ consultationId }) => consultationId === booked.id)).toMatchObject({
      what: "only_ours",
      fields: ["deleted there"],
    });
    await change(firm, booked.id, "ends_at = ends_at + interval '30 minutes'");
    await mirror(firm, booked);
    expect(eventOf(eventId)?.status).toBe("confirmed");
  });

  // Seen red without: the age of a deletion in noteOurs.
  it("is not taken for deleted by a page that is older than what we wrote since", async () => {
    const { booked, eventId, connectionId } = await ready();
    await mirror(firm, booked);
    const store = (item: GoogleEvent) =>
      inTenant(jobCtx(firm), (tx) =>
        storePage(tx, jobCtx(firm), { connectionId, round: "00000000", page: { items: [item], timeZone: "UTC" } }),
      );
    const gone = { id: eventId, status: "cancelled", etag: '"0"', updated: "2026-11-22T14:59:59.000Z" };
    await store(gone);
    expect(await linkOf(firm, booked.id)).toMatchObject({ state: "linked" });
    await store({ ...gone, updated: "2026-11-22T15:00:01.000Z" });
    expect(await linkOf(firm, booked.id)).toMatchObject({ state: "removed", details: { removedThere: true } });
    // Out of the bin again, under the etag that we know.
    const { etag } = (await linkOf(firm, booked.id)) ?? {};
    await store({ ...(eventOf(eventId) as GoogleEvent), etag, updated: "2026-11-22T15:00:02.000Z" });
    expect(await linkOf(firm, booked.id)).toMatchObject({ state: "linked" });
    expect((await linkOf(firm, booked.id))?.details).not.toHaveProperty("removedThere");
  });

  it("keeps the time they gave it while ours did not change, and gives it ours when it did", async () => {
    const { booked, eventId, connectionId } = await ready();
    await mirror(firm, booked);
    google.patch(google.calendar(), eventId, at("2026-11-24T20:00:00Z", 30));
    await pull(firm, connectionId);
    const movedTo = { startsAt: "2026-11-24T20:00:00.000Z", endsAt: "2026-11-24T20:30:00.000Z" };
    expect(await linkOf(firm, booked.id)).toMatchObject({ state: "linked", details: { movedTo } });
    // Something else changes here: their time is not overwritten by the way.
    await change(firm, booked.id, "location = 'Room 9'");
    await mirror(firm, booked);
    expect(eventOf(eventId)).toMatchObject({ location: "Room 9", start: { dateTime: "2026-11-24T20:00:00Z" } });
    expect(await linkOf(firm, booked.id)).toMatchObject({ details: { movedTo } });
    const report = await GOOGLE_SYNC.compare(jobCtx(firm), connectionId);
    expect(report.items.find(({ consultationId }) => consultationId === booked.id)).toMatchObject({
      what: "different",
      fields: ["time"],
    });
    await change(firm, booked.id, "starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day'");
    await mirror(firm, booked);
    expect(eventOf(eventId)).toMatchObject({ start: { dateTime: "2026-11-25T16:00:00.000Z" } });
    expect((await linkOf(firm, booked.id))?.details).not.toHaveProperty("movedTo");
  });
});

describe("what somebody deleted there", () => {
  // Seen red without: forgetEnds of writeAgain
  it("is written again when a person asks, by nobody of another firm, and nothing comes of what is well", async () => {
    const { booked, eventId, connectionId } = await ready();
    await mirror(firm, booked);
    await pull(firm, connectionId);
    google.remove(google.calendar(), eventId);
    await pull(firm, connectionId);
    await mirror(firm, booked);
    expect(eventOf(eventId)?.status).toBe("cancelled");
    const other = await makeFirm();
    await expect(writeAgain(other.asUser(clock), booked.id)).rejects.toMatchObject({ code: "not_found" });
    expect((await linkOf(firm, booked.id))?.state).toBe("removed");
    const viewer = await addUser(firm);
    await expect(writeAgain(viewer.asUser(clock), booked.id)).rejects.toMatchObject({ code: "forbidden" });
    const { mirrors } = await writeAgain(firm.asUser(clock), booked.id);
    expect(mirrors).toMatchObject([{ kind: "event", state: "pending" }]);
    expect(await jobsOf(firm, "sync.consultation")).toContainEqual({ tenantId: firm.id, consultationId: booked.id });
    await mirror(firm, booked);
    expect(eventOf(eventId)?.status).toBe("confirmed");
    const before = await linkOf(firm, booked.id);
    await writeAgain(firm.asUser(clock), booked.id);
    expect(await linkOf(firm, booked.id)).toEqual(before);
  });
});

describe("who is invited", () => {
  it("is the person alone, beside whoever is a guest already, and told only when the firm wants it", async () => {
    const { booked, eventId } = await ready({ invitesAttendees: "true" }, { email: "rowan@person.example" });
    await mirror(firm, booked);
    expect(eventOf(eventId)?.attendees).toEqual([{ email: "rowan@person.example" }]);
    // Whoever is invited reads it too.
    expect(eventOf(eventId)?.description).not.toContain("/leads/");
    google.patch(google.calendar(), eventId, {
      attendees: [{ email: "rowan@person.example", responseStatus: "accepted" }, { email: "clerk@smithlaw.example" }],
    });
    await change(firm, booked.id, "location = 'Room 3'");
    await mirror(firm, booked);
    expect(eventOf(eventId)?.attendees).toEqual([
      { email: "clerk@smithlaw.example" },
      { email: "rowan@person.example", responseStatus: "accepted" },
    ]);
    await change(firm, booked.id, "state = 'canceled'");
    await mirror(firm, booked);
    expect(google.mails.filter(({ to }) => to === "rowan@person.example").map(({ about }) => about)).toEqual([
      "created",
      "updated",
      "cancelled",
    ]);
    expect(JSON.stringify(await linkOf(firm, booked.id))).not.toContain("rowan");
  });
});

it("invites nobody by an address that did not come with this booking", async () => {
  // Seen red without: the booking that the address came with
  const { booked, eventId } = await ready({ invitesAttendees: "true" }, { posted: "mother@person.example" });
  await mirror(firm, booked);
  expect(eventOf(eventId)).not.toHaveProperty("attendees");
  const both = await consult(firm, { posted: "mother@person.example", email: "rowan@person.example" });
  await mirror(firm, both);
  expect(eventOf(eventIdOf(firm.id, both.id))?.attendees).toEqual([{ email: "rowan@person.example" }]);
  const other = await consult(firm, { email: "rowan@person.example" });
  await change(firm, other.id, "content_hash = 'another.booking'");
  await mirror(firm, other);
  expect(eventOf(eventIdOf(firm.id, other.id))).not.toHaveProperty("attendees");
  expect(google.mails.map(({ to }) => to)).not.toContain("mother@person.example");
});

describe("another calendar", () => {
  it("gets what is still to come when the firm chooses it, and the old one keeps nothing of ours", async () => {
    const { booked, eventId, connectionId } = await ready();
    await mirror(firm, booked);
    await pull(firm, connectionId);
    // The account's own calendar by its other name is no other calendar.
    await sql(firm, "UPDATE connection SET settings = $1", [{ calendarId: OFFICE }]);
    sandbox.log.reset();
    await pull(firm, connectionId);
    await mirror(firm, booked);
    expect(asked()).toEqual(["GET /calendars/primary/events"]);
    await sql(firm, "UPDATE connection SET settings = $1", [{ calendarId: SECOND }]);
    await pull(firm, connectionId);
    expect(await jobsOf(firm, "sync.consultation")).toContainEqual({ tenantId: firm.id, consultationId: booked.id });
    await mirror(firm, booked);
    expect(eventOf(eventId, OFFICE)?.status).toBe("cancelled");
    expect(eventOf(eventId, SECOND)).toMatchObject({ status: "confirmed", summary: "Consultation: Fictus, Rowan" });
  });
});

describe("when Google does not want to", () => {
  it.each([
    ["a limit of hours", () => Object.assign(google, { isUsageLimited: true }), "quota"],
    ["an outage", () => sandbox.google.faults.add({ kind: "unavailable", count: 1 }), "unavailable"],
    ["a reply that is none", () => sandbox.google.faults.add({ kind: "garbage", count: 1 }), "garbled"],
  ])("keeps the reason and comes back after %s", async (_, spoil, problem) => {
    const { booked, eventId } = await ready();
    spoil();
    await mirror(firm, booked);
    const link = await linkOf(firm, booked.id);
    expect(link).toMatchObject({ state: "pending", problem });
    expect(link?.next_attempt_at).not.toBeNull();
    google.isUsageLimited = false;
    await mirror(firm, booked);
    expect(eventOf(eventId)?.status).toBe("confirmed");
    expect(await linkOf(firm, booked.id)).toMatchObject({ state: "linked", problem: null, next_attempt_at: null });
  });
});

it("is written once by workers that come at the same time", async () => {
  const { booked, eventId } = await ready();
  await Promise.all([mirror(firm, booked), mirror(firm, booked), mirror(firm, booked)]);
  expect(asked().filter((line) => line.startsWith("POST"))).toEqual(["POST /calendars/primary/events"]);
  expect(eventOf(eventId)?.status).toBe("confirmed");
  expect(await linkOf(firm, booked.id)).toMatchObject({ state: "linked", problem: null });
});
