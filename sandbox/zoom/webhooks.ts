import { createHmac } from "node:crypto";
import { isThisMachine, tell } from "../http/tell";

/** Who is told: our app for all accounts, or a firm's own app for its one account. */
export type Subscription = { url: string; secret: string; accountId: string | null };

/** One delivery: the very bytes, and what came back. */
export type Sent = {
  event: string;
  url: string;
  body: string;
  headers: Record<string, string>;
  status: number | null;
  reply: string;
};

export type Payload = { event: string; event_ts: number; payload: Record<string, unknown> };

/** The headers by which the receiver knows that Zoom sent these bytes. */
export function signed(body: string, secret: string, at: Date): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const digest = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex");
  return {
    "content-type": "application/json; charset=utf-8",
    "x-zm-request-timestamp": timestamp,
    "x-zm-signature": `v0=${digest}`,
  };
}

/** Tells those who subscribed, or loses, doubles and mixes up what it tells. */
export class Webhooks {
  readonly subscriptions: Subscription[] = [];
  /** Everything that was told, in the order it went out; what was lost is not among it. */
  readonly sent: Sent[] = [];
  #lose = 0;
  #twice = 0;
  #held: Sent[] | null = null;

  subscribe(subscription: Subscription): void {
    if (!isThisMachine(new URL(subscription.url))) throw new Error("Webhooks of the stand-in go to this machine only.");
    const same = this.subscriptions.findIndex((each) => each.url === subscription.url);
    if (same >= 0) this.subscriptions.splice(same, 1);
    this.subscriptions.push(subscription);
  }

  lose(count: number): void {
    this.#lose = count;
  }

  twice(count: number): void {
    this.#twice = count;
  }

  hold(): void {
    this.#held ??= [];
  }

  /** Sends what was held, the last first. */
  async release(): Promise<number> {
    const held = this.#held ?? [];
    this.#held = null;
    for (const delivery of held.reverse()) await this.#send(delivery);
    return held.length;
  }

  async tell(message: Payload, accountId: string, at: Date): Promise<void> {
    const body = JSON.stringify(message);
    for (const { url, secret, accountId: only } of this.subscriptions) {
      if (only !== null && only !== accountId) continue;
      if (this.#lose > 0) {
        this.#lose -= 1;
        continue;
      }
      const delivery = { event: message.event, url, body, headers: signed(body, secret, at), status: null, reply: "" };
      const copies = this.#twice > 0 ? 2 : 1;
      this.#twice = Math.max(0, this.#twice - 1);
      for (let copy = 0; copy < copies; copy += 1) {
        if (this.#held) this.#held.push({ ...delivery });
        else await this.#send({ ...delivery });
      }
    }
  }

  /** Asks an address whether it knows its secret, as Zoom does when it is entered and every 72 hours after. */
  async challenge(url: string, plainToken: string, at: Date): Promise<Sent | null> {
    const found = this.subscriptions.find((each) => each.url === url);
    if (!found) return null;
    const message = { event: "endpoint.url_validation", payload: { plainToken }, event_ts: at.getTime() };
    const body = JSON.stringify(message);
    const headers = signed(body, found.secret, at);
    const delivery: Sent = { event: message.event, url, body, headers, status: null, reply: "" };
    await this.#send(delivery);
    return delivery;
  }

  /** The last delivery once more, byte for byte. */
  async again(event: string): Promise<boolean> {
    const last = this.sent.findLast((each) => each.event === event);
    if (last) await this.#send({ ...last, status: null, reply: "" });
    return last !== undefined;
  }

  clear(): void {
    this.subscriptions.length = 0;
    this.sent.length = 0;
    this.#lose = 0;
    this.#twice = 0;
    this.#held = null;
  }

  async #send(delivery: Sent): Promise<void> {
    this.sent.push(delivery);
    const { url, body, headers } = delivery;
    // Zoom waits three seconds for an answer.
    const { status, text } = await tell(url, { headers, body, timeoutMs: 3000 });
    delivery.status = status;
    delivery.reply = text;
  }
}
