/** Minutes to add to UTC for each zone suffix that Texas courts print. */
const SUFFIX_MINUTES: Readonly<Record<string, number>> = { CST: -360, CDT: -300, MST: -420, MDT: -360, UTC: 0, GMT: 0 };

const WALL = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AP])\.?M\.?)?$/i;

/** A wall-clock reading without a zone, as printed: `8/9/2024 9:37:00 AM`. The month is 1 to 12. */
export type WallTime = { year: number; month: number; day: number; hour: number; minute: number; second: number };

/** The parts of a printed date-time (midnight when only a date is printed), or null when it names no real day or time. */
export function parseWallTime(printed: string): WallTime | null {
  const match = WALL.exec(printed.replace(/\s+/g, " ").trim());
  if (!match) return null;
  const number = (group: number, absent = 0): number => (match[group] === undefined ? absent : Number(match[group]));
  const hour12 = number(4, 12);
  const afternoon = match[7]?.toUpperCase() === "P";
  const wall = {
    year: number(3),
    month: number(1),
    day: number(2),
    hour: (hour12 % 12) + (afternoon ? 12 : 0),
    minute: number(5),
    second: number(6),
  };
  const real = new Date(wallMs(wall));
  const isReal =
    real.getUTCMonth() + 1 === wall.month &&
    real.getUTCDate() === wall.day &&
    hour12 >= 1 &&
    hour12 <= 12 &&
    wall.minute < 60 &&
    wall.second < 60 &&
    wall.year >= 1900;
  return isReal ? wall : null;
}

const wallMs = (wall: WallTime): number =>
  Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second);

/**
 * The instant of a printed local time. The printed suffix decides (`CDT`, `CST`, `MDT`, `MST`), so that the repeated hour of an
 * autumn night is two different instants and a time inside the spring gap still means one: `3/8/2026 2:30:00 AM CST` is 08:30
 * UTC, which clocks showed as 3:30 AM CDT. Without a suffix the county's zone decides: a time in the gap moves forward by the hour that was
 * skipped, and a repeated time is its first occurrence. Null when the text is no date-time or the suffix is unknown.
 */
export function parseZonedWallTime(printed: string, suffix: string, fallbackZone = "America/Chicago"): Date | null {
  const wall = parseWallTime(printed);
  if (!wall) return null;
  const zone = suffix.trim().toUpperCase();
  if (zone === "") return fromWallTime(wall, fallbackZone);
  const minutes = SUFFIX_MINUTES[zone];
  return minutes === undefined ? null : new Date(wallMs(wall) - minutes * 60_000);
}

/** The instant at which clocks of an IANA zone showed this reading; gap and fold as in `parseZonedWallTime`. */
export function fromWallTime(wall: WallTime, zone: string): Date {
  const asUtc = wallMs(wall);
  // The offsets a day before and a day after are the only two in question: no zone of ours changes twice within two days.
  const before = offsetMs(new Date(asUtc - 86_400_000), zone);
  const after = offsetMs(new Date(asUtc + 86_400_000), zone);
  for (const offset of [before, after]) {
    const candidate = new Date(asUtc - offset);
    if (offsetMs(candidate, zone) === offset) return candidate;
  }
  return new Date(asUtc - before);
}

/** The instant at which a day `YYYY-MM-DD` begins on clocks of an IANA zone; `plusDays` later. */
export function startOfDay(day: string, zone: string, plusDays = 0): Date {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const at = new Date(Date.UTC(year, month - 1, date + plusDays));
  const wall = {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: 0,
    minute: 0,
    second: 0,
  };
  return fromWallTime(wall, zone);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** The wall-clock reading of an instant in an IANA zone. */
export function toWallTime(instant: Date, zone: string): WallTime {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formatters.set(zone, formatter);
  }
  const parts = new Map(formatter.formatToParts(instant).map((part) => [part.type, Number(part.value)]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  return {
    year: part("year"),
    month: part("month"),
    day: part("day"),
    hour: part("hour"),
    minute: part("minute"),
    second: part("second"),
  };
}

/** The calendar day, `YYYY-MM-DD`, of an instant in an IANA zone. */
export function localDate(instant: Date, zone: string): string {
  const { year, month, day } = toWallTime(instant, zone);
  return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

function offsetMs(instant: Date, zone: string): number {
  return wallMs(toWallTime(instant, zone)) - Math.floor(instant.getTime() / 1000) * 1000;
}

/** True for an IANA zone that this machine knows. */
export function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en-US", { timeZone: name }));
  } catch {
    return false;
  }
}
