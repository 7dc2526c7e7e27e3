import { type Clock, systemClock } from "@/lib/core/clock";
import { CONNECTORS } from "@/lib/core/connectors";
import { OAuthServer } from "../oauth/oauth-server";
import { OAUTH_PRESETS } from "../oauth/presets";
import { Channels } from "./channels";
import { type CalendarEvent, Refused } from "./event";
import { checkEvent } from "./event-rules";

/** A calendar and its events, deleted ones included: an id is never free again. */
export type Calendar = {
  id: string;
  name: string;
  timeZone: string;
  /** The account whose it is. */
  owner: string;
  /** Every change has a number; sync tokens count by it. */
  changes: number;
  events: Map<string, CalendarEvent>;
};

const ACCOUNTS = [
  { id: "office@smithlaw.example", label: "Smith Law Office (office@smithlaw.example)" },
  { id: "team@riverbend.example", label: "Riverbend Defense (team@riverbend.example)" },
];

/** What is asked of an event that somebody adds, moves or edits by hand. */
type EventFields = Record<string, unknown>;

/** Google Calendar as the stand-in knows it; everything is forgotten by `reset`. */
export class GoogleWorld {
  readonly oauth = new OAuthServer({
    ...OAUTH_PRESETS.google,
    accounts: ACCOUNTS,
    scopes: CONNECTORS.google.scopes.map(({ scope }) => scope),
  });
  readonly channels = new Channels();
  readonly calendars = new Map<string, Calendar>();
  /** To whom an invitation, a change or a cancellation was mailed. */
  readonly mails: { calendarId: string; eventId: string; to: string; about: "created" | "updated" | "cancelled" }[] =
    [];
  /** Sync tokens of an older generation are gone (410). */
  generation = 0;
  /** The greatest page, smaller than the real one, so that a test needs no hundreds of events. */
  pageSize = 250;
  /** "Calendar usage limits exceeded": writing is refused for hours. */
  isUsageLimited = false;
  #clock: Clock = systemClock;
  #made = 0;

  constructor() {
    this.reset();
  }

  tellTime(clock: Clock): void {
    this.#clock = clock;
    this.oauth.setClock(clock);
    this.channels.tellTime(clock);
  }

  now(): Date {
    return this.#clock.now();
  }

  reset(): void {
    this.calendars.clear();
    this.channels.reset();
    this.oauth.reset();
    this.mails.length = 0;
    this.generation = 0;
    this.pageSize = 250;
    this.isUsageLimited = false;
    for (const { id } of ACCOUNTS) {
      this.addCalendar({ id, name: id, owner: id });
      this.addCalendar({
        id: `consultations-${id.split("@")[0]}@group.calendar.example`,
        name: "Consultations",
        owner: id,
      });
    }
  }

  addCalendar({
    timeZone = "America/Chicago",
    ...rest
  }: Pick<Calendar, "id" | "name" | "owner"> & { timeZone?: string }) {
    const calendar: Calendar = { ...rest, timeZone, changes: 0, events: new Map() };
    this.calendars.set(calendar.id, calendar);
    return calendar;
  }

  /** The calendar that an account means by an id or by `primary`. */
  calendarOf(account: string, id: string): Calendar {
    const calendar = this.calendars.get(id === "primary" ? account : id);
    if (!calendar || calendar.owner !== account) throw new Refused(404, "notFound", "Not Found");
    return calendar;
  }

  /** By id alone, for the control plane; the first account's primary one without an id. */
  calendar(id: string = ACCOUNTS[0]?.id ?? ""): Calendar {
    const calendar = this.calendars.get(id);
    if (!calendar) throw new Refused(404, "notFound", "Not Found");
    return calendar;
  }

  find(calendar: Calendar, id: string): CalendarEvent {
    const event = calendar.events.get(id);
    if (!event) throw new Refused(404, "notFound", "Not Found");
    return event;
  }

  insert(calendar: Calendar, fields: EventFields, sendUpdates = "none"): CalendarEvent {
    checkEvent(fields);
    const id = typeof fields.id === "string" ? fields.id : `theirs${(this.#made++).toString(32).padStart(8, "0")}`;
    // A deleted event keeps its id.
    if (calendar.events.has(id)) throw new Refused(409, "duplicate", "The requested identifier already exists.");
    return this.#store(calendar, { ...fields, id, status: "confirmed" } as CalendarEvent, {
      sendUpdates,
      about: "created",
    });
  }

  /** Merges the fields in; null takes one away. */
  patch(
    calendar: Calendar,
    id: string,
    fields: EventFields,
    { ifMatch, sendUpdates = "none" }: Sent = {},
  ): CalendarEvent {
    const old = this.find(calendar, id);
    requireMatch(old, ifMatch);
    const merged = Object.fromEntries(Object.entries({ ...old, ...fields, id }).filter(([, value]) => value !== null));
    if (merged.status !== "cancelled") checkEvent(merged);
    return this.#store(calendar, merged as CalendarEvent, { sendUpdates, about: "updated" });
  }

  remove(calendar: Calendar, id: string, { ifMatch, sendUpdates = "none" }: Sent = {}): void {
    const old = this.find(calendar, id);
    if (old.status === "cancelled") throw new Refused(410, "deleted", "Resource has been deleted");
    requireMatch(old, ifMatch);
    this.#store(calendar, { ...old, status: "cancelled" }, { sendUpdates, about: "cancelled" });
  }

  #store(
    calendar: Calendar,
    fields: CalendarEvent,
    mail: { sendUpdates: string; about: "created" | "updated" | "cancelled" },
  ) {
    calendar.changes += 1;
    const updated = this.now();
    const event: CalendarEvent = {
      ...fields,
      change: calendar.changes,
      etag: `"${updated.getTime()}${String(calendar.changes).padStart(4, "0")}"`,
      updated: updated.toISOString(),
      organizer: fields.organizer ?? { email: calendar.owner, self: true },
    };
    calendar.events.set(event.id, event);
    if (mail.sendUpdates !== "none") {
      for (const { email } of event.attendees ?? [])
        if (email) this.mails.push({ calendarId: calendar.id, eventId: event.id, to: email, about: mail.about });
    }
    this.channels.tell(calendar.id);
    return event;
  }
}

type Sent = { ifMatch?: string | undefined; sendUpdates?: string | undefined };

function requireMatch(event: CalendarEvent, ifMatch: string | undefined): void {
  if (ifMatch !== undefined && ifMatch !== event.etag && ifMatch !== "*")
    throw new Refused(412, "conditionNotMet", "Precondition Failed");
}
