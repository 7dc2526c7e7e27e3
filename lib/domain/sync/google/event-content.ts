import { z } from "zod";
import { isTimeZone } from "@/lib/core/local-time";
import { sha256 } from "@/lib/core/secret";
import type { GoogleAccess, GoogleEvent, GoogleEventBody } from "@/lib/integrations/google-calendar";

/** The id of a consultation's event in any calendar: hex is inside the alphabet that Google takes, and nobody makes the same by chance. */
export const eventIdOf = (tenantId: string, consultationId: string): string => sha256(`${tenantId}|${consultationId}`);

/** The calendar that consultations stand in. The account's own has two names; one of them is enough. */
export const calendarIdOf = ({ accountId, settings }: Pick<GoogleAccess, "accountId" | "settings">): string =>
  settings.calendarId && settings.calendarId !== accountId ? settings.calendarId : "primary";

/** What an event says, and the digest by which an unchanged one is known. */
export type EventContent = {
  calendarId: string;
  body: Omit<GoogleEventBody, "attendees" | "status" | "extendedProperties" | "reminders">;
  startsAt: Date;
  endsAt: Date;
  /** Whom Google invites; null for nobody. */
  attendee: string | null;
  hash: string;
};

type Facts = {
  calendarId: string;
  lead: { firstName: string | null; lastName: string | null; name: string };
  leadUrl: string;
  startsAt: Date;
  endsAt: Date;
  timeZone: string;
  location: string | null;
  joinUrl: string | null;
  attendee: string | null;
};

/**
 * What stands in the calendar of a consultation. Calendars are shared and shown on phones: a name and where to meet, and never what somebody is charged with. Whoever
 * is invited reads the description too, so then it does not name the lead's page.
 */
export function contentOf(facts: Facts): EventContent {
  const { calendarId, lead, leadUrl, startsAt, endsAt, location, joinUrl, attendee } = facts;
  const name = lead.lastName ? [lead.lastName, lead.firstName].filter(Boolean).join(", ") : lead.name;
  const timeZone = zoneOr(facts.timeZone, "UTC");
  const lines = [
    ...(attendee ? [] : [`Lead: ${leadUrl}`]),
    ...(joinUrl ? [`Video: ${joinUrl}`] : []),
    ...(joinUrl && location ? [`Place: ${location}`] : []),
  ];
  const body = {
    summary: `Consultation: ${name}`,
    description: lines.join("\n"),
    location: joinUrl ?? location ?? "",
    start: { dateTime: startsAt.toISOString(), timeZone },
    end: { dateTime: endsAt.toISOString(), timeZone },
  };
  const hash = sha256(JSON.stringify([calendarId, body, attendee]));
  return { calendarId, body, startsAt, endsAt, attendee, hash };
}

/** What is kept of an event with its link. */
const Details = z.object({
  /** Where it stands. */
  calendarId: z.string().optional(),
  /** What we last wrote. */
  startsAt: z.string().optional(),
  endsAt: z.string().optional(),
  /** Somebody moved it there. */
  movedTo: z.object({ startsAt: z.string(), endsAt: z.string() }).optional(),
  /** Somebody deleted it there. */
  removedThere: z.boolean().optional(),
  /** Digest of the address that was invited. */
  invited: z.string().optional(),
});
export type EventDetails = z.infer<typeof Details>;

/** The details of a link; none when they are not readable. */
export const detailsOf = (value: unknown): EventDetails => Details.safeParse(value).data ?? {};

/** Whether an event carries the private properties that only we give it. */
export function carriesOurMark(event: GoogleEvent, tenantId: string, consultationId: string): boolean {
  const marks = event.extendedProperties?.private;
  return marks?.tenantId === tenantId && marks.consultationId === consultationId;
}

/** The consultation that an event says it stands for: of this firm, under the very id that we give. A copy of our event is somebody's own. */
export function markedConsultation(event: GoogleEvent, tenantId: string): string | null {
  const id = event.extendedProperties?.private?.consultationId;
  return id && carriesOurMark(event, tenantId, id) && event.id === eventIdOf(tenantId, id) ? id : null;
}

/** An IANA zone that this machine knows, else the other one. */
export function zoneOr(zone: string | undefined, other: string): string {
  return zone && isTimeZone(zone) ? zone : other;
}
