import { fromWallTime, startOfDay } from "@/lib/core/local-time";
import type { GoogleEvent, GoogleMoment } from "@/lib/integrations/google-calendar";
import { zoneOr } from "./event-content";

/** From when to when an event takes somebody's time. */
type Interval = { startsAt: Date; endsAt: Date; isAllDay: boolean };

const DAY_MS = 86_400_000;
/** What is further away than this is not kept: nobody books there, and it would grow for ever. */
const PAST_MS = 30 * DAY_MS;
const AHEAD_MS = 400 * DAY_MS;

/** When an event begins and ends; a day is one of the calendar's own zone, 23 or 25 hours long when clocks change. Null when it does not say. */
export function intervalOf(event: GoogleEvent, calendarZone: string): Interval | null {
  const startsAt = instantOf(event.start, calendarZone);
  const endsAt = instantOf(event.end, calendarZone);
  if (!startsAt || !endsAt || endsAt < startsAt) return null;
  return { startsAt, endsAt, isAllDay: event.start?.date !== undefined };
}

/** When an event keeps its owner busy; null for one that does not: deleted, declined, marked as free, without length, or beyond the horizon. */
export function busyInterval(event: GoogleEvent, calendarZone: string, now: Date): Interval | null {
  if (event.status === "cancelled" || event.transparency === "transparent") return null;
  if (event.attendees?.some(({ self, responseStatus }) => self === true && responseStatus === "declined")) return null;
  const interval = intervalOf(event, calendarZone);
  if (!interval || interval.endsAt <= interval.startsAt) return null;
  return isNear(interval, now) ? interval : null;
}

/** Whether an interval is near enough to be kept. */
const isNear = ({ startsAt, endsAt }: Pick<Interval, "startsAt" | "endsAt">, now: Date): boolean =>
  endsAt >= oldestKept(now) && startsAt.getTime() <= now.getTime() + AHEAD_MS;

/** What ended before this is forgotten. */
export const oldestKept = (now: Date): Date => new Date(now.getTime() - PAST_MS);

const ZONED = /(?:Z|[+-]\d{2}:?\d{2})$/i;
const WALL = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?/;

function instantOf(moment: GoogleMoment | undefined, calendarZone: string): Date | null {
  const { date, dateTime, timeZone } = moment ?? {};
  if (date !== undefined)
    return /^\d{4}-\d{2}-\d{2}$/.test(date) ? startOfDay(date, zoneOr(calendarZone, "UTC")) : null;
  if (dateTime === undefined) return null;
  if (ZONED.test(dateTime)) return known(new Date(dateTime));
  // Without an offset the zone beside it says which instant is meant.
  const parts = WALL.exec(dateTime)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (!parts) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  return known(fromWallTime({ year, month, day, hour, minute, second }, zoneOr(timeZone, zoneOr(calendarZone, "UTC"))));
}

const known = (at: Date): Date | null => (Number.isNaN(at.getTime()) ? null : at);
