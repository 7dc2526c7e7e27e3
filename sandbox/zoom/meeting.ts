import { randomBytes } from "node:crypto";

/** What a client says of a meeting; everything may be missing in a change. */
export type MeetingInput = {
  topic?: string;
  agenda?: string;
  type?: number;
  start_time?: string;
  duration?: number;
  timezone?: string;
  settings?: Record<string, unknown>;
};

/** One stay of somebody: whoever drops out and comes back has two. */
export type Stay = {
  /** A number of the meeting's own, new for each stay. */
  userId: string;
  participantUuid: string;
  name: string;
  /** Empty for guests. */
  id: string;
  /** Blank for people from elsewhere. */
  email: string;
  registrantId: string;
  isWaiting: boolean;
  isInternal: boolean;
  joinedAt: Date;
  leftAt: Date | null;
};

/** One time that a meeting took place. */
export type Occurrence = { uuid: string; startedAt: Date; endedAt: Date | null; stays: Stay[] };

export type Meeting = {
  accountId: string;
  id: string;
  hostId: string;
  uuid: string;
  createdAt: Date;
  topic: string;
  agenda: string;
  type: number;
  start_time: string;
  duration: number;
  timezone: string;
  settings: Record<string, unknown>;
  occurrences: Occurrence[];
};

let made = 0;

/** A UUID as Zoom's are: base64, and so sometimes with a slash in front or two in a row. */
export function newUuid(): string {
  made += 1;
  const text = randomBytes(15).toString("base64").replaceAll("/", "x");
  if (made % 3 === 1) return `/${text.slice(1)}==`;
  if (made % 3 === 2) return `${text.slice(0, 7)}//${text.slice(9)}==`;
  return `${text}==`;
}

/** The occurrence under way. */
export const runningOf = (meeting: Meeting): Occurrence | null =>
  meeting.occurrences.find(({ endedAt }) => endedAt === null) ?? null;

/** A meeting as the API shows it. `origin` is where the stand-in answers: its links lead there. */
export function shown(meeting: Meeting, origin: string): Record<string, unknown> {
  return {
    uuid: runningOf(meeting)?.uuid ?? meeting.uuid,
    id: Number(meeting.id),
    host_id: meeting.hostId,
    topic: meeting.topic,
    type: meeting.type,
    status: runningOf(meeting) ? "started" : "waiting",
    start_time: meeting.start_time,
    duration: meeting.duration,
    timezone: meeting.timezone,
    agenda: meeting.agenda,
    created_at: second(meeting.createdAt),
    join_url: `${origin}/j/${meeting.id}?pwd=sandbox`,
    settings: meeting.settings,
  };
}

/** A row of the report of who was there. */
export const reported = (stay: Stay): Record<string, unknown> => ({
  id: stay.id,
  user_id: stay.userId,
  name: stay.name,
  registrant_id: stay.registrantId,
  user_email: stay.email,
  join_time: second(stay.joinedAt),
  leave_time: stay.leftAt ? second(stay.leftAt) : "",
  duration: stay.leftAt ? Math.round((stay.leftAt.getTime() - stay.joinedAt.getTime()) / 1000) : 0,
  failover: false,
  status: stay.isWaiting ? "in_waiting_room" : "in_meeting",
  internal_user: stay.isInternal,
});

/** An instant as Zoom writes it: whole seconds, UTC. */
export const second = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;
