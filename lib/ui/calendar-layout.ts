import { startOfDay, toWallTime } from "@/lib/core/local-time";

/** Something with a beginning and an end, as ISO 8601 instants. */
export type Timed = { startsAt: string; endsAt: string };

/** Where it stands in the column of a day: minutes of the wall clock from midnight, and its place among those it would cover. */
export type Placed<T> = { item: T; top: number; bottom: number; lane: number; lanes: number };

const DAY_MINUTES = 1440;
/** What is shorter is drawn this long: a line of text has to fit, and a pointer to hit it. */
const LEAST_MINUTES = 30;

/**
 * Places what touches a day beside each other. By the wall clock, as people read a calendar: in the night when clocks go back two things of one hour apart
 * can want the same place, so the lanes are shared out by what would be drawn, not by what overlaps in time.
 */
export function layoutDay<T extends Timed>(items: readonly T[], day: string, timeZone: string): Placed<T>[] {
  const from = startOfDay(day, timeZone).getTime();
  const to = startOfDay(day, timeZone, 1).getTime();
  const placed = items
    .filter(({ startsAt, endsAt }) => Date.parse(startsAt) < to && Date.parse(endsAt) > from)
    .map((item) => ({ item, ...extent(item, { from, to, timeZone }), lane: 0, lanes: 1 }))
    .sort((a, b) => a.top - b.top || b.bottom - a.bottom);
  let group: Placed<T>[] = [];
  let groupEnd = 0;
  for (const one of placed) {
    if (one.top >= groupEnd) {
      shareLanes(group);
      group = [];
    }
    group.push(one);
    groupEnd = Math.max(groupEnd, one.bottom);
  }
  shareLanes(group);
  return placed;
}

function extent({ startsAt, endsAt }: Timed, day: { from: number; to: number; timeZone: string }) {
  const [start, end] = [Math.max(Date.parse(startsAt), day.from), Math.min(Date.parse(endsAt), day.to)];
  const top = Math.min(wallMinutes(start, day.timeZone), DAY_MINUTES - LEAST_MINUTES);
  const wallEnd = end >= day.to ? DAY_MINUTES : wallMinutes(end, day.timeZone);
  // across the repeated hour it can end before it began, by the clock
  const shown = wallEnd > top ? wallEnd : top + (end - start) / 60_000;
  return { top, bottom: Math.min(DAY_MINUTES, Math.max(shown, top + LEAST_MINUTES)) };
}

function wallMinutes(instant: number, timeZone: string): number {
  const { hour, minute } = toWallTime(new Date(instant), timeZone);
  return hour * 60 + minute;
}

/* Each takes the first lane that is free again; all of a group are as narrow as the fullest moment needs. */
function shareLanes<T>(group: Placed<T>[]): void {
  const ends: number[] = [];
  for (const one of group) {
    const free = ends.findIndex((end) => end <= one.top);
    one.lane = free < 0 ? ends.length : free;
    ends[one.lane] = one.bottom;
  }
  for (const one of group) one.lanes = ends.length;
}

/** The hours of a week's grid: the working day, and as far beyond it as something lies. */
export function hoursShown(days: readonly (readonly Pick<Placed<unknown>, "top" | "bottom">[])[]): {
  from: number;
  to: number;
} {
  const all = days.flat();
  return {
    from: Math.min(8, ...all.map(({ top }) => Math.floor(top / 60))),
    to: Math.max(18, ...all.map(({ bottom }) => Math.ceil(bottom / 60))),
  };
}
