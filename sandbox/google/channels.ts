import { randomBytes } from "node:crypto";
import { type Clock, systemClock } from "@/lib/core/clock";
import { isThisMachine, tell } from "../http/tell";
import { Refused } from "./event";

type Channel = {
  id: string;
  resourceId: string;
  calendarId: string;
  owner: string;
  address: string;
  token: string;
  expiresAt: number;
  told: number;
};

const WEEK_MS = 7 * 86_400_000;

/** The channels that were asked for, and what is told through them: headers and no body, and only to this machine. */
export class Channels {
  readonly open = new Map<string, Channel>();
  /** What is told is lost on the way. */
  isDeaf = false;
  #clock: Clock = systemClock;
  #underWay = new Set<Promise<unknown>>();

  tellTime(clock: Clock): void {
    this.#clock = clock;
  }

  reset(): void {
    this.open.clear();
    this.isDeaf = false;
  }

  watch(owner: string, calendarId: string, asked: Record<string, unknown>, base: string): Record<string, unknown> {
    const { id, type, address, token = "", expiration } = asked;
    if (typeof id !== "string" || !/^[\w+/=-]{1,64}$/.test(id))
      throw new Refused(400, "channelIdInvalid", "Invalid channel id");
    if (this.open.has(id)) throw new Refused(400, "channelIdNotUnique", `Channel id ${id} not unique`);
    if (type !== "web_hook") throw new Refused(400, "channelTypeInvalid", "Unknown channel type");
    const url = typeof address === "string" ? URL.parse(address) : null;
    // The real one takes https alone; a stand-in that reached further than this machine would be a weapon.
    if (!url || !isThisMachine(url)) throw new Refused(400, "webhookUrlNotHttps", "WebHook callback must be HTTPS");
    const now = this.#clock.now().getTime();
    const wished = expiration === undefined ? now + WEEK_MS : Number(expiration);
    const channel: Channel = {
      id,
      resourceId: randomBytes(15).toString("base64url"),
      calendarId,
      owner,
      address: url.href,
      token: String(token),
      expiresAt: Math.min(wished, now + 4 * WEEK_MS),
      told: 0,
    };
    this.open.set(id, channel);
    this.#send(channel, "sync");
    return {
      kind: "api#channel",
      id,
      resourceId: channel.resourceId,
      resourceUri: `${base}/calendars/${encodeURIComponent(calendarId)}/events?alt=json`,
      token: channel.token,
      expiration: String(channel.expiresAt),
    };
  }

  stop(owner: string, { id, resourceId }: Record<string, unknown>): void {
    const channel = this.open.get(String(id));
    if (!channel || channel.resourceId !== resourceId || channel.owner !== owner)
      throw new Refused(404, "notFound", `Channel '${String(id)}' not found for project`);
    this.open.delete(channel.id);
  }

  /** Says on every channel of a calendar that something changed there. */
  tell(calendarId: string): void {
    for (const channel of this.open.values()) if (channel.calendarId === calendarId) this.#send(channel, "exists");
  }

  expireAll(): number {
    const count = this.open.size;
    this.open.clear();
    return count;
  }

  /** Waits until everything that is being told has arrived or failed. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #send(channel: Channel, state: "sync" | "exists"): void {
    if (channel.expiresAt <= this.#clock.now().getTime()) {
      this.open.delete(channel.id);
      return;
    }
    channel.told += 1;
    if (this.isDeaf) return;
    const sending = tell(channel.address, {
      timeoutMs: 5000,
      headers: {
        "X-Goog-Channel-ID": channel.id,
        "X-Goog-Channel-Token": channel.token,
        "X-Goog-Channel-Expiration": new Date(channel.expiresAt).toUTCString(),
        "X-Goog-Resource-ID": channel.resourceId,
        "X-Goog-Resource-URI": `https://www.googleapis.com/calendar/v3/calendars/${encodeURIComponent(channel.calendarId)}/events?alt=json`,
        "X-Goog-Resource-State": state,
        "X-Goog-Message-Number": String(channel.told),
        "User-Agent": "APIs-Google",
      },
    }).finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }
}
