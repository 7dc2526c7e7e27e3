import { readableName } from "./readable";
import type { Reminder } from "./reminder-store";

/** `in 12 min`, `in 2 h`, `now`, `12 min ago`, at a moment. */
export function untilWords(startsAt: string, now: string): string {
  const minutes = Math.round((Date.parse(startsAt) - Date.parse(now)) / 60_000);
  const words = Math.abs(minutes) < 60 ? `${Math.abs(minutes)} min` : `${Math.round(Math.abs(minutes) / 60)} h`;
  if (minutes === 0) return "now";
  return minutes > 0 ? `in ${words}` : `${words} ago`;
}

/** One reminder as a sentence to be read aloud. */
export const soonWords = ({ leadName, kind, startsAt }: Pick<Reminder, "leadName" | "kind" | "startsAt">): string =>
  `${kind} with ${readableName(leadName)} ${untilWords(startsAt, new Date().toISOString())}.`;
