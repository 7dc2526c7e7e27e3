import { type Clock, systemClock } from "@/lib/core/clock";
import { CONNECTORS } from "@/lib/core/connectors";
import { OAuthServer } from "../oauth/oauth-server";
import { OAUTH_PRESETS } from "../oauth/presets";
import { type Meeting, type MeetingInput, newUuid, type Occurrence, runningOf, type Stay, second } from "./meeting";
import { Webhooks } from "./webhooks";

/** The two accounts there are. The second belongs to somebody else: nothing of the first may be seen with it. */
export const ZOOM_ACCOUNTS = [
  {
    id: "zoom-account-1",
    label: "Smith Law (owner@smithlaw.example)",
    userId: "zoomhost1",
    email: "owner@smithlaw.example",
  },
  {
    id: "zoom-account-2",
    label: "Riverbend (owner@riverbend.example)",
    userId: "zoomhost2",
    email: "owner@riverbend.example",
  },
] as const;

const SCOPES = CONNECTORS.zoom.scopes.map(({ scope }) => scope);

/** A server-to-server app of each account: what a firm copies from its own account. */
export const ZOOM_SERVER_APPS = ZOOM_ACCOUNTS.map(({ id }) => ({
  accountId: id,
  clientId: `${id}-client`,
  clientSecret: `${id}-secret`,
  scopes: SCOPES,
}));

export type Person = {
  name: string;
  email?: string;
  id?: string;
  registrantId?: string;
  isHost?: boolean;
  isWaiting?: boolean;
  isInternal?: boolean;
};

const DAY = 86_400_000;
const WRITES_A_DAY = 100;

/** What stands at the stand-in of this service; everything is forgotten by `reset`. */
export class ZoomWorld {
  readonly oauth = new OAuthServer(
    {
      ...OAUTH_PRESETS.zoom,
      accounts: ZOOM_ACCOUNTS,
      scopes: SCOPES,
      serverToServer: ZOOM_SERVER_APPS,
      tokenExtras: () => ({ api_url: "https://api.zoom.us" }),
    },
    { now: () => this.now() },
  );
  readonly webhooks = new Webhooks();
  readonly meetings = new Map<string, Meeting>();
  readonly pageTokens = new Map<string, { from: number; endsAt: number }>();
  /** How long after the end of a meeting the report of it is there. */
  reportLagMs = 0;
  isDailyLimitMet = false;
  /** The next meeting is made, and the answer gets lost on the way. */
  losesNextAnswer = false;
  #clock: Clock = systemClock;
  #next = 80_000_000_000;
  readonly #writes = new Map<string, number[]>();
  #asked = 0;

  setClock(clock: Clock): void {
    this.#clock = clock;
  }

  now(): Date {
    return this.#clock.now();
  }

  reset(): void {
    this.oauth.reset();
    this.webhooks.clear();
    this.meetings.clear();
    this.pageTokens.clear();
    this.#writes.clear();
    this.reportLagMs = 0;
    this.isDailyLimitMet = false;
    this.losesNextAnswer = false;
  }

  /** An Authorization header for an account, as if a person had said yes. */
  authorizationFor(accountId: string = ZOOM_ACCOUNTS[0].id, scopes: readonly string[] = SCOPES): string {
    const grant = this.oauth.grants.open({ accountId, clientId: this.oauth.options.clientId, scopes });
    return `Bearer ${this.oauth.grants.accessToken(grant, this.now().getTime() + 3_600_000, null)}`;
  }

  /** Numbers requests, so that replies can tell how many are left. */
  count(): number {
    this.#asked += 1;
    return this.#asked;
  }

  /** Whether a host may make or change one more meeting today; counts it. */
  mayWrite(hostId: string): boolean {
    const now = this.now().getTime();
    const recent = (this.#writes.get(hostId) ?? []).filter((at) => at > now - DAY);
    this.#writes.set(hostId, recent);
    if (recent.length >= WRITES_A_DAY) return false;
    recent.push(now);
    return true;
  }

  make(accountId: string, hostId: string, input: MeetingInput): Meeting {
    this.#next += 1_234_567;
    const meeting: Meeting = {
      accountId,
      hostId,
      id: String(this.#next),
      uuid: newUuid(),
      createdAt: this.now(),
      topic: input.topic ?? "Zoom Meeting",
      agenda: input.agenda ?? "",
      type: input.type ?? 2,
      start_time: input.start_time ?? second(this.now()),
      duration: input.duration ?? 60,
      timezone: input.timezone ?? "UTC",
      settings: input.settings ?? {},
      occurrences: [],
    };
    this.meetings.set(meeting.id, meeting);
    return meeting;
  }

  meeting(id: string): Meeting {
    const found = this.meetings.get(id);
    if (!found) throw new Error(`There is no meeting ${id}.`);
    return found;
  }

  async start(id: string): Promise<void> {
    const meeting = this.meeting(id);
    if (runningOf(meeting)) return;
    const uuid = meeting.occurrences.length === 0 ? meeting.uuid : newUuid();
    meeting.occurrences.push({ uuid, startedAt: this.now(), endedAt: null, stays: [] });
    await this.#tell(meeting, "meeting.started", {});
  }

  /** Somebody comes in; starts the meeting when nobody has. Gives the number of the stay, by which they leave. */
  async join(id: string, person: Person): Promise<string> {
    await this.start(id);
    const meeting = this.meeting(id);
    const occurrence = running(meeting);
    const userId = String(16_778_240 + 1024 * occurrence.stays.length);
    const stay: Stay = {
      userId,
      participantUuid: newUuid(),
      name: person.name,
      id: person.isHost ? meeting.hostId : (person.id ?? ""),
      email: person.isHost ? (hostEmail(meeting.hostId) ?? "") : (person.email ?? ""),
      registrantId: person.registrantId ?? "",
      isWaiting: person.isWaiting ?? false,
      isInternal: person.isInternal ?? person.isHost ?? false,
      joinedAt: this.now(),
      leftAt: null,
    };
    occurrence.stays.push(stay);
    if (!stay.isWaiting) {
      await this.#tell(meeting, "meeting.participant_joined", {
        participant: { ...said(stay), join_time: second(stay.joinedAt) },
      });
    }
    return userId;
  }

  async leave(id: string, userId: string): Promise<void> {
    const meeting = this.meeting(id);
    const stay = running(meeting).stays.find((each) => each.userId === userId && each.leftAt === null);
    if (!stay) throw new Error(`Nobody is in the meeting under ${userId}.`);
    await this.#leave(meeting, stay);
  }

  async end(id: string): Promise<void> {
    const meeting = this.meeting(id);
    const occurrence = running(meeting);
    for (const stay of occurrence.stays) if (stay.leftAt === null) await this.#leave(meeting, stay);
    const object = { end_time: second(this.now()) };
    await this.#tell(meeting, "meeting.ended", object);
    occurrence.endedAt = this.now();
  }

  /** Somebody deletes the meeting in Zoom itself. */
  async remove(id: string): Promise<void> {
    const meeting = this.meeting(id);
    this.meetings.delete(id);
    await this.#tell(meeting, "meeting.deleted", { id: Number(meeting.id) });
  }

  /** The person who connected takes the app away in Zoom. */
  async deauthorize(accountId: string): Promise<void> {
    this.oauth.revokeAll(accountId);
    const user_id = ZOOM_ACCOUNTS.find(({ id }) => id === accountId)?.userId ?? "";
    await this.webhooks.tell(
      {
        event: "app_deauthorized",
        event_ts: this.now().getTime(),
        payload: {
          account_id: accountId,
          user_id,
          client_id: this.oauth.options.clientId,
          deauthorization_time: second(this.now()),
        },
      },
      accountId,
      this.now(),
    );
  }

  async #leave(meeting: Meeting, stay: Stay): Promise<void> {
    stay.leftAt = this.now();
    if (stay.isWaiting) return;
    const participant = { ...said(stay), leave_time: second(stay.leftAt), leave_reason: "left the meeting" };
    await this.#tell(meeting, "meeting.participant_left", { participant });
  }

  async #tell(meeting: Meeting, event: string, more: Record<string, unknown>): Promise<void> {
    const { id, hostId, topic, type, timezone, duration } = meeting;
    const uuid = runningOf(meeting)?.uuid ?? meeting.uuid;
    const start_time = runningOf(meeting) ? second(running(meeting).startedAt) : meeting.start_time;
    const object = { id, uuid, host_id: hostId, topic, type, start_time, timezone, duration, ...more };
    await this.webhooks.tell(
      { event, event_ts: this.now().getTime(), payload: { account_id: meeting.accountId, object } },
      meeting.accountId,
      this.now(),
    );
  }
}

function running(meeting: Meeting): Occurrence {
  const occurrence = runningOf(meeting);
  if (!occurrence) throw new Error(`The meeting ${meeting.id} is not under way.`);
  return occurrence;
}

const hostEmail = (userId: string): string | undefined => ZOOM_ACCOUNTS.find((each) => each.userId === userId)?.email;

const said = (stay: Stay) => ({
  user_id: stay.userId,
  user_name: stay.name,
  id: stay.id,
  participant_uuid: stay.participantUuid,
  email: stay.email,
  registrant_id: stay.registrantId,
});
