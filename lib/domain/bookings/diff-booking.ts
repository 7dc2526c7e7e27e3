import type { BookingFacts } from "@/lib/core/consultation";
import type { AnyEvent } from "../events/catalog";

const DETAILS = [
  "timeZone",
  "kind",
  "calendarName",
  "location",
  "joinUrl",
  "notes",
  "priceCents",
  "isPaid",
  "bookedAt",
] as const satisfies readonly (keyof BookingFacts)[];

type Of = { consultationId: string; leadId: string };

const STATE_EVENTS = {
  scheduled: "consultation.reinstated",
  canceled: "consultation.canceled",
  no_show: "consultation.no_show",
} as const;

const lengthOf = ({ startsAt, endsAt }: BookingFacts) => endsAt.getTime() - startsAt.getTime();

/** What happened when a booking is seen for the first time: one that is over was booked before. Pure. */
export function firstSight(seen: BookingFacts, origin: "acuity" | "firm", { consultationId, leadId }: Of): AnyEvent[] {
  const data = { consultationId, origin, startsAt: seen.startsAt.toISOString() };
  const booked: AnyEvent = { type: "consultation.booked", leadId, data };
  if (seen.state === "scheduled") return [booked];
  return [booked, { type: STATE_EVENTS[seen.state], leadId, data: { consultationId } }];
}

/**
 * What happened between two looks at a booking: another hour, another state, other details, in this order. Whether the person's own data changed is the
 * caller's to say. Pure.
 */
export function diffBooking(
  before: BookingFacts,
  seen: BookingFacts,
  { consultationId, leadId }: Of,
  isSamePerson = true,
): AnyEvent[] {
  const events: AnyEvent[] = [];
  if (before.startsAt.getTime() !== seen.startsAt.getTime()) {
    const data = { consultationId, from: before.startsAt.toISOString(), to: seen.startsAt.toISOString() };
    events.push({ type: "consultation.moved", leadId, data });
  }
  if (before.state !== seen.state) {
    events.push({ type: STATE_EVENTS[seen.state], leadId, data: { consultationId } });
  }
  const fields: string[] = DETAILS.filter((field) => plain(before[field]) !== plain(seen[field]));
  if (lengthOf(before) !== lengthOf(seen)) fields.push("duration");
  if (!isSamePerson) fields.push("person");
  if (fields.length > 0) events.push({ type: "consultation.changed", leadId, data: { consultationId, fields } });
  return events;
}

const plain = (value: BookingFacts[keyof BookingFacts]) => (value instanceof Date ? value.getTime() : value);
