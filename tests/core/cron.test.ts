import { describe, expect, it } from "vitest";
import { lastSlot } from "@/lib/core/cron";
import { SCHEDULES } from "@/lib/jobs/schedules";

const last = (cron: string, now: string) => lastSlot(cron, new Date(now))?.toISOString() ?? null;

describe("the last slot of a schedule", () => {
  it.each([
    ["* * * * *", "2026-11-21T10:03:59.999Z", "2026-11-21T10:03:00.000Z"],
    ["*/5 * * * *", "2026-11-21T10:03:00Z", "2026-11-21T10:00:00.000Z"],
    ["*/5 * * * *", "2026-11-21T10:05:00Z", "2026-11-21T10:05:00.000Z"],
    ["17 * * * *", "2026-11-21T00:16:00Z", "2026-11-20T23:17:00.000Z"],
    ["30 9 * * *", "2027-01-01T09:29:00Z", "2026-12-31T09:30:00.000Z"],
    ["0 0 29 2 *", "2028-03-01T00:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["0 9 * * 1-5", "2026-11-22T12:00:00Z", "2026-11-20T09:00:00.000Z"],
    ["0,30 8-10/2 * * *", "2026-11-21T09:59:00Z", "2026-11-21T08:30:00.000Z"],
    ["5/20 * * * *", "2026-11-21T09:50:00Z", "2026-11-21T09:45:00.000Z"],
  ])("of %s at %s is %s", (cron, now, slot) => {
    expect(last(cron, now)).toBe(slot);
  });

  it("is counted in UTC, so that no slot is missed or doubled when Texas changes its clocks", () => {
    const hours = ["06:00", "07:00", "08:00", "09:00"].map((time) => last("0 * * * *", `2026-11-01T${time}:30Z`));
    expect(new Set(hours).size).toBe(4);
  });

  it("is none when there was none in a month", () => {
    expect(last("0 0 29 2 *", "2026-11-21T00:00:00Z")).toBeNull();
  });

  it.each([
    "",
    "* * * *",
    "60 * * * *",
    "* 24 * * *",
    "*/0 * * * *",
    "5-1 * * * *",
    "x * * * *",
    "0 0 1 * 1",
    "* * 0 * *",
  ])("refuses %s", (cron) => {
    expect(() => last(cron, "2026-11-21T00:00:00Z")).toThrow();
  });
});

it.each(Object.entries(SCHEDULES))("knows a last slot of %s", (_name, { cron }) => {
  expect(last(cron, "2026-11-21T10:00:00Z")).not.toBeNull();
});
