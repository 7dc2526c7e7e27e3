import { type CalendarEvent, Refused } from "./event";
import { instancesOf, instantOf } from "./recurrence";
import type { Calendar, GoogleWorld } from "./world";

/** What does not go with a sync token. */
const FILTERS = [
  "iCalUID",
  "orderBy",
  "privateExtendedProperty",
  "sharedExtendedProperty",
  "q",
  "timeMin",
  "timeMax",
  "updatedMin",
];

type SyncToken = { calendarId: string; change: number; generation: number; asked: string };
type PageToken = { calendarId: string; offset: number; until: number; asked: string };

const seal = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function unseal<T extends { calendarId: string }>(text: string, calendar: Calendar, name: string): T {
  try {
    const value = JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as T;
    if (value.calendarId === calendar.id) return value;
  } catch {
    // A token that is none is refused like one of another calendar.
  }
  throw new Refused(400, "invalid", `Invalid ${name} value.`);
}

/** `GET /calendars/{id}/events`: pages, and the next sync token on the last of them. */
export function listEvents(world: GoogleWorld, calendar: Calendar, query: URLSearchParams): Record<string, unknown> {
  const syncText = query.get("syncToken");
  const pageText = query.get("pageToken");
  const asked = canonical(query);
  if (syncText !== null) requireNoFilter(query);
  const sync = syncText === null ? null : unseal<SyncToken>(syncText, calendar, "sync token");
  if (sync && sync.generation < world.generation)
    throw new Refused(410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.");
  if (sync && sync.asked !== asked) throw new Refused(400, "badRequest", "Sync token was made with other parameters.");
  const page = pageText === null ? null : unseal<PageToken>(pageText, calendar, "page token");
  if (page && page.asked !== canonical(query, ["syncToken"]))
    throw new Refused(400, "invalid", "Invalid page token value.");
  // What changes while somebody turns the pages comes with the next sync.
  const until = page?.until ?? calendar.changes;
  const offset = page?.offset ?? 0;
  const found = itemsOf(calendar, query, sync, until);
  const size = Math.min(Number(query.get("maxResults") ?? 250), 2500, world.pageSize);
  const isLast = offset + size >= found.length;
  const common = { calendarId: calendar.id };
  const hasFilter = FILTERS.some((name) => query.has(name) && name !== "timeMin" && name !== "timeMax");
  return {
    kind: "calendar#events",
    etag: `"p${calendar.changes}"`,
    summary: calendar.name,
    timeZone: calendar.timeZone,
    updated: world.now().toISOString(),
    items: found.slice(offset, offset + size),
    ...(isLast
      ? {}
      : { nextPageToken: seal({ ...common, offset: offset + size, until, asked: canonical(query, ["syncToken"]) }) }),
    ...(isLast && !hasFilter
      ? { nextSyncToken: seal({ ...common, change: until, generation: world.generation, asked }) }
      : {}),
  };
}

function requireNoFilter(query: URLSearchParams): void {
  const wrong = FILTERS.find((name) => query.has(name));
  if (wrong) throw new Refused(400, "badRequest", `The sync token cannot be used with ${wrong}.`);
  if (query.get("showDeleted") === "false")
    throw new Refused(400, "badRequest", "The sync token shows deleted events.");
}

/** The question without what says where in the answer we are. */
function canonical(query: URLSearchParams, kept: string[] = []): string {
  const left = [...query].filter(
    ([name]) => kept.includes(name) || !["pageToken", "syncToken", "maxResults"].includes(name),
  );
  return JSON.stringify(left.sort());
}

function itemsOf(calendar: Calendar, query: URLSearchParams, sync: SyncToken | null, until: number): unknown[] {
  const isSingle = query.get("singleEvents") === "true";
  return [...calendar.events.values()]
    .filter((event) => event.change > (sync?.change ?? 0) && (sync === null || event.change <= until))
    .flatMap((event) => (isSingle ? instancesOf(event, calendar.timeZone) : [event]))
    .filter((event) => event.status !== "cancelled" || sync !== null || query.get("showDeleted") === "true")
    .filter((event) => isAskedFor(event, query, calendar))
    .map((event) => (event.status === "cancelled" && sync ? bare(event) : shown(event)));
}

function isAskedFor(event: CalendarEvent, query: URLSearchParams, { timeZone }: Calendar): boolean {
  for (const pair of query.getAll("privateExtendedProperty")) {
    const [name = "", value = ""] = pair.split("=");
    if (event.extendedProperties?.private?.[name] !== value) return false;
  }
  const [timeMin, timeMax] = [query.get("timeMin"), query.get("timeMax")];
  if (timeMin && event.end && instantOf(event.end, timeZone) <= new Date(timeMin)) return false;
  return !(timeMax && event.start && instantOf(event.start, timeZone) >= new Date(timeMax));
}

/** Of a deleted event nothing but this is promised. */
const bare = ({ id, status }: CalendarEvent) => ({ kind: "calendar#event", id, status });

/** As the API shows an event. */
export const shown = ({ change: _ours, ...event }: CalendarEvent) => ({ kind: "calendar#event", ...event });
