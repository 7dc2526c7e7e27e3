import { describe, expect, it } from "vitest";
import { bookConsultation } from "@/lib/domain/bookings/book-consultation";
import { lookAtBooking } from "@/lib/domain/sync/acuity/look-at-booking";
import { cancelConsultation, moveConsultation } from "@/lib/domain/sync/change-consultation";
import type { Appointment } from "../../sandbox/acuity/appointment";
import { ACUITY_ACCOUNTS, type Account } from "../../sandbox/acuity/world";
import { addUser, eventsOf } from "../setup/firms";
import {
  clock,
  inHours,
  type Office,
  openOffice,
  PERSON,
  rowsOf,
  sandbox,
  stateOf,
  takeLooks,
  world,
} from "./acuity-office";

const [smith, riverbend] = ACUITY_ACCOUNTS as [Account, Account];

/** An office with a consultation that was booked in Acuity. */
async function withBooking(
  account = smith,
): Promise<{ office: Office; booked: Appointment; id: string; leadId: string }> {
  const office = await openOffice(account, { subscribes: false });
  const booked = world.book(account, { ...PERSON, startsAt: inHours(24) });
  await lookAtBooking(office.ctx, { connectionId: office.connectionId, sourceId: String(booked.id) });
  const [row] = await rowsOf<{ id: string; lead_id: string }>(office, "SELECT id, lead_id FROM consultation");
  return { office, booked, id: row?.id ?? "", leadId: row?.lead_id ?? "" };
}
const at = (hours: number) => inHours(hours).toISOString();
const calls = () =>
  sandbox.log.last("acuity", 100).map(({ method, path }) => `${method} ${path.replace(/\d{6,}/, "ID")}`);

describe("a consultation that was booked in Acuity", () => {
  it("is moved there, and then is as Acuity says, with both exchanges on the trail", async () => {
    const { office, booked, id } = await withBooking();
    const from = calls().length;
    const dto = await moveConsultation(office.firm.asUser(clock), id, { startsAt: at(30) });
    expect(dto).toMatchObject({ startsAt: at(30), state: "scheduled", version: 2 });
    expect(booked.startsAt).toEqual(inHours(30));
    expect(calls().slice(from)).toEqual([
      "PUT /acuity/api/v1/appointments/ID/reschedule",
      "GET /acuity/api/v1/appointments/ID",
    ]);
    const events = (await eventsOf(office.firm))
      .slice(-4)
      .map(({ type, data, actor_id }) => ({ type, data, actor_id }));
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["sync.written", "consultation.moved", "sync.fetched"]),
    );
    expect(events.find(({ type }) => type === "sync.written")).toEqual({
      type: "sync.written",
      actor_id: office.firm.user.id,
      data: {
        connectionId: office.connectionId,
        provider: "acuity",
        resource: "appointments",
        action: "updated",
        externalId: String(booked.id),
      },
    });
  });

  it("is canceled there, once, or noted as a no-show", async () => {
    const { office, booked, id } = await withBooking();
    const user = office.firm.asUser(clock);
    expect(await cancelConsultation(user, id, { note: "Changed counsel", isNoShow: false })).toMatchObject({
      state: "canceled",
    });
    expect(booked).toMatchObject({ isCanceled: true, isNoShow: false, notes: "Changed counsel" });
    const from = calls().length;
    await cancelConsultation(user, id, { isNoShow: false });
    expect(calls().slice(from)).toEqual([]);
    expect(await cancelConsultation(user, id, { isNoShow: true })).toMatchObject({ state: "no_show" });
  });

  it("stays as it is when Acuity refuses, and the words are for a person", async () => {
    const { office, booked, id } = await withBooking();
    const before = await stateOf(office);
    for (const [code, expected, words] of [
      ["not_available", "conflict", /taken/],
      ["not_available_min_hours_in_advance", "unprocessable", /notice/],
      ["not_available_max_days_in_advance", "unprocessable", /far ahead/],
      ["not_available_anymore", "unprocessable", /does not offer/],
      ["reschedule_too_close", "conflict", /too close/],
      ["reschedule_not_allowed", "conflict", /does not let/],
      ["reschedule_canceled", "unprocessable", /does not let/],
      ["required_last_name", "unprocessable", /more than we can send/],
      ["invalid_datetime", "unprocessable", /does not accept/],
      ["something_else", "unprocessable", /refused/],
    ] as const) {
      world.refusals.push(code);
      const error = await moveConsultation(office.firm.asUser(clock), id, { startsAt: at(30) }).catch(
        (thrown) => thrown,
      );
      expect(error, code).toMatchObject({ name: "AppError", code: expected, message: expect.stringMatching(words) });
    }
    expect(await stateOf(office)).toEqual(before);
    expect(booked.startsAt).toEqual(inHours(24));
    expect((await eventsOf(office.firm)).map(({ type }) => type)).not.toContain("sync.written");
  });

  it("is not moved onto another appointment", async () => {
    const { office, id } = await withBooking();
    world.book(smith, { ...PERSON, startsAt: inHours(30) });
    await expect(moveConsultation(office.firm.asUser(clock), id, { startsAt: at(30) })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("that nobody knows the fate of is looked at by a job", async () => {
    const { office, booked, id } = await withBooking();
    await takeLooks(office);
    // Acuity does it, and its answer is lost on the way.
    sandbox.acuity.faults.add({ kind: "truncate", count: 1, path: "/reschedule" });
    await expect(moveConsultation(office.firm.asUser(clock), id, { startsAt: at(30) })).rejects.toMatchObject({
      code: "vendor_unavailable",
    });
    expect(booked.startsAt).toEqual(inHours(30));
    // Seen red without: the look that follows an unknown outcome
    expect(await takeLooks(office)).toEqual([expect.objectContaining({ sourceId: String(booked.id) })]);
  });

  it("that was moved but cannot be read is looked at by a job, and the move is on the trail", async () => {
    const { office, booked, id } = await withBooking();
    await takeLooks(office);
    const slowPath = `/appointments/${booked.id}`;
    sandbox.acuity.faults.add({ kind: "slow", count: 1, delayMs: 1, path: "/reschedule" });
    sandbox.acuity.faults.add({ kind: "error", count: 1, path: slowPath });
    const dto = await moveConsultation(office.firm.asUser(clock), id, { startsAt: at(30) });
    expect(dto.startsAt).toBe(at(24));
    expect(await takeLooks(office)).toHaveLength(1);
    expect((await eventsOf(office.firm)).map(({ type }) => type)).toContain("sync.written");
  });

  it("that is gone at Acuity is a conflict, and is looked at", async () => {
    const { office, booked, id } = await withBooking();
    await takeLooks(office);
    world.remove(booked);
    await expect(cancelConsultation(office.firm.asUser(clock), id, { isNoShow: false })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await takeLooks(office)).toHaveLength(1);
  });

  it("is refused with another version, another length, when it is canceled, and by who may not", async () => {
    const { office, id } = await withBooking();
    const user = office.firm.asUser(clock);
    const from = calls().length;
    const move = (input: object) => moveConsultation(user, id, { startsAt: at(30), ...input });
    await expect(move({ expectedVersion: 7 })).rejects.toMatchObject({ code: "conflict" });
    await expect(move({ minutes: 45 })).rejects.toMatchObject({ code: "unprocessable" });
    const viewer = await addUser(office.firm, { role: "viewer" });
    await expect(moveConsultation(viewer.asUser(clock), id, { startsAt: at(30) })).rejects.toMatchObject({
      code: "forbidden",
    });
    const theirs = await withBooking(riverbend);
    await expect(moveConsultation(theirs.office.firm.asUser(clock), id, { startsAt: at(30) })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(
      calls()
        .slice(from)
        .filter((line) => line.startsWith("PUT")),
    ).toEqual([]);
    await cancelConsultation(user, id, { isNoShow: false });
    await expect(move({})).rejects.toMatchObject({ code: "conflict" });
  });
});

it("a consultation of the firm's own is moved and canceled here, and Acuity is not asked", async () => {
  const { office, leadId } = await withBooking();
  const user = office.firm.asUser(clock);
  const own = await bookConsultation(user, { leadId, startsAt: at(40), minutes: 30, kind: "Consultation" });
  const from = calls().length;
  expect(await moveConsultation(user, own.id, { startsAt: at(41) })).toMatchObject({ startsAt: at(41) });
  expect(await cancelConsultation(user, own.id, { isNoShow: false })).toMatchObject({ state: "canceled" });
  expect(calls().slice(from)).toEqual([]);
});
