import { z } from "zod";
import { callGoogle, type GoogleAccess, readAs } from "./google-calendar-request";

export type { GoogleAccess } from "./google-calendar-request";

const text = z.string().optional();
const Moment = z.object({ date: text, dateTime: text, timeZone: text });

const Event = z.object({
  id: z.string().min(1).max(1024),
  // A deleted event may come with nothing but its id and this.
  status: text,
  etag: text,
  updated: text,
  summary: text,
  description: text,
  location: text,
  start: Moment.optional(),
  end: Moment.optional(),
  transparency: text,
  extendedProperties: z.object({ private: z.record(z.string(), z.string()).optional() }).optional(),
  // Kept whole: a list of guests is written back as it came.
  attendees: z.array(z.looseObject({ email: text, self: z.boolean().optional(), responseStatus: text })).optional(),
});
/** An event as Google has it. `etag` is there unless the event was deleted. */
export type GoogleEvent = z.infer<typeof Event>;
/** When an event begins or ends: a `date` (all day) or a `dateTime`. */
export type GoogleMoment = z.infer<typeof Moment>;

const Calendar = z.object({
  id: z.string().min(1),
  summary: z.string().default(""),
  summaryOverride: text,
  timeZone: text,
  accessRole: text,
  primary: z.boolean().optional(),
});

const CalendarPage = z.object({ items: z.array(Calendar).default([]), nextPageToken: text });

const EventPage = z.object({
  items: z.array(Event).default([]),
  timeZone: text,
  nextPageToken: text,
  nextSyncToken: text,
});
/** A page of events. `nextSyncToken` is on the last one only; `timeZone` is the calendar's own. */
export type GoogleEventPage = z.infer<typeof EventPage>;

const Channel = z.object({ id: z.string(), resourceId: z.string(), expiration: z.coerce.number().optional() });

/** What we write into an event. */
export type GoogleEventBody = {
  summary: string;
  description: string;
  location: string;
  start: { dateTime: string; timeZone: string };
  end: { dateTime: string; timeZone: string };
  extendedProperties: { private: Record<string, string> };
  reminders: { useDefault: true };
  attendees?: { email?: string | undefined; [field: string]: unknown }[];
  status?: "confirmed";
};

/** Whom Google tells of a change. */
export type SendUpdates = "none" | "all";

/** Who we speak for: the address of the primary calendar, which is the account's own. */
export async function identify(
  access: GoogleAccess,
): Promise<{ accountId: string; label: string; settings: Record<string, string> }> {
  const reply = await callGoogle(access, { path: ["users", "me", "calendarList", "primary"] });
  const { id } = readAs(Calendar, reply);
  return { accountId: id, label: id, settings: {} };
}

/** The calendars that the account may write to, the primary one first. */
export async function listCalendars(
  access: GoogleAccess,
): Promise<{ id: string; name: string; timeZone: string | null; isPrimary: boolean }[]> {
  const found: z.infer<typeof Calendar>[] = [];
  let pageToken: string | undefined;
  // Nobody writes to thousands of calendars; a list without end is not followed.
  for (let pages = 0; pages < 10; pages += 1) {
    const query = { minAccessRole: "writer", maxResults: "250", pageToken };
    const page = readAs(CalendarPage, await callGoogle(access, { path: ["users", "me", "calendarList"], query }));
    found.push(...page.items);
    pageToken = page.nextPageToken;
    if (!pageToken) break;
  }
  return found
    .map(({ id, summary, summaryOverride, timeZone, primary }) => ({
      id,
      name: summaryOverride || summary || id,
      timeZone: timeZone ?? null,
      isPrimary: primary === true,
    }))
    .sort((a, b) => Number(b.isPrimary) - Number(a.isPrimary));
}

/**
 * One page of a calendar's events, recurring ones as single instances: all of them, or with a `syncToken` those that changed since. Both ask the same
 * question, as Google requires; the filters that do not go with a token are never sent.
 */
export async function listEvents(
  access: GoogleAccess,
  { calendarId, syncToken, pageToken }: { calendarId: string; syncToken?: string; pageToken?: string },
): Promise<GoogleEventPage> {
  const query = { singleEvents: "true", maxResults: "250", syncToken, pageToken };
  return readAs(EventPage, await callGoogle(access, { path: eventsOf(calendarId), query, timeoutMs: 30_000 }));
}

/** The events of a calendar that carry these private properties, one page. Deleted ones are left out. */
export async function findEvents(
  access: GoogleAccess,
  {
    calendarId,
    property,
    timeMin,
    pageToken,
  }: { calendarId: string; property: string; timeMin: Date; pageToken?: string },
): Promise<GoogleEventPage> {
  const query = {
    privateExtendedProperty: property,
    singleEvents: "true",
    timeMin: timeMin.toISOString(),
    maxResults: "250",
    pageToken,
  };
  return readAs(EventPage, await callGoogle(access, { path: eventsOf(calendarId), query, timeoutMs: 30_000 }));
}

/** Makes an event under an id of our own. A 409 (`duplicate`) says that the id is taken, maybe by an event that was deleted. */
export async function insertEvent(
  access: GoogleAccess,
  {
    calendarId,
    id,
    body,
    sendUpdates,
  }: { calendarId: string; id: string; body: GoogleEventBody; sendUpdates: SendUpdates },
): Promise<GoogleEvent> {
  const call = { method: "POST", path: eventsOf(calendarId), query: { sendUpdates }, body: { id, ...body } } as const;
  return readAs(Event, await callGoogle(access, call));
}

/** An event, a deleted one too (its status is `cancelled`); null when there never was one. */
export async function getEvent(
  access: GoogleAccess,
  { calendarId, id }: { calendarId: string; id: string },
): Promise<GoogleEvent | null> {
  try {
    return readAs(Event, await callGoogle(access, { path: [...eventsOf(calendarId), id] }));
  } catch (error) {
    if (isStatus(error, 404)) return null;
    throw error;
  }
}

/** Changes what the body names and leaves the rest, only if the event is still as the etag says (412 otherwise). */
export async function patchEvent(
  access: GoogleAccess,
  change: {
    calendarId: string;
    id: string;
    etag: string | undefined;
    body: Partial<GoogleEventBody>;
    sendUpdates: SendUpdates;
  },
): Promise<GoogleEvent> {
  const { calendarId, id, etag, body, sendUpdates } = change;
  const path = [...eventsOf(calendarId), id];
  return readAs(
    Event,
    await callGoogle(access, { method: "PATCH", path, query: { sendUpdates }, body, ifMatch: etag }),
  );
}

/** Deletes an event, only if it is still as the etag says (412 otherwise). One that is gone already counts as deleted. */
export async function deleteEvent(
  access: GoogleAccess,
  {
    calendarId,
    id,
    etag,
    sendUpdates,
  }: { calendarId: string; id: string; etag: string | undefined; sendUpdates: SendUpdates },
): Promise<void> {
  try {
    const path = [...eventsOf(calendarId), id];
    await callGoogle(access, { method: "DELETE", path, query: { sendUpdates }, ifMatch: etag });
  } catch (error) {
    if (!isStatus(error, 404) && !isStatus(error, 410)) throw error;
  }
}

/** Asks Google to tell `address` when the calendar changes. `expiresAt` is Google's word, else what we asked for. */
export async function watchEvents(
  access: GoogleAccess,
  channel: { calendarId: string; id: string; address: string; token: string; expiresAt: Date },
): Promise<{ resourceId: string; expiresAt: Date }> {
  const { calendarId, id, address, token, expiresAt } = channel;
  const body = { id, type: "web_hook", address, token, expiration: String(expiresAt.getTime()) };
  const call = { method: "POST", path: [...eventsOf(calendarId), "watch"], body } as const;
  const { resourceId, expiration } = readAs(Channel, await callGoogle(access, call));
  return { resourceId, expiresAt: expiration === undefined ? expiresAt : new Date(expiration) };
}

/** Ends a channel. One that is gone already counts as ended. */
export async function stopChannel(access: GoogleAccess, body: { id: string; resourceId: string }): Promise<void> {
  try {
    await callGoogle(access, { method: "POST", path: ["channels", "stop"], body });
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}

/** True when Google refused with this status. */
export const isStatus = (error: unknown, status: number): boolean =>
  error instanceof Error && "status" in error && error.status === status;

const eventsOf = (calendarId: string): string[] => ["calendars", calendarId, "events"];
