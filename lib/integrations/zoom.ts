import { z } from "zod";
import { VendorError } from "@/lib/core/errors";
import { env } from "@/lib/platform/env";
import { log } from "@/lib/platform/log";
import { takeTurn } from "@/lib/platform/vendor-pace";
import { callZoom, isMeetingGone, readZoom, type ZoomAccess } from "./zoom-call";

const PAGE = 300;

/** Ids come as numbers in some replies and as texts in others; here they are texts. */
const id = z.union([z.string().min(1).max(100), z.int()]).transform(String);
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
/** Zoom leaves a field out, or sends it empty, when it has nothing to say. */
const maybe = z
  .string()
  .max(1000)
  .nullish()
  .transform((text) => text || null);
const pageToken = maybe;

const User = z.object({ id, account_id: maybe, email: maybe });

// `start_url` lets whoever has it be the host: it is not among the fields that are read.
const Meeting = z.object({
  id,
  uuid: maybe,
  host_id: maybe,
  agenda: z.string().nullish(),
  start_time: instant.nullish(),
  duration: z.coerce.number().int().nullish(),
  join_url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .nullish(),
});

/** A meeting as it stands at Zoom. */
export type ZoomMeeting = {
  id: string;
  uuid: string | null;
  hostId: string | null;
  agenda: string;
  startsAt: Date | null;
  minutes: number | null;
  joinUrl: string | null;
};

/** What we say of a meeting. `agenda` carries our reference, by which it is found again. */
export type MeetingPlan = { topic: string; agenda: string; startsAt: Date; minutes: number; timeZone: string };

/** One row of who was there: a person who drops out and comes back has several. */
export type ZoomPresence = {
  id: string | null;
  registrantId: string | null;
  email: string | null;
  name: string | null;
  joinedAt: Date;
  leftAt: Date | null;
  isWaiting: boolean;
  /** Somebody of the account itself: the host, or a colleague. */
  isInternal: boolean;
};

/**
 * Who we speak for. With a server's token there is no `me`, so the user whose meetings these will be is asked for by name.
 * @throws VendorError
 */
export async function identify(
  access: ZoomAccess,
): Promise<{ accountId: string; label: string; settings: Record<string, string> }> {
  const path = `/users/${encodeURIComponent(hostOf(access))}`;
  const user = readZoom(await callZoom(access, { method: "GET", path, label: "light" }), User);
  const accountId = user.account_id ?? access.accountId;
  if (!accountId) throw new VendorError("zoom", "garbled", "does not say which account this is");
  return { accountId, label: user.email ?? accountId, settings: { userId: user.id } };
}

/**
 * Makes a meeting. Zoom has no key by which it would know a repeated request: after a `timeout` or `unavailable` look for the meeting by its agenda first.
 * @throws VendorError
 */
export async function createMeeting(access: ZoomAccess, plan: MeetingPlan): Promise<ZoomMeeting & { joinUrl: string }> {
  await takeHostTurn(access);
  const reply = await callZoom(access, {
    method: "POST",
    path: `/users/${encodeURIComponent(hostOf(access))}/meetings`,
    label: "medium",
    body: {
      type: 2,
      ...bodyOf(plan),
      settings: { waiting_room: true, join_before_host: false, auto_recording: "none" },
    },
  });
  const meeting = toMeeting(readZoom(reply, Meeting));
  if (!meeting.joinUrl)
    throw new VendorError("zoom", "garbled", "made a meeting without a link", { status: reply.status });
  return { ...meeting, joinUrl: meeting.joinUrl };
}

/** A meeting by its number, or null when there is none any more. */
export async function findMeeting(access: ZoomAccess, meetingId: string): Promise<ZoomMeeting | null> {
  try {
    const reply = await callZoom(access, { method: "GET", path: meetingPath(meetingId), label: "light" });
    return toMeeting(readZoom(reply, Meeting));
  } catch (error) {
    if (isMeetingGone(error)) return null;
    throw error;
  }
}

/** Brings a meeting to what we say of it. False when there is none any more. */
export async function patchMeeting(access: ZoomAccess, meetingId: string, plan: MeetingPlan): Promise<boolean> {
  await takeHostTurn(access);
  return unlessGone(
    callZoom(access, { method: "PATCH", path: meetingPath(meetingId), label: "light", body: bodyOf(plan) }),
  );
}

/** Removes a meeting. False when there was none any more. */
export const deleteMeeting = (access: ZoomAccess, meetingId: string): Promise<boolean> =>
  unlessGone(callZoom(access, { method: "DELETE", path: meetingPath(meetingId), label: "light" }));

/** One page of the meetings that are still to come; give the token of a page back for the next one. */
export async function listMeetings(
  access: ZoomAccess,
  token: string | null = null,
): Promise<{ meetings: ZoomMeeting[]; nextPageToken: string | null }> {
  const path = `/users/${encodeURIComponent(hostOf(access))}/meetings`;
  const query = { type: "upcoming", page_size: PAGE, next_page_token: token ?? undefined };
  const reply = await callZoom(access, { method: "GET", path, label: "medium", query });
  const page = readZoom(reply, z.object({ meetings: Rows, next_page_token: pageToken }));
  const meetings = readRows("meetings", page.meetings, (row) => toMeeting(Meeting.parse(row)));
  return { meetings, nextPageToken: page.next_page_token };
}

const Participant = z.object({
  id: maybe,
  registrant_id: maybe,
  user_email: maybe,
  name: maybe,
  join_time: instant,
  leave_time: z.union([instant, z.literal("").transform(() => null)]).nullish(),
  status: maybe,
  internal_user: z.boolean().nullish(),
});

/** One page of who was in a meeting that is over. Null while Zoom knows nothing of it: its reports come some time after the end. */
export async function listPastParticipants(
  access: ZoomAccess,
  uuid: string,
  token: string | null = null,
): Promise<{ people: ZoomPresence[]; nextPageToken: string | null } | null> {
  const path = `/past_meetings/${uuidPart(uuid)}/participants`;
  const query = { page_size: PAGE, next_page_token: token ?? undefined };
  try {
    const reply = await callZoom(access, { method: "GET", path, label: "medium", query });
    const page = readZoom(reply, z.object({ participants: Rows, next_page_token: pageToken }));
    const people = readRows("participants", page.participants, (row) => toPresence(Participant.parse(row)));
    return { people, nextPageToken: page.next_page_token };
  } catch (error) {
    if (isMeetingGone(error)) return null;
    throw error;
  }
}

/** Every time that a meeting took place, by its number: for when nobody told us of its end. Empty when it did not. */
export async function listPastInstances(
  access: ZoomAccess,
  meetingId: string,
): Promise<{ uuid: string; startedAt: Date | null }[]> {
  const path = `/past_meetings/${encodeURIComponent(meetingId)}/instances`;
  const occurrenceId = z
    .string()
    .min(1)
    .max(200)
    .refine((uuid) => !(uuid in {}), "is no id");
  const Instances = z.object({
    meetings: z.array(z.object({ uuid: occurrenceId, start_time: instant.nullish() })),
  });
  try {
    const reply = await callZoom(access, { method: "GET", path, label: "medium" });
    return readZoom(reply, Instances).meetings.map(({ uuid, start_time }) => ({ uuid, startedAt: start_time ?? null }));
  } catch (error) {
    if (isMeetingGone(error)) return [];
    throw error;
  }
}

/** A UUID as part of a path: one with a slash where a path could be read into it is encoded twice, as Zoom asks. */
export function uuidPart(uuid: string): string {
  const once = encodeURIComponent(uuid);
  return uuid.startsWith("/") || uuid.includes("//") ? encodeURIComponent(once) : once;
}

/** A page of so many rows of which none is readable has another shape than we know; of fewer, each may be odd by itself. */
const SHAPE_FROM = 5;
const Rows = z.array(z.unknown());

/** The rows of a page that we can read. One that we cannot holds up no other; how many there were is logged, and nothing of them. */
function readRows<T>(what: string, rows: readonly unknown[], read: (row: unknown) => T): T[] {
  const known = rows.flatMap((row) => {
    try {
      return [read(row)];
    } catch (error) {
      if (error instanceof z.ZodError || error instanceof VendorError) return [];
      throw error;
    }
  });
  const skipped = rows.length - known.length;
  if (skipped >= SHAPE_FROM && known.length === 0)
    throw new VendorError("zoom", "garbled", `sent ${what} of another shape`);
  if (skipped > 0)
    log.warn("rows of a page could not be read", { provider: "zoom", kind: what, count: skipped, found: rows.length });
  return known;
}

const hostOf = ({ settings }: ZoomAccess): string => settings.hostId || "me";
const meetingPath = (meetingId: string): string => `/meetings/${encodeURIComponent(meetingId)}`;

/** One user's meetings may be made and changed a hundred times a day. */
const takeHostTurn = (access: ZoomAccess): Promise<void> =>
  takeTurn("zoom.host-writes", `${access.accountId}:${access.settings.userId ?? hostOf(access)}`);

const bodyOf = ({ topic, agenda, startsAt, minutes, timeZone }: MeetingPlan) => ({
  topic,
  agenda,
  start_time: `${startsAt.toISOString().slice(0, 19)}Z`,
  duration: minutes,
  timezone: timeZone,
});

async function unlessGone(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (isMeetingGone(error)) return false;
    throw error;
  }
}

function toMeeting(meeting: z.output<typeof Meeting>): ZoomMeeting {
  const { join_url: joinUrl } = meeting;
  // A link that people will follow is an encrypted one, except on a developer's machine.
  if (joinUrl && !joinUrl.startsWith("https:") && env().ZOOM_API_URL.startsWith("https:"))
    throw new VendorError("zoom", "garbled", "gave a link that is not encrypted");
  return {
    id: meeting.id,
    uuid: meeting.uuid,
    hostId: meeting.host_id,
    agenda: meeting.agenda ?? "",
    startsAt: meeting.start_time ?? null,
    minutes: meeting.duration ?? null,
    joinUrl: joinUrl && mayBeFollowed(joinUrl, env().ZOOM_API_URL) ? joinUrl : null,
  };
}

/** Where Zoom's meetings are: there, and at any name before one of these. */
const ZOOM_HOSTS = ["zoom.us", "zoomgov.com"];
const isAtZoom = (url: string): boolean => {
  const { hostname } = new URL(url);
  return ZOOM_HOSTS.some((host) => hostname === host || hostname.endsWith(`.${host}`));
};

/** False for a link that leads away from Zoom: people follow it from invitations and calendars. A stand-in is wherever it is. */
export const mayBeFollowed = (joinUrl: string, apiUrl: string): boolean => !isAtZoom(apiUrl) || isAtZoom(joinUrl);

const toPresence = (row: z.output<typeof Participant>): ZoomPresence => ({
  id: row.id,
  registrantId: row.registrant_id,
  email: row.user_email,
  name: row.name,
  joinedAt: row.join_time,
  leftAt: row.leave_time ?? null,
  isWaiting: row.status === "in_waiting_room",
  isInternal: row.internal_user ?? false,
});
