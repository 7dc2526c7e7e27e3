import type { Appointment } from "../acuity/appointment";
import { ACUITY_ACCOUNTS, type Account } from "../acuity/world";
import type { CalendarEvent } from "../google/event";
import type { Lead } from "../zoho/org";
import { ZOOM_ACCOUNTS } from "../zoom/world";
import { NotThere, type Stage } from "./day";

const HOUR = 3_600_000;

const OFFICE = ACUITY_ACCOUNTS[0] as Account;
/** The host of every meeting. */
export const HOST = { name: "Dana Counsel", isHost: true, id: ZOOM_ACCOUNTS[0].userId };

/** Everybody of a day, each with a number of their own. Nobody of them exists. */
const PEOPLE = {
  Ada: "0101",
  Ben: "0102",
  Cleo: "0103",
  Dora: "0104",
  Eli: "0105",
  Faye: "0106",
  Gwen: "0107",
} as const;
export type Name = keyof typeof PEOPLE;

export const emailOf = (name: Name): string => `${name.toLowerCase()}@example.com`;

/** Somebody books for so many hours after the next full hour. */
export function book({ worlds: { acuity } }: Stage, name: Name, hours: number): void {
  const next = Math.ceil(acuity.now().getTime() / HOUR) * HOUR;
  bookAt({ worlds: { acuity } } as Stage, name, new Date(next + hours * HOUR));
}

export function bookAt({ worlds: { acuity } }: Stage, name: Name, startsAt: Date): void {
  acuity.book(OFFICE, {
    startsAt,
    firstName: name,
    lastName: "Fictus",
    email: emailOf(name),
    phone: `(512) 555-${PEOPLE[name]}`,
  });
}

/** Somebody's appointment, the one that was booked last. */
export function appointmentOf({ worlds: { acuity } }: Stage, name: Name): Appointment {
  const found = acuity
    .list(OFFICE)
    .filter(({ firstName }) => firstName === name)
    .toSorted((a, b) => b.id - a.id)[0];
  if (!found) throw new NotThere(`${name} has not booked: play the steps in their order.`);
  return found;
}

/** The meeting that the product made for somebody. */
export function meetingOf(stage: Stage, name: Name): string {
  const startsAt = appointmentOf(stage, name).startsAt.getTime();
  const found = [...stage.worlds.zoom.meetings.values()].find((each) => Date.parse(each.start_time) === startsAt);
  if (!found) throw new NotThere(`There is no meeting for ${name} yet: connect Zoom, or wait for a moment.`);
  return found.id;
}

/** The event that the product wrote for somebody. */
export function eventOf({ worlds: { google } }: Stage, name: Name): CalendarEvent {
  const found = [...google.calendar().events.values()].find(
    ({ summary, status }) => status !== "cancelled" && summary?.includes(name),
  );
  if (!found) throw new NotThere(`There is no event for ${name} yet: connect Google Calendar, or wait for a moment.`);
  return found;
}

/** The record that the product wrote for somebody. */
export function recordOf({ worlds: { zoho } }: Stage, name: Name): Lead {
  const found = zoho.org().findBy("Email", emailOf(name));
  if (!found) throw new NotThere(`There is no lead ${name} yet: connect Zoho CRM, or wait for a moment.`);
  return found;
}

/** An event an hour or so later, as somebody drags it. */
export function shifted({ start, end }: CalendarEvent, minutes: number): Pick<CalendarEvent, "start" | "end"> {
  const later = (at: string | undefined) => new Date(Date.parse(at ?? "") + minutes * 60_000).toISOString();
  return {
    start: { ...start, dateTime: later(start?.dateTime) },
    end: { ...end, dateTime: later(end?.dateTime) },
  };
}
