import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agendaDays } from "@/lib/ui/agenda-days";
import {
  addDays,
  clockChange,
  dayOf,
  dayWords,
  firstOfMonth,
  isDay,
  monthOf,
  spanWords,
  weekOf,
} from "@/lib/ui/calendar-days";
import { hoursShown, layoutDay } from "@/lib/ui/calendar-layout";
import { instantOf } from "@/lib/ui/consultation-when";

const ZONE = "America/Chicago";
const at = (startsAt: string, endsAt: string) => ({ startsAt, endsAt });
const places = (items: ReturnType<typeof at>[], day: string) =>
  layoutDay(items, day, ZONE).map(({ top, bottom, lane, lanes }) => [top / 60, bottom / 60, lane, lanes]);

describe("the days of a calendar", () => {
  it("knows the weeks of a month, whole, from Sunday on", () => {
    expect(weekOf("2026-11-25")).toEqual(["22", "23", "24", "25", "26", "27", "28"].map((day) => `2026-11-${day}`));
    expect(monthOf("2026-11-15").map(([first]) => first)).toEqual([
      "2026-11-01",
      "2026-11-08",
      "2026-11-15",
      "2026-11-22",
      "2026-11-29",
    ]);
    expect(monthOf("2026-02-10")).toHaveLength(4);
    expect(monthOf("2026-08-31")).toHaveLength(6);
    expect(firstOfMonth("2026-12-31", 1)).toBe("2027-01-01");
  });

  it("takes a day for one only if it exists", () => {
    expect(["2026-02-28", "2028-02-29"].map(isDay)).toEqual([true, true]);
    expect(["2026-02-29", "2026-13-01", "0026-01-01", "2026-1-1", "", "today"].map(isDay)).toEqual(
      Array(6).fill(false),
    );
  });

  it("says a day and a span as people do", () => {
    expect(dayWords("2026-11-22", "2026-11-22")).toBe("Today, Sunday, Nov 22");
    expect(dayWords("2026-11-23", "2026-11-22")).toBe("Tomorrow, Monday, Nov 23");
    expect(dayWords("2027-01-02", "2026-11-22")).toBe("Saturday, Jan 2, 2027");
    expect(spanWords("2026-11-22", "2026-11-28")).toBe("Nov 22 to 28, 2026");
    expect(spanWords("2026-12-27", "2027-01-02")).toBe("Dec 27, 2026 to Jan 2, 2027");
  });

  it("puts what begins late in the evening under the firm's day, not under that of Greenwich", () => {
    const items = [
      at("2026-11-24T03:30:00Z", "2026-11-24T04:00:00Z"),
      at("2026-11-24T15:00:00Z", "2026-11-24T15:30:00Z"),
    ];
    expect(agendaDays(items, ZONE).map(({ day, items: own }) => [day, own.length])).toEqual([
      ["2026-11-23", 1],
      ["2026-11-24", 1],
    ]);
    expect(agendaDays([], ZONE, ["2026-11-22"])).toEqual([{ day: "2026-11-22", items: [] }]);
  });
});

describe("the hours of a day", () => {
  it("puts overlapping consultations side by side, and what only touches in the same place", () => {
    const items = [
      at("2026-11-24T15:00:00Z", "2026-11-24T16:00:00Z"),
      at("2026-11-24T15:30:00Z", "2026-11-24T16:30:00Z"),
      at("2026-11-24T16:00:00Z", "2026-11-24T17:00:00Z"),
      at("2026-11-24T19:00:00Z", "2026-11-24T20:00:00Z"),
    ];
    expect(places(items, "2026-11-24")).toEqual([
      [9, 10, 0, 2],
      [9.5, 10.5, 1, 2],
      [10, 11, 0, 2],
      [13, 14, 0, 1],
    ]);
  });

  it("cuts at midnight what goes on over it, and shows both parts on their days", () => {
    const night = [at("2026-11-25T05:30:00Z", "2026-11-25T06:45:00Z")];
    expect(places(night, "2026-11-24")).toEqual([[23.5, 24, 0, 1]]);
    expect(places(night, "2026-11-25")).toEqual([[0, 0.75, 0, 1]]);
    expect(places(night, "2026-11-26")).toEqual([]);
  });

  it("reads the wall clock on the days when clocks are moved", () => {
    expect([clockChange("2026-03-08", ZONE), clockChange("2026-11-01", ZONE), clockChange("2026-11-02", ZONE)]).toEqual(
      ["forward", "back", null],
    );
    // nine in the morning is nine in the morning, although it comes after eight hours, or ten
    expect(places([at("2026-03-08T14:00:00Z", "2026-03-08T15:00:00Z")], "2026-03-08")).toEqual([[9, 10, 0, 1]]);
    expect(places([at("2026-11-01T15:00:00Z", "2026-11-01T16:00:00Z")], "2026-11-01")).toEqual([[9, 10, 0, 1]]);
    // half past one comes twice: an hour apart in time, side by side on the page
    const twice = [
      at("2026-11-01T06:30:00Z", "2026-11-01T07:00:00Z"),
      at("2026-11-01T07:30:00Z", "2026-11-01T08:00:00Z"),
    ];
    expect(places(twice, "2026-11-01").map(([top, , lane, lanes]) => [top, lane, lanes])).toEqual([
      [1.5, 0, 2],
      [1.5, 1, 2],
    ]);
    expect(instantOf("2026-11-02", "09:00", ZONE)).toBe("2026-11-02T15:00:00.000Z");
    expect(instantOf("2026-10-31", "09:00", ZONE)).toBe("2026-10-31T14:00:00.000Z");
    expect(instantOf("2026-10-31", "", ZONE)).toBeNull();
  });

  it("shows the working day, and what lies beyond it", () => {
    expect(hoursShown([])).toEqual({ from: 8, to: 18 });
    expect(hoursShown([layoutDay([at("2026-11-24T12:30:00Z", "2026-11-24T13:00:00Z")], "2026-11-24", ZONE)])).toEqual({
      from: 6,
      to: 18,
    });
  });

  // Seen red without: the lanes that are taken (ends of shareLanes).
  it("never draws two over each other, whatever there is", () => {
    const minute = fc.integer({ min: 0, max: 3 * 1440 });
    const item = fc.tuple(minute, fc.integer({ min: 5, max: 480 })).map(([start, length]) => {
      const from = Date.parse("2026-10-31T00:00:00Z") + start * 60_000;
      return at(new Date(from).toISOString(), new Date(from + length * 60_000).toISOString());
    });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 12 }), (items) => {
        for (const day of ["2026-10-31", "2026-11-01"]) {
          const placed = layoutDay(items, day, ZONE);
          for (const [index, a] of placed.entries()) {
            expect(a.top >= 0 && a.bottom <= 1440 && a.top < a.bottom && a.lane < a.lanes).toBe(true);
            for (const b of placed.slice(index + 1))
              expect(a.lane !== b.lane || a.lanes !== b.lanes || a.bottom <= b.top || b.bottom <= a.top).toBe(true);
          }
        }
      }),
      { numRuns: 80 },
    );
  });

  it("puts every instant under exactly one day", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 365 * 1440 }), (minutes) => {
        const iso = new Date(Date.parse("2026-01-01T00:00:00Z") + minutes * 60_000).toISOString();
        const moment = [at(iso, new Date(Date.parse(iso) + 1).toISOString())];
        const day = dayOf(iso, ZONE);
        const days = [-1, 0, 1].map((by) => layoutDay(moment, addDays(day, by), ZONE).length);
        expect(days).toEqual([0, 1, 0]);
      }),
      { numRuns: 100 },
    );
  });
});
