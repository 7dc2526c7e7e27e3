import { isTimeZone } from "@/lib/core/local-time";
import { Refused } from "./event";

const CLIENT_ID = /^[a-v0-9]{5,1024}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

const invalid = (message: string) => new Refused(400, "invalid", message);

/** What Google refuses in an event. */
export function checkEvent(fields: Record<string, unknown>): void {
  const { id, iCalUID, summary } = fields;
  if (id !== undefined && iCalUID !== undefined) throw invalid("Send id or iCalUID, not both.");
  if (id !== undefined && (typeof id !== "string" || !CLIENT_ID.test(id))) throw invalid("Invalid resource id value.");
  if (summary !== undefined && typeof summary !== "string") throw invalid("Invalid summary.");
  const start = momentOf(fields.start, "start");
  const end = momentOf(fields.end, "end");
  if (start.isDay !== end.isDay) throw invalid("The start and end times must either both be date or both be dateTime.");
  if (end.at < start.at) throw new Refused(400, "timeRangeEmpty", "The specified time range is empty.");
}

function momentOf(value: unknown, name: string): { at: number; isDay: boolean } {
  const { date, dateTime, timeZone } = (value ?? {}) as Record<string, unknown>;
  if (typeof timeZone === "string" && !isTimeZone(timeZone))
    throw invalid(`Invalid time zone definition for ${name} time.`);
  if (typeof date === "string" && DAY.test(date)) return { at: Date.parse(`${date}T00:00:00Z`), isDay: true };
  const at = typeof dateTime === "string" ? Date.parse(dateTime) : Number.NaN;
  if (Number.isNaN(at)) throw new Refused(400, "required", `Missing ${name} time.`);
  return { at, isDay: false };
}
