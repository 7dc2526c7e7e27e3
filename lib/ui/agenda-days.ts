import { dayOf } from "./calendar-days";
import type { Timed } from "./calendar-layout";

export type AgendaDay<T> = { day: string; items: T[] };

/** What begins on each day of the firm's clocks, in order of the days and then of time; `always` are days that are there with nothing on them too. */
export function agendaDays<T extends Timed>(
  items: readonly T[],
  timeZone: string,
  always: readonly string[] = [],
): AgendaDay<T>[] {
  const days = new Map<string, T[]>(always.map((day) => [day, []]));
  for (const item of items.toSorted((a, b) => a.startsAt.localeCompare(b.startsAt))) {
    const day = dayOf(item.startsAt, timeZone);
    days.set(day, [...(days.get(day) ?? []), item]);
  }
  return [...days].map(([day, own]) => ({ day, items: own })).sort((a, b) => a.day.localeCompare(b.day));
}
