import { bailTypeOf } from "./bail";
import { parseWallTime, parseZonedWallTime } from "./local-time";
import { parseCents } from "./money";

const US_DAY = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})/;
const ISO_DAY = /^(\d{4})-(\d{2})-(\d{2})/;
const CLOCK = /^(?:T|,?\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?:\s*([AP])\.?M\.?)?/i;
const ZONE = /^(Z|[+-](?:0\d|1[0-4]):[0-5]\d|[CM][SD]T|UTC|GMT)$/i;

const two = (value: number | string): string => String(value).padStart(2, "0");

/** The day at the start of a cell in numbers, and what stands behind it. */
function dayOf(cell: string): { year: string; month: string; day: string; rest: string } | null {
  const iso = ISO_DAY.exec(cell);
  if (iso) return { year: iso[1] ?? "", month: iso[2] ?? "", day: iso[3] ?? "", rest: cell.slice(iso[0].length) };
  const us = US_DAY.exec(cell);
  if (us) return { year: us[3] ?? "", month: us[1] ?? "", day: us[2] ?? "", rest: cell.slice(us[0].length) };
  return null;
}

/** `YYYY-MM-DD` of `3/14/1990`, `03-14-1990` or `1990-03-14`, with midnight behind it too, as spreadsheets write days; null for anything else. */
export function readDay(cell: string): string | null {
  const parts = dayOf(cell.trim());
  if (!parts) return null;
  const { year, month, day, rest } = parts;
  if (rest.trim() !== "" && !/^(?:T|\s+)(?:0?0:00(?::00(?:\.0+)?)?|12:00(?::00)?\s*AM)$/i.test(rest)) return null;
  return parseWallTime(`${month}/${day}/${year}`) ? `${year}-${two(month)}-${two(day)}` : null;
}

/**
 * The instant, as ISO 8601 in UTC, of a day with or without a time: `8/9/2024 9:37 PM`, `8/9/2024 21:37`, `2024-08-09T21:37:00-05:00`, `... CDT`. Without a
 * zone it is read on the clocks of `zone`; a day alone is its midnight there. Null for anything else.
 */
export function readInstant(cell: string, zone: string): string | null {
  const parts = dayOf(cell.trim());
  if (!parts) return null;
  const clock = CLOCK.exec(parts.rest);
  const suffix = parts.rest.slice(clock?.[0].length ?? 0).trim();
  if (suffix !== "" && (!clock || !ZONE.test(suffix))) return null;
  const half = clock?.[4]?.toUpperCase();
  const hour = Number(clock?.[1] ?? 0);
  if (half ? hour < 1 || hour > 12 : hour > 23) return null;
  const hour24 = half ? (hour % 12) + (half === "P" ? 12 : 0) : hour;
  const printed = `${parts.month}/${parts.day}/${parts.year} ${hour24 % 12 || 12}:${clock?.[2] ?? "00"}:${clock?.[3] ?? "00"} ${hour24 < 12 ? "AM" : "PM"}`;
  const offset = /^[+-]/.test(suffix) ? suffix : null;
  const named = suffix.toUpperCase() === "Z" ? "UTC" : suffix;
  const at = parseZonedWallTime(printed, offset ? "UTC" : named, zone);
  if (!at) return null;
  return new Date(at.getTime() - (offset ? offsetMs(offset) : 0)).toISOString();
}

function offsetMs(offset: string): number {
  const [hours = 0, minutes = 0] = offset.slice(1).split(":").map(Number);
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** As long as ingest takes the words of a bail: its patterns look back over all of a text that does not end. */
const BAIL_CHARS = 80;

/** A cell that names an amount in dollars, or says in words that there is none: `$5,000.00`, `No bond`. Null when it says neither. */
export function readBail(cell: string): { cents: number } | { words: string } | null {
  if (cell.length > BAIL_CHARS) return null;
  const cents = parseCents(cell);
  if (cents !== null) return { cents };
  return bailTypeOf(cell) === "unknown" ? null : { words: cell.trim() };
}

/** The parts of a cell that holds several values, `;` between them. Empty parts keep their place unless nothing follows. */
export function listIn(cell: string): string[] {
  const parts = cell.split(";").map((part) => part.trim());
  while (parts.at(-1) === "") parts.pop();
  return parts;
}

/** True when a cell can only be a value: a day, an amount, an address, a number of digits. The first row of a file without headings is full of them. */
export const looksLikeValue = (cell: string): boolean =>
  readDay(cell) !== null || /^\$?[\d,.]+$/.test(cell.trim()) || isAddress(cell.trim()) || /(?:\d\D{0,2}){7}/.test(cell);

/** Without a choice of where its parts end: a pattern that tries every one takes the cube of the length. */
const isAddress = (cell: string): boolean => /^[^\s@]+@[^\s@]+$/.test(cell) && cell.includes(".", cell.indexOf("@"));
