import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { localDate, startOfDay, toWallTime } from "@/lib/core/local-time";
import { busyInterval, intervalOf } from "@/lib/domain/sync/google/busy-interval";
import { contentOf, eventIdOf, markedConsultation } from "@/lib/domain/sync/google/event-content";

const ZONES = [
  "America/Chicago",
  "America/New_York",
  "America/Phoenix",
  "Europe/Berlin",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "UTC",
];
const HOUR_MS = 3_600_000;
const NOW = new Date("2026-11-22T15:00:00Z");
const day = fc
  .integer({ min: 0, max: 400 })
  .map((plus) => new Date(Date.UTC(2026, 10, 1 + plus)).toISOString().slice(0, 10));
const daysLater = (date: string, days: number) =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 24 * HOUR_MS).toISOString().slice(0, 10);
const event = (rest: Record<string, unknown>) => ({ id: "e1", status: "confirmed", ...rest });

describe("a whole day", () => {
  it.each([
    ["2026-03-08", 23],
    ["2026-11-01", 25],
    ["2026-11-22", 24],
  ])("%s is %i hours long in Texas", (date, hours) => {
    const found = intervalOf(event({ start: { date }, end: { date: daysLater(date, 1) } }), "America/Chicago");
    expect(found?.isAllDay).toBe(true);
    expect(((found?.endsAt.getTime() ?? 0) - (found?.startsAt.getTime() ?? 0)) / HOUR_MS).toBe(hours);
  });

  it("begins and ends at midnight of the calendar's own zone, and days that follow each other meet", () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 1, max: 20 }), fc.constantFrom(...ZONES), (date, days, zone) => {
        const last = daysLater(date, days);
        const found = intervalOf(event({ start: { date, timeZone: "Asia/Tokyo" }, end: { date: last } }), zone);
        const next = intervalOf(event({ start: { date: last }, end: { date: daysLater(last, 1) } }), zone);
        expect(found?.endsAt).toEqual(next?.startsAt);
        expect([found?.startsAt, found?.endsAt].map((at) => localDate(at as Date, zone))).toEqual([date, last]);
        expect(toWallTime(found?.startsAt as Date, zone).hour).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});

describe("a time of day", () => {
  it("is the same instant with an offset, with Z, and as a reading of a clock beside its zone", () => {
    fc.assert(
      fc.property(
        day,
        fc.integer({ min: 4, max: 23 }),
        fc.integer({ min: 0, max: 59 }),
        fc.constantFrom(...ZONES),
        (date, hour, minute, zone) => {
          const at = new Date(startOfDay(date, zone).getTime() + hour * HOUR_MS + minute * 60_000);
          const wall = toWallTime(at, zone);
          const two = (value: number) => String(value).padStart(2, "0");
          const reading = `${wall.year}-${two(wall.month)}-${two(wall.day)}T${two(wall.hour)}:${two(wall.minute)}:00`;
          const offset = (Date.parse(`${reading}Z`) - at.getTime()) / 60_000;
          const signed = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
          const end = { dateTime: "2030-01-01T00:00:00Z" };
          for (const start of [
            { dateTime: at.toISOString() },
            { dateTime: `${reading}${signed}`, timeZone: "Asia/Tokyo" },
            { dateTime: reading, timeZone: zone },
          ])
            expect(intervalOf(event({ start, end }), "Pacific/Auckland")?.startsAt).toEqual(at);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("of the hour that comes twice, or of the one that is left out, is an instant all the same", () => {
    const end = { dateTime: "2030-01-01T00:00:00Z" };
    const startOf = (dateTime: string) =>
      intervalOf(event({ start: { dateTime, timeZone: "America/Chicago" }, end }), "UTC")?.startsAt.toISOString();
    expect(startOf("2026-11-01T01:30:00-05:00")).toBe("2026-11-01T06:30:00.000Z");
    expect(startOf("2026-11-01T01:30:00-06:00")).toBe("2026-11-01T07:30:00.000Z");
    expect(startOf("2026-11-01T01:30:00")).toBe("2026-11-01T06:30:00.000Z");
    expect(startOf("2026-03-08T02:30:00")).toBe("2026-03-08T08:30:00.000Z");
  });
});

describe("what cannot be read", () => {
  it.each([
    [{}],
    [{ start: { date: "soon" }, end: { date: "2026-11-23" } }],
    [{ start: { dateTime: "2026-11-23T10:00:00Z" } }],
    [{ start: { dateTime: "never" }, end: { dateTime: "2026-11-23T10:00:00Z" } }],
    [{ start: { dateTime: "2026-99-99T10:00:00Z" }, end: { dateTime: "2026-11-23T10:00:00Z" } }],
    [{ start: { dateTime: "2026-11-23T10:00:00Z" }, end: { dateTime: "2026-11-23T09:00:00Z" } }],
    [{ status: "cancelled" }],
  ])("%j keeps nobody busy and breaks nothing", (rest) => {
    expect(busyInterval(event(rest), "Nowhere/City", NOW)).toBeNull();
  });

  it("is never thrown at us, whatever Google sends", () => {
    const moment = fc.record({ date: fc.string(), dateTime: fc.string(), timeZone: fc.string() }, { requiredKeys: [] });
    fc.assert(
      fc.property(moment, moment, fc.string(), (start, end, zone) => {
        busyInterval(event({ start, end }), zone, NOW);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the id of an event", () => {
  it("fits Google's alphabet, and is another one for every firm and consultation", () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), fc.uuid(), (tenant, other, consultation) => {
        const id = eventIdOf(tenant, consultation);
        expect(id).toMatch(/^[a-v0-9]{5,1024}$/);
        expect(eventIdOf(other, consultation)).not.toBe(id);
        const marks = { private: { tenantId: tenant, consultationId: consultation } };
        expect(markedConsultation({ id, extendedProperties: marks }, tenant)).toBe(consultation);
        expect(markedConsultation({ id, extendedProperties: marks }, other)).toBeNull();
        expect(markedConsultation({ id: `${id}0`, extendedProperties: marks }, tenant)).toBeNull();
      }),
      { numRuns: 50 },
    );
  });
});

it("names the person, and a zone that nobody knows is UTC", () => {
  const facts = {
    calendarId: "primary",
    lead: { firstName: null, lastName: "", name: "UNKNOWN, A" },
    leadUrl: "http://x/leads/1",
    startsAt: NOW,
    endsAt: new Date(NOW.getTime() + HOUR_MS),
    timeZone: "Mars/Olympus",
    location: null,
    joinUrl: null,
    attendee: null,
  };
  expect(contentOf(facts).body).toMatchObject({
    summary: "Consultation: UNKNOWN, A",
    location: "",
    start: { timeZone: "UTC" },
  });
  expect(contentOf({ ...facts, lead: { firstName: null, lastName: "Doe", name: "x" } }).body.summary).toBe(
    "Consultation: Doe",
  );
  expect(contentOf(facts).hash).toBe(contentOf({ ...facts }).hash);
  expect(contentOf({ ...facts, calendarId: "other" }).hash).not.toBe(contentOf(facts).hash);
});
