import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ageInYears,
  formatAge,
  formatAgo,
  formatBetween,
  formatColumnMoment,
  formatDate,
  formatInstant,
  formatMoment,
  formatPhone,
  ordinal,
} from "@/lib/ui/format";
import { NOW } from "./sample-lead";

const CENTRAL = "America/Chicago";
const hoursAgo = (hours: number) => new Date(Date.parse(NOW) - hours * 3_600_000).toISOString();

describe("times", () => {
  it("shows a fact in the county's time with its zone, summer and winter", () => {
    expect(formatInstant("2026-03-11T02:37:00Z", CENTRAL, NOW)).toBe("Tue, Mar 10, 9:37 PM CDT");
    expect(formatInstant("2026-01-11T02:37:00Z", CENTRAL, NOW)).toBe("Sat, Jan 10, 8:37 PM CST");
    expect(formatInstant("2026-03-11T02:37:00Z", "America/Denver", NOW)).toBe("Tue, Mar 10, 8:37 PM MDT");
  });

  it("tells the two 1:30s of the autumn night apart by their zone", () => {
    expect(formatInstant("2026-11-01T06:30:00Z", CENTRAL, NOW)).toBe("Sun, Nov 1, 1:30 AM CDT");
    expect(formatInstant("2026-11-01T07:30:00Z", CENTRAL, NOW)).toBe("Sun, Nov 1, 1:30 AM CST");
  });

  it("adds the year when it is another one", () => {
    expect(formatInstant("2024-12-31T18:00:00Z", CENTRAL, NOW)).toBe("Tue, Dec 31, 2024, 12:00 PM CST");
    expect(formatMoment("2024-12-31T18:00:00Z", CENTRAL, NOW)).toBe("Dec 31, 2024");
  });

  it("says today by the county's calendar, not by UTC's", () => {
    expect(formatMoment("2026-03-12T05:30:00Z", CENTRAL, NOW)).toBe("Today 12:30 AM");
    expect(formatMoment("2026-03-12T04:30:00Z", CENTRAL, NOW)).toBe("Wed 11:30 PM");
    expect(formatMoment("2026-03-05T18:00:00Z", CENTRAL, NOW)).toBe("Mar 5, 12:00 PM");
    expect(formatColumnMoment("2026-03-12T09:51:00Z", CENTRAL, NOW)).toBe("Thu 4:51 AM");
  });

  it("has no narrow no-break space, which server and browser would disagree about", () => {
    expect(formatInstant(NOW, CENTRAL, NOW)).toMatch(/^[\x20-\x7e]+$/);
  });

  it("counts an age in minutes, hours below two days, then days", () => {
    expect(formatAge(hoursAgo(0.2), NOW)).toBe("12 min");
    expect(formatAge(hoursAgo(47.9), NOW)).toBe("47 h");
    expect(formatAge(hoursAgo(48), NOW)).toBe("2 d");
    expect(formatAgo(hoursAgo(49), NOW)).toBe("2 days ago");
    expect(formatAgo(NOW, NOW)).toBe("just now");
    expect(formatAgo(hoursAgo(-3), NOW)).toBe("just now");
  });

  it("measures between two instants", () => {
    expect(formatBetween("2026-03-11T02:37:00Z", "2026-03-11T09:10:00Z")).toBe("6 h 33 m");
    expect(formatBetween("2026-03-11T02:37:00Z", "2026-03-11T02:40:00Z")).toBe("3 m");
    expect(formatBetween("2026-03-11T02:00:00Z", "2026-03-14T06:00:00Z")).toBe("3 d 4 h");
  });

  it("shows a calendar day without moving it", () => {
    expect(formatDate("2026-03-01")).toBe("Mar 1, 2026");
  });
});

describe("ages of persons", () => {
  it("turns on the birthday in the county's calendar", () => {
    expect(ageInYears("2000-03-12", "2026-03-12T05:30:00Z", CENTRAL)).toBe(26);
    expect(ageInYears("2000-03-12", "2026-03-12T04:30:00Z", CENTRAL)).toBe(25);
    expect(ageInYears("2000-02-29", "2026-02-28T18:00:00Z", CENTRAL)).toBe(25);
    expect(ageInYears("2000-02-29", "2026-03-01T18:00:00Z", CENTRAL)).toBe(26);
  });
});

describe("numbers", () => {
  it("shows US phones as people write them and leaves others whole", () => {
    expect(formatPhone("+15125550142")).toBe("(512) 555-0142");
    expect(formatPhone("+525512345678")).toBe("+525512345678");
  });

  it("never loses a digit of a phone", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+[1-9][0-9]{6,14}$/), (phone) => {
        const digits = formatPhone(phone).replace(/\D/g, "");
        expect(phone.endsWith(digits)).toBe(true);
        expect(digits.length).toBeGreaterThanOrEqual(
          phone.startsWith("+1") && phone.length === 12 ? 10 : phone.length - 1,
        );
      }),
    );
  });

  it("says 1st, 2nd, 3rd, 4th and 11th", () => {
    expect([1, 2, 3, 4, 11, 12, 13, 21, 112].map(ordinal)).toEqual([
      "1st",
      "2nd",
      "3rd",
      "4th",
      "11th",
      "12th",
      "13th",
      "21st",
      "112th",
    ]);
  });
});
