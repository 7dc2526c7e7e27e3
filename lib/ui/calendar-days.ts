import { localDate, startOfDay } from "@/lib/core/local-time";

/* Days of a calendar are texts, `YYYY-MM-DD`, and have no zone; only where one begins does. Weeks begin on Sunday, as calendars of the firm's country do. */

const at = (day: string): Date => new Date(`${day}T00:00:00Z`);
const textOf = (date: Date): string => date.toISOString().slice(0, 10);
const named = (day: string, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat("en-US", { timeZone: "UTC", ...options }).format(at(day));

/** True for a day that exists, of a year that a calendar is kept for. */
export function isDay(text: string | undefined): text is string {
  if (!text || !/^(?:19|20|21)\d\d-\d\d-\d\d$/.test(text)) return false;
  const date = at(text);
  return !Number.isNaN(date.getTime()) && textOf(date) === text;
}

/** The day of an instant on the firm's clocks. */
export const dayOf = (iso: string, timeZone: string): string => localDate(new Date(iso), timeZone);

/** So many days later, or earlier. */
export function addDays(day: string, count: number): string {
  const date = at(day);
  date.setUTCDate(date.getUTCDate() + count);
  return textOf(date);
}

/** The first of the month of a day, so many months later. */
export function firstOfMonth(day: string, plusMonths = 0): string {
  const date = at(`${day.slice(0, 7)}-01`);
  date.setUTCMonth(date.getUTCMonth() + plusMonths);
  return textOf(date);
}

/** The seven days of the week that a day lies in. */
export function weekOf(day: string): string[] {
  const sunday = addDays(day, -at(day).getUTCDay());
  return Array.from({ length: 7 }, (_, index) => addDays(sunday, index));
}

/** The weeks that a month touches, whole: four to six. */
export function monthOf(day: string): string[][] {
  const end = firstOfMonth(day, 1);
  const weeks: string[][] = [];
  for (let first = firstOfMonth(day); first < end; first = addDays(weekOf(first)[0] ?? first, 7))
    weeks.push(weekOf(first));
  return weeks;
}

/** Whether clocks are moved on a day, by how long it is. */
export function clockChange(day: string, timeZone: string): "forward" | "back" | null {
  const hours = (startOfDay(day, timeZone, 1).getTime() - startOfDay(day, timeZone).getTime()) / 3_600_000;
  return hours < 24 ? "forward" : hours > 24 ? "back" : null;
}

/** `Today, Sunday, Nov 22`; with the year when it is not that of today. */
export function dayWords(day: string, today: string): string {
  const near =
    day === today
      ? "Today, "
      : day === addDays(today, 1)
        ? "Tomorrow, "
        : day === addDays(today, -1)
          ? "Yesterday, "
          : "";
  const year = day.slice(0, 4) === today.slice(0, 4) ? "" : `, ${day.slice(0, 4)}`;
  return `${near}${named(day, { weekday: "long" })}, ${named(day, { month: "short", day: "numeric" })}${year}`;
}

/** `November 2026`. */
export const monthWords = (day: string): string => named(day, { month: "long", year: "numeric" });

/** `Nov 22 to 28, 2026`, or `Nov 29 to Dec 5, 2026`. */
export function spanWords(from: string, to: string): string {
  const isOneMonth = from.slice(0, 7) === to.slice(0, 7);
  const year = from.slice(0, 4) === to.slice(0, 4) ? "" : `, ${from.slice(0, 4)}`;
  const last = isOneMonth ? String(Number(to.slice(8))) : named(to, { month: "short", day: "numeric" });
  return `${named(from, { month: "short", day: "numeric" })}${year} to ${last}, ${to.slice(0, 4)}`;
}

/** `Sun`. */
export const weekdayWord = (day: string): string => named(day, { weekday: "short" });
