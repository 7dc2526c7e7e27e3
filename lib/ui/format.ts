import { formatCents } from "@/lib/core/money";

/* Pure formatters. They never read the clock: `now` is handed in, so that server and browser print the same text. Parts are joined by hand
   because ICU versions disagree about the space before AM and PM. */

type Part = "weekday" | "month" | "day" | "year" | "hour" | "minute" | "dayPeriod" | "zone";
const formatters = new Map<string, Intl.DateTimeFormat>();

function partsOf(iso: string, timeZone: string): Record<Part, string> {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone,
      weekday: "short",
      month: "short",
      day: "numeric",
      year: "numeric",
      hour: "numeric",
      minute: "2-digit",
      timeZoneName: "short",
    });
    formatters.set(timeZone, formatter);
  }
  const found = new Map(formatter.formatToParts(new Date(iso)).map((part) => [part.type as string, part.value]));
  const part = (type: string) => found.get(type) ?? "";
  return {
    weekday: part("weekday"),
    month: part("month"),
    day: part("day"),
    year: part("year"),
    hour: part("hour"),
    minute: part("minute"),
    dayPeriod: part("dayPeriod"),
    zone: part("timeZoneName"),
  };
}

const dayNumber = (iso: string, timeZone: string): number => {
  const { month, day, year } = partsOf(iso, timeZone);
  return Math.floor(Date.parse(`${month} ${day}, ${year} 00:00:00 UTC`) / 86_400_000);
};

/** `9:37 PM` in the zone given. */
export function formatTime(iso: string, timeZone: string): string {
  const { hour, minute, dayPeriod } = partsOf(iso, timeZone);
  return `${hour}:${minute} ${dayPeriod}`;
}

/** `CDT`: the zone as it was named at that instant. */
export const zoneOf = (iso: string, timeZone: string): string => partsOf(iso, timeZone).zone;

/** `Tue, Mar 10, 9:37 PM CDT`: a fact with its zone; the year is added when it is not the year of `now`. */
export function formatInstant(iso: string, timeZone: string, now: string): string {
  const { weekday, month, day, year, zone } = partsOf(iso, timeZone);
  const shownYear = year === partsOf(now, timeZone).year ? "" : `, ${year}`;
  return `${weekday}, ${month} ${day}${shownYear}, ${formatTime(iso, timeZone)} ${zone}`;
}

/** `Today 5:48 AM`, `Wed 5:20 PM` within six days, else `Mar 3, 5:20 PM` or `Mar 3, 2025`. */
export function formatMoment(iso: string, timeZone: string, now: string): string {
  const { weekday, month, day, year } = partsOf(iso, timeZone);
  const days = dayNumber(now, timeZone) - dayNumber(iso, timeZone);
  if (days === 0) return `Today ${formatTime(iso, timeZone)}`;
  if (days > 0 && days < 7) return `${weekday} ${formatTime(iso, timeZone)}`;
  if (year !== partsOf(now, timeZone).year) return `${month} ${day}, ${year}`;
  return `${month} ${day}, ${formatTime(iso, timeZone)}`;
}

/** `Wed 7:52 AM` with the date when it is older than six days: the head of a tape column. */
export function formatColumnMoment(iso: string, timeZone: string, now: string): string {
  const { weekday, month, day } = partsOf(iso, timeZone);
  const days = dayNumber(now, timeZone) - dayNumber(iso, timeZone);
  return `${days >= 0 && days < 7 ? weekday : `${month} ${day}`} ${formatTime(iso, timeZone)}`;
}

/** `Mar 11`, with the year when it is another one. */
export function formatDay(iso: string, timeZone: string, now: string): string {
  const { month, day, year } = partsOf(iso, timeZone);
  return year === partsOf(now, timeZone).year ? `${month} ${day}` : `${month} ${day}, ${year}`;
}

/** `Mar 11, 2026` of a calendar day `YYYY-MM-DD`, which has no zone. */
export const formatDate = (date: string): string => {
  const { month, day, year } = partsOf(`${date}T12:00:00Z`, "UTC");
  return `${month} ${day}, ${year}`;
};

/** An age in one word: `now`, `12 min`, `32 h` below two days, then `12 d`. Never negative. */
export function formatAge(from: string, now: string): string {
  const minutes = Math.max(0, Math.floor((Date.parse(now) - Date.parse(from)) / 60_000));
  if (minutes === 0) return "now";
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

/** `just now`, `12 min ago`, `4 h ago`, `2 days ago`. */
export function formatAgo(from: string, now: string): string {
  const age = formatAge(from, now);
  if (age === "now") return "just now";
  return age.endsWith(" d") ? `${age.replace(" d", " days")} ago` : `${age} ago`;
}

/** `6 h 33 m` between two instants; `3 d 4 h` from two days on. */
export function formatBetween(from: string, to: string): string {
  const minutes = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 60_000));
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  if (hours === 0) return `${minutes} m`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} m`;
}

/** Whole years of a person born on `YYYY-MM-DD`, at the calendar day of `now` in the zone given. */
export function ageInYears(dateOfBirth: string, now: string, timeZone: string): number {
  const [year = 0, month = 1, day = 1] = dateOfBirth.split("-").map(Number);
  const today = new Date(dayNumber(now, timeZone) * 86_400_000);
  const hadBirthday =
    today.getUTCMonth() + 1 > month || (today.getUTCMonth() + 1 === month && today.getUTCDate() >= day);
  return today.getUTCFullYear() - year - (hadBirthday ? 0 : 1);
}

/** `$7,500`; cents only when there are any. */
export const formatMoney = (cents: number): string => formatCents(cents);

/** `(512) 555-0142` of a US number in E.164; other numbers as they are. Kept free of the phone library: it also runs in the browser. */
export function formatPhone(e164: string): string {
  const us = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(e164);
  return us ? `(${us[1]}) ${us[2]}-${us[3]}` : e164;
}

/** `1st`, `2nd`, `3rd`, `4th`, `11th`. */
export function ordinal(number: number): string {
  const tens = number % 100;
  const suffix = tens > 10 && tens < 14 ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th");
  return `${number}${suffix}`;
}

/** `1 lead`, `3 leads`; figures with thousands marks. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;

/** `once`, `twice`, `4 times`. */
export const timesOf = (count: number): string => (count === 1 ? "once" : count === 2 ? "twice" : `${count} times`);

/** `248`, or `10,000+` where counting stopped. */
export const cappedCount = ({ total, capped }: { total: number; capped: boolean }): string =>
  `${total.toLocaleString("en-US")}${capped ? "+" : ""}`;
