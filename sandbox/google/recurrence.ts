import { fromWallTime, startOfDay, toWallTime } from "@/lib/core/local-time";
import type { CalendarEvent, Moment } from "./event";

const DAY_MS = 86_400_000;
const EVERY_DAYS: Record<string, number> = { DAILY: 1, WEEKLY: 7 };

/** The instant of a moment; an all-day one begins with its day in the zone of the calendar. */
export function instantOf(moment: Moment, zone: string): Date {
  return moment.date ? startOfDay(moment.date, moment.timeZone ?? zone) : new Date(moment.dateTime ?? "");
}

/**
 * An event as `singleEvents=true` shows it: itself, or each instance of a series under `<id>_<time>`. It knows `FREQ=DAILY|WEEKLY` with `COUNT`, which is
 * all that the stand-in needs; an instance keeps its reading of the clock when clocks change.
 */
export function instancesOf(event: CalendarEvent, zone: string): CalendarEvent[] {
  const rule = event.recurrence?.find((line) => line.startsWith("RRULE:"));
  if (!rule || !event.start || !event.end) return [event];
  const step = EVERY_DAYS[/FREQ=(\w+)/.exec(rule)?.[1] ?? ""] ?? 1;
  const count = Math.min(Number(/COUNT=(\d+)/.exec(rule)?.[1] ?? 52), 400);
  const { recurrence: _series, start, end, ...rest } = event;
  return Array.from({ length: count }, (_, index) => {
    const from = shift(start, index * step, zone);
    const stamp =
      from.date?.replaceAll("-", "") ?? new Date(from.dateTime ?? "").toISOString().replace(/[-:]|\.\d+/g, "");
    return {
      ...rest,
      id: `${event.id}_${stamp}`,
      recurringEventId: event.id,
      start: from,
      end: shift(end, index * step, zone),
      originalStartTime: from,
    };
  });
}

function shift(moment: Moment, days: number, zone: string): Moment {
  if (moment.date) {
    const at = new Date(Date.parse(`${moment.date}T00:00:00Z`) + days * DAY_MS);
    return { ...moment, date: at.toISOString().slice(0, 10) };
  }
  const wall = toWallTime(new Date(moment.dateTime ?? ""), moment.timeZone ?? zone);
  const at = new Date(Date.UTC(wall.year, wall.month - 1, wall.day + days));
  const moved = { ...wall, year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() };
  return { ...moment, dateTime: fromWallTime(moved, moment.timeZone ?? zone).toISOString() };
}
