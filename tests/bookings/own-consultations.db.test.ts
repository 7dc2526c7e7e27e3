import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BookConsultation } from "@/lib/contracts/consultations";
import { fixedClock } from "@/lib/core/clock";
import { applyBooking, beginLook } from "@/lib/domain/bookings/apply-booking";
import { bookConsultation } from "@/lib/domain/bookings/book-consultation";
import { cancelOwnConsultation } from "@/lib/domain/bookings/cancel-own-consultation";
import { getConsultation } from "@/lib/domain/bookings/get-consultation";
import { moveOwnConsultation } from "@/lib/domain/bookings/move-own-consultation";
import { recordIntervals, type SeenStay } from "@/lib/domain/bookings/record-intervals";
import { relinkConsultation } from "@/lib/domain/bookings/relink-consultation";
import { remindDue } from "@/lib/domain/bookings/remind-due";
import type { SeenBooking } from "@/lib/domain/bookings/seen-booking";
import { setAttendance } from "@/lib/domain/bookings/set-attendance";
import { setMeeting } from "@/lib/domain/bookings/set-meeting";
import { setOutcome } from "@/lib/domain/bookings/set-outcome";
import { settleAttendance } from "@/lib/domain/bookings/settle-attendance";
import type { Ctx } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { getLeadDetail } from "@/lib/domain/leads/get-lead";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { addUser, asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { consultationsOf, mirrorJobs, NOW, postLead, seenBooking, setStatus, statusOf } from "./bookings-world";

const clock = fixedClock(NOW);
let firm: TestFirm;
let other: TestFirm;
let leadId: string;
let user: Ctx;
beforeAll(async () => {
  other = await makeFirm();
});
beforeEach(async () => {
  clock.set(NOW);
  firm = await makeFirm();
  leadId = await postLead(firm);
  user = firm.asUser(clock);
});
afterAll(async () => {
  await closeQueue();
  await closeDatabase();
});

const AT = "2026-11-21T16:00:00Z";
const book = (over: object = {}, ctx: Ctx = user) =>
  bookConsultation(ctx, BookConsultation.parse({ leadId, startsAt: AT, ...over }));
const typesOf = async (of = leadId) =>
  (await eventsOf(firm, of)).map(({ type }) => type).filter((type) => type.startsWith("consultation."));
const cancel = (id: string, isNoShow = false) => cancelOwnConsultation(user, id, { isNoShow });

async function look(seen: SeenBooking): Promise<string> {
  const ctx = firm.asService(clock);
  const ticket = await beginLook(ctx, "acuity", seen.sourceId);
  return (await applyBooking(ctx, seen, ticket, "webhook")).consultationId as string;
}

describe("a consultation that the firm agrees on by itself", () => {
  it("is booked with its event and its job, and moves the lead", async () => {
    const dto = await book({ minutes: 45, location: "Office" });
    const hour = {
      startsAt: "2026-11-21T16:00:00.000Z",
      endsAt: "2026-11-21T16:45:00.000Z",
      timeZone: "America/Chicago",
    };
    expect(dto).toMatchObject({
      ...hour,
      leadId,
      origin: "firm",
      state: "scheduled",
      location: "Office",
      version: 1,
      conflicts: [],
    });
    expect(await typesOf()).toEqual(["consultation.booked"]);
    expect([dto.leadStatus, await statusOf(firm, leadId)]).toEqual(["consultation", "consultation"]);
    expect(await mirrorJobs(firm)).toBe(1);
  });

  it("is not booked for a year that nobody meant", async () => {
    await expect(book({ startsAt: "2036-11-21T16:00:00Z" })).rejects.toMatchObject({
      code: "unprocessable",
      invalidParams: [{ name: "startsAt" }],
    });
  });

  it("is moved once, and not over a change that the caller has not seen", async () => {
    const { id } = await book();
    const to = { startsAt: "2026-11-22T16:00:00Z", expectedVersion: 1 };
    const moved = await moveOwnConsultation(user, id, to);
    expect(moved).toMatchObject({
      version: 2,
      startsAt: "2026-11-22T16:00:00.000Z",
      endsAt: "2026-11-22T16:30:00.000Z",
    });
    expect(await moveOwnConsultation(user, id, to)).toEqual(moved);
    const stale = moveOwnConsultation(user, id, { ...to, startsAt: "2026-11-23T16:00:00Z" });
    await expect(stale).rejects.toMatchObject({ code: "conflict" });
    expect(await typesOf()).toEqual(["consultation.booked", "consultation.moved"]);
  });

  it("is canceled once, which takes the lead back to Responded, and is then not moved", async () => {
    const { id } = await book();
    const canceled = await cancelOwnConsultation(user, id, { isNoShow: false, note: "KINGBIRD" });
    expect(canceled).toMatchObject({ state: "canceled", leadStatus: "responded" });
    expect(await cancel(id)).toEqual(canceled);
    expect(await typesOf()).toEqual(["consultation.booked", "consultation.canceled"]);
    await expect(moveOwnConsultation(user, id, { startsAt: AT, minutes: 60 })).rejects.toMatchObject({
      code: "conflict",
    });
    expect((await cancel(id, true)).state).toBe("no_show");
    expect(JSON.stringify(await eventsOf(firm))).not.toContain("KINGBIRD");
  });

  it("is one of the firm's: what was booked in Acuity is moved and canceled there", async () => {
    const id = await look(seenBooking());
    for (const attempt of [() => moveOwnConsultation(user, id, { startsAt: AT }), () => cancel(id)]) {
      await expect(attempt()).rejects.toMatchObject({ code: "conflict" });
    }
  });
});

describe("the outcome", () => {
  it("retains the lead; taken back it leaves the lead where it is", async () => {
    const { id } = await book();
    expect(await setOutcome(user, id, { outcome: "retained" })).toMatchObject({
      outcome: "retained",
      leadStatus: "retained",
    });
    await setOutcome(user, id, { outcome: "retained" });
    expect(await setOutcome(user, id, { outcome: null })).toMatchObject({
      outcome: null,
      outcomeAt: null,
      leadStatus: "retained",
    });
    const set = (await eventsOf(firm, leadId)).filter(({ type }) => type === "consultation.outcome_set");
    expect(set.map(({ data }) => data.to)).toEqual(["retained", null]);
  });

  it("loses the lead with the reason, sealed beside it, when the person declined", async () => {
    const { id } = await book();
    await expect(setOutcome(user, id, { outcome: "declined" })).rejects.toMatchObject({
      invalidParams: [{ name: "reason" }],
    });
    await setOutcome(user, id, { outcome: "declined", reason: "KINGBIRD" });
    expect(await statusOf(firm, leadId)).toBe("lost");
    const { events } = await getLeadDetail(user, leadId);
    expect(events.find(({ type, data }) => type === "lead.status_changed" && data.to === "lost")?.data.reason).toBe(
      "KINGBIRD",
    );
    expect(JSON.stringify(await eventsOf(firm))).not.toContain("KINGBIRD");
  });

  it("leaves the lead at Consultation while the person thinks about it", async () => {
    const { id } = await book();
    expect(await setOutcome(user, id, { outcome: "thinking" })).toMatchObject({
      outcome: "thinking",
      leadStatus: "consultation",
    });
  });

  it("ends the same whichever comes first, the outcome or a look that finds the booking canceled", async () => {
    for (let i = 0; i < 4; i++) {
      const seen = seenBooking();
      const id = await look(seen);
      await Promise.all([look({ ...seen, state: "canceled" }), setOutcome(user, id, { outcome: "retained" })]);
      const dto = await getConsultation(user, id);
      expect(dto).toMatchObject({ state: "canceled", outcome: "retained", leadStatus: "retained", version: 3 });
    }
  });
});

const stay = (over: Partial<SeenStay> = {}): SeenStay => ({
  occurrence: "uuid/1==",
  personKey: "guest",
  name: "Avery Sample",
  isHost: false,
  joinedAt: new Date("2026-11-21T16:00:00Z"),
  leftAt: new Date("2026-11-21T16:20:00Z"),
  ...over,
});
const host = stay({ personKey: "host", name: "Dana Counsel", isHost: true, leftAt: new Date("2026-11-21T16:30:00Z") });

describe("attendance", () => {
  const record = (id: string, stays: SeenStay[]) => recordIntervals(firm.asService(clock), id, stays);
  const settle = (id: string) => settleAttendance(firm.asService(clock), id);

  it("is counted from the stays of whoever is not the host; the same reports again change nothing", async () => {
    const { id } = await book();
    const open = stay({ leftAt: null });
    const again = stay({ joinedAt: new Date("2026-11-21T16:10:00Z"), leftAt: new Date("2026-11-21T16:25:00Z") });
    await record(id, [open, host]);
    await record(id, [host, stay(), stay(), again]);
    await record(id, [open]);
    clock.set("2026-11-21T17:00:00Z");
    await settle(id);
    const dto = await getConsultation(user, id);
    expect(dto).toMatchObject({ attendance: "attended", attendanceFrom: "zoom", attendedSeconds: 25 * 60 });
    expect(dto.people.map(({ name, isHost, seconds }) => [name, isHost, seconds])).toEqual(
      expect.arrayContaining([
        ["Avery Sample", false, 1500],
        ["Dana Counsel", true, 1800],
      ]),
    );
    await settle(id);
    expect(await typesOf()).toEqual(["consultation.booked", "consultation.attendance_set"]);
    const { rows } = await asOwner(firm.id, (client) => client.query("SELECT * FROM attendance_interval"));
    expect(rows).toHaveLength(3);
    expect(JSON.stringify(rows)).not.toMatch(/Avery|guest/);
  });

  it("says absent only once the meeting is over, and not of a canceled one", async () => {
    const { id } = await book();
    const over = await book();
    await cancel(over.id);
    await record(id, [host, stay({ leftAt: new Date("2026-11-21T16:00:40Z") })]);
    clock.set("2026-11-21T16:10:00Z");
    await settle(id);
    expect((await getConsultation(user, id)).attendance).toBe("unknown");
    clock.set("2026-11-21T17:00:00Z");
    await settle(id);
    await settle(over.id);
    expect((await getConsultation(user, id)).attendance).toBe("absent");
    expect((await getConsultation(user, over.id)).attendance).toBe("unknown");
  });

  // Seen red without: the person's word in settle.
  it("is a person's word rather than what was counted, until they take it back", async () => {
    const { id } = await book();
    await setAttendance(user, id, { attendance: "absent" });
    await record(id, [stay()]);
    clock.set("2026-11-21T17:00:00Z");
    await settle(id);
    expect(await getConsultation(user, id)).toMatchObject({ attendance: "absent", attendanceFrom: "person" });
    const counted = { attendance: "attended", attendanceFrom: "zoom", attendedSeconds: 1200 };
    expect(await setAttendance(user, id, { attendance: "unknown" })).toMatchObject(counted);
    const said = (await eventsOf(firm, leadId)).filter(({ type }) => type === "consultation.attendance_set");
    expect(said.map(({ data }) => `${data.attendance} ${data.by}`)).toEqual([
      "absent person",
      "unknown person",
      "attended zoom",
    ]);
  });

  it("belongs to the hour that it was counted for", async () => {
    const seen = seenBooking();
    const id = await look(seen);
    await record(id, [stay()]);
    clock.set("2026-11-21T17:00:00Z");
    await settle(id);
    await look({ ...seen, startsAt: new Date("2026-11-28T16:00:00Z"), endsAt: new Date("2026-11-28T16:30:00Z") });
    await settle(id);
    expect((await getConsultation(user, id)).attendance).toBe("unknown");
  });
});

describe("a meeting of Zoom's", () => {
  const meet = (id: string, url: string | null) => {
    const ctx = firm.asService(clock);
    return inTenant(ctx, (tx) => setMeeting(tx, ctx, id, url));
  };

  it("is noted once, and never over a link that came with the booking", async () => {
    const { id } = await book();
    expect(await meet(id, "https://zoom.example/j/1")).toEqual({ isChanged: true });
    expect(await meet(id, "https://zoom.example/j/1")).toEqual({ isChanged: false });
    expect(await getConsultation(user, id)).toMatchObject({ joinUrl: "https://zoom.example/j/1", joinUrlFrom: "zoom" });
    await meet(id, null);
    expect(await getConsultation(user, id)).toMatchObject({ joinUrl: null, joinUrlFrom: null });
    const theirs = await look(seenBooking({ joinUrl: "https://meet.example/a" }));
    expect(await meet(theirs, "https://zoom.example/j/2")).toEqual({ isChanged: false });
    expect(await getConsultation(user, theirs)).toMatchObject({
      joinUrl: "https://meet.example/a",
      joinUrlFrom: "acuity",
    });
  });

  it("stays when the booking is looked at again without one", async () => {
    const seen = seenBooking();
    const id = await look(seen);
    await meet(id, "https://zoom.example/j/3");
    await look({ ...seen, kind: "Other" });
    expect((await getConsultation(user, id)).joinUrl).toBe("https://zoom.example/j/3");
  });
});

describe("a consultation put under another lead", () => {
  it("takes what hangs on it along; both leads' statuses and histories follow, and a later look leaves it there", async () => {
    const seen = seenBooking({ person: { firstName: "A", lastName: "B", email: "ab@person.example", phone: null } });
    const id = await look(seen);
    const [{ lead_id: opened } = { lead_id: "" }] = await consultationsOf(firm);
    clock.set("2026-11-21T15:30:00Z");
    await remindDue(firm.asService(clock));
    await recordIntervals(firm.asService(clock), id, [stay()]);
    const dto = await relinkConsultation(user, id, { leadId });
    expect(dto).toMatchObject({ leadId, leadStatus: "consultation" });
    expect(await statusOf(firm, opened)).toBe("responded");
    for (const of of [opened, leadId]) expect(await typesOf(of)).toContain("consultation.relinked");
    const { rows } = await asOwner(firm.id, (client) =>
      client.query("SELECT lead_id FROM reminder UNION ALL SELECT lead_id FROM attendance_interval"),
    );
    expect(rows).toEqual([{ lead_id: leadId }, { lead_id: leadId }]);
    expect(await relinkConsultation(user, id, { leadId })).toEqual(dto);
    await look({ ...seen, kind: "Other" });
    expect((await getConsultation(user, id)).leadId).toBe(leadId);
  });

  it("leaves the first lead alone when another booking of theirs is live", async () => {
    const { id } = await book();
    await book();
    const second = await postLead(firm);
    await relinkConsultation(user, id, { leadId: second });
    expect([await statusOf(firm, leadId), await statusOf(firm, second)]).toEqual(["consultation", "consultation"]);
  });
});

describe("whoever may not", () => {
  const verbs: [string, (ctx: Ctx, id: string) => Promise<unknown>][] = [
    ["book", (ctx) => book({}, ctx)],
    ["move", (ctx, id) => moveOwnConsultation(ctx, id, { startsAt: "2026-11-25T16:00:00Z" })],
    ["cancel", (ctx, id) => cancelOwnConsultation(ctx, id, { isNoShow: false })],
    ["outcome", (ctx, id) => setOutcome(ctx, id, { outcome: "retained" })],
    ["attendance", (ctx, id) => setAttendance(ctx, id, { attendance: "attended" })],
    ["relink", (ctx, id) => relinkConsultation(ctx, id, { leadId })],
  ];

  it("changes nothing: a viewer, another firm, a member limited to other counties", async () => {
    const { id } = await book();
    const before = [await consultationsOf(firm), await eventsOf(firm)];
    const viewer = (await addUser(firm)).asUser(clock);
    const limited = await addUser(firm, { role: "staff", scope: { counties: ["Hays"], classes: [] } });
    for (const [name, verb] of verbs) {
      await expect(verb(viewer, id), name).rejects.toMatchObject({ code: "forbidden" });
      for (const ctx of [other.asUser(clock), limited.asUser(clock)]) {
        await expect(verb(ctx, id), name).rejects.toMatchObject({ code: "not_found" });
      }
    }
    expect([await consultationsOf(firm), await eventsOf(firm)]).toEqual(before);
  });

  it("is told that there is no such consultation when they name a lead that is not theirs to see", async () => {
    const theirs = await postLead(other);
    const { id } = await book();
    await expect(relinkConsultation(user, id, { leadId: theirs })).rejects.toMatchObject({ code: "not_found" });
    await setStatus(firm, leadId, "dismissed");
    await expect(getConsultation(other.asUser(clock), id)).rejects.toMatchObject({ code: "not_found" });
  });
});
