import { localDate } from "@/lib/core/local-time";

const DAY_MS = 86_400_000;

/** A day `YYYY-MM-DD`, so many days later. */
export function plusDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** How many days there are from one day to another. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);

/** Days on the account's calendar, both inclusive. */
export type DayWindow = { minDate: string; maxDate: string };

/** The window of so many days that begins on a day and does not go beyond the last one. */
export function windowOf(next: string, days: number, until: string): DayWindow {
  const maxDate = plusDays(next, Math.max(1, days) - 1);
  return { minDate: next, maxDate: maxDate > until ? until : maxDate };
}

/** The day of an instant on the account's calendar, so many days later. */
export const dayFrom = (instant: Date, zone: string, days: number): string => plusDays(localDate(instant, zone), days);
