import { VendorError } from "@/lib/core/errors";
import {
  deleteEvent,
  type GoogleAccess,
  type GoogleEvent,
  type GoogleEventBody,
  getEvent,
  insertEvent,
  isStatus,
  patchEvent,
  type SendUpdates,
} from "@/lib/integrations/google-calendar";
import { blindIndex } from "@/lib/platform/crypto";
import type { LinkRow } from "../links";
import { intervalOf } from "./busy-interval";
import { carriesOurMark, type EventContent, type EventDetails } from "./event-content";

/** What is to be written for a consultation: an event with this content, or none. */
export type Writing = {
  tenantId: string;
  consultationId: string;
  eventId: string;
  link: Pick<LinkRow, "externalId" | "etag" | "state">;
  details: EventDetails;
  wanted: EventContent | null;
};

/** What came of it. `event`: as it stands there now, null when there is none. */
export type Written = { action: "created" | "updated" | "removed"; event: GoogleEvent | null; reads: number };

/** Makes, changes or removes the one event of a consultation. An event that does not carry our mark is never touched. */
export async function writeEvent(access: GoogleAccess, writing: Writing): Promise<Written> {
  const { link, details, wanted } = writing;
  const standsIn = link.externalId === null ? undefined : details.calendarId;
  if (!wanted) return { action: "removed", event: null, reads: standsIn ? await remove(access, writing, standsIn) : 0 };
  if (standsIn === undefined) return insert(access, writing, wanted);
  if (standsIn !== wanted.calendarId) {
    // The firm chose another calendar: one event of a consultation, not two.
    const reads = await remove(access, writing, standsIn);
    const written = await insert(access, writing, wanted);
    return { ...written, reads: written.reads + reads };
  }
  // A deleted one is not where its etag was, and a list of guests is theirs as well as ours: both are looked at first.
  if (link.state === "removed" || link.etag === null || wanted.attendee) return lookAndWrite(access, writing, wanted);
  try {
    const body = details.movedTo && isTimeAsWritten(wanted, details) ? withoutTimes(wanted.body) : wanted.body;
    const event = await patchEvent(access, { ...placeOf(writing, wanted), etag: link.etag, body });
    return { action: "updated", event, reads: 0 };
  } catch (error) {
    if (isStatus(error, 412) || isStatus(error, 404) || isStatus(error, 410))
      return lookAndWrite(access, writing, wanted);
    throw error;
  }
}

const placeOf = (
  { eventId: id }: Writing,
  { calendarId, attendee }: Pick<EventContent, "calendarId" | "attendee">,
): { calendarId: string; id: string; sendUpdates: SendUpdates } => ({
  calendarId,
  id,
  sendUpdates: attendee ? "all" : "none",
});

async function insert(access: GoogleAccess, writing: Writing, wanted: EventContent): Promise<Written> {
  const { tenantId, consultationId } = writing;
  const body: GoogleEventBody = {
    ...wanted.body,
    extendedProperties: { private: { tenantId, consultationId } },
    reminders: { useDefault: true },
    ...(wanted.attendee ? { attendees: [{ email: wanted.attendee }] } : {}),
  };
  try {
    const event = await insertEvent(access, { ...placeOf(writing, wanted), body });
    return { action: "created", event, reads: 0 };
  } catch (error) {
    if (!isStatus(error, 409)) throw error;
  }
  // The id is taken: by what we wrote before we could note it, or by ours that was deleted, which keeps its id for ever.
  const there = await getEvent(access, placeOf(writing, wanted));
  if (!there)
    throw new VendorError("google", "unavailable", "says that an id is taken, and by nothing", { status: 409 });
  return overwrite(access, writing, wanted, there);
}

async function lookAndWrite(access: GoogleAccess, writing: Writing, wanted: EventContent): Promise<Written> {
  const there = await getEvent(access, placeOf(writing, wanted));
  if (there) return overwrite(access, writing, wanted, there);
  const written = await insert(access, writing, wanted);
  return { ...written, reads: written.reads + 1 };
}

/** Writes what is ours once more onto the event as it is now; everything else of it is left as they made it. */
async function overwrite(
  access: GoogleAccess,
  writing: Writing,
  wanted: EventContent,
  there: GoogleEvent,
): Promise<Written> {
  requireOurs(writing, there);
  const isGone = there.status === "cancelled";
  const body: Partial<GoogleEventBody> = {
    ...(!isGone && isMovedThere(there, writing, wanted) ? withoutTimes(wanted.body) : wanted.body),
    ...(isGone ? { status: "confirmed" } : {}),
    ...(wanted.attendee ? { attendees: guests(there, writing, wanted.attendee) } : {}),
  };
  const event = await patchEvent(access, { ...placeOf(writing, wanted), etag: there.etag, body });
  return { action: isGone ? "created" : "updated", event, reads: 1 };
}

async function remove(access: GoogleAccess, writing: Writing, calendarId: string): Promise<number> {
  const { link, details, eventId: id } = writing;
  const sendUpdates = details.invited ? "all" : "none";
  if (link.etag !== null) {
    try {
      await deleteEvent(access, { calendarId, id, etag: link.etag, sendUpdates });
      return 0;
    } catch (error) {
      if (!isStatus(error, 412)) throw error;
    }
  }
  const there = await getEvent(access, { calendarId, id });
  if (!there || there.status === "cancelled") return 1;
  requireOurs(writing, there);
  await deleteEvent(access, { calendarId, id, etag: there.etag, sendUpdates });
  return 1;
}

function requireOurs({ tenantId, consultationId }: Writing, there: GoogleEvent): void {
  if (carriesOurMark(there, tenantId, consultationId)) return;
  throw new VendorError("google", "rejected", "has an event under our id that is not ours", {
    status: 409,
    code: "foreignEvent",
  });
}

/** Nothing of ours says another time than we last wrote. */
const isTimeAsWritten = (wanted: EventContent, details: EventDetails): boolean =>
  details.startsAt === wanted.startsAt.toISOString() && details.endsAt === wanted.endsAt.toISOString();

/** Somebody moved it there since, and the consultation itself was not moved: their time stays until a person decides. */
function isMovedThere(there: GoogleEvent, { details }: Writing, wanted: EventContent): boolean {
  if (!isTimeAsWritten(wanted, details)) return false;
  const at = intervalOf(there, "UTC");
  return at !== null && !isAt(at, wanted);
}

/** Whether an event stands where a consultation is. */
export const isAt = (
  at: { startsAt: Date; endsAt: Date },
  { startsAt, endsAt }: { startsAt: Date; endsAt: Date },
): boolean => at.startsAt.getTime() === startsAt.getTime() && at.endsAt.getTime() === endsAt.getTime();

function withoutTimes({ start: _start, end: _end, ...rest }: EventContent["body"]): Partial<GoogleEventBody> {
  return rest;
}

/** The guests that are there, and the person in the place of whom we invited before. */
function guests(
  there: GoogleEvent,
  { tenantId, details }: Writing,
  attendee: string,
): NonNullable<GoogleEventBody["attendees"]> {
  const index = invitedIndex(tenantId, attendee);
  const all = there.attendees ?? [];
  const others = all.filter(({ email }) => {
    const own = email === undefined ? null : invitedIndex(tenantId, email);
    return own !== index && own !== details.invited;
  });
  const known = all.find(({ email }) => email !== undefined && invitedIndex(tenantId, email) === index);
  return [...others, known ?? { email: attendee }];
}

/** How an address that was invited is remembered. */
export const invitedIndex = (tenantId: string, email: string): string =>
  blindIndex(email.toLowerCase(), { tenantId, purpose: "google.invited" });
