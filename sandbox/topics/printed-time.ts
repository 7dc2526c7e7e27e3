import type { PrintedTime } from "./form";

const central = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/Chicago",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "2-digit",
  second: "2-digit",
  hour12: true,
  timeZoneName: "short",
});

/** A moment as a Central Time county prints it. */
export function printCentral(moment: Date): PrintedTime {
  const part: Record<string, string> = {};
  for (const { type, value } of central.formatToParts(moment)) part[type] = value;
  return {
    at: `${part.month}/${part.day}/${part.year} ${part.hour}:${part.minute}:${part.second} ${part.dayPeriod}`,
    zone: part.timeZoneName ?? "CST",
  };
}
