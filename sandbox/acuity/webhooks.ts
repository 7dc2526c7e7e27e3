import { createHmac, randomBytes } from "node:crypto";
import { tell } from "../http/tell";

/** What an account told Acuity to tell it. `key` signs: that of whoever subscribed. */
export type Subscription = {
  id: number;
  accountId: string;
  event: string;
  target: string;
  status: "active" | "disabled";
  key: string;
};

/** One POST to a subscriber. `status` is what came back: null when nothing did. */
export type Sent = {
  id: number;
  appointmentId: number;
  target: string;
  body: string;
  signature: string;
  status: number | null;
};

/** Whether webhooks go out, are lost, or are kept until somebody lets them go. */
export type DeliveryMode = "on" | "off" | "hold";

export const MAX_SUBSCRIPTIONS = 25;

type Letter = Omit<Sent, "id" | "status">;

/** Who is told, and everything that can happen to a message on its way. */
export class Webhooks {
  subscriptions: Subscription[] = [];
  sent: Sent[] = [];
  held: Letter[] = [];
  /** Those that were answered 5xx or not at all: the real one tries them again for a day. */
  failed: Letter[] = [];
  mode: DeliveryMode = "on";
  times = 1;
  /** The sources disagree on whether the action has `appointment.` before it. */
  hasPrefix = true;
  #underWay = new Set<Promise<unknown>>();
  #lastId = 0;

  subscribe(accountId: string, event: string, target: string, key: string): Subscription | null {
    if (this.subscriptions.filter((each) => each.accountId === accountId).length >= MAX_SUBSCRIPTIONS) return null;
    this.#lastId += 1;
    const made: Subscription = { id: this.#lastId, accountId, event, target, status: "active", key };
    this.subscriptions.push(made);
    return made;
  }

  /** Tells everybody who subscribed: `changed` fires beside every other event. */
  tell(accountId: string, appointment: { id: number; typeId: number }, what: string): void {
    const events = [...new Set([what, "changed"])];
    for (const { event, target, key, status, accountId: owner } of this.subscriptions) {
      const action = event.replace("appointment.", "");
      if (owner !== accountId || status !== "active" || !events.includes(action)) continue;
      this.#post(letterOf(appointment, this.hasPrefix ? `appointment.${action}` : action, target, key));
    }
  }

  /** A message that somebody else made up. Without a key it is signed with one of their own. */
  async forge(target: string, appointmentId: number, { key, signature }: { key?: string; signature?: string } = {}) {
    const letter = letterOf(
      { id: appointmentId, typeId: 501 },
      "appointment.changed",
      target,
      key ?? randomBytes(16).toString("hex"),
    );
    return this.#send(signature === undefined ? letter : { ...letter, signature });
  }

  /** What was held goes out one after the other, in this order of positions (as held unless given). */
  async release(order?: readonly number[]): Promise<void> {
    const letters = this.held;
    this.held = [];
    for (const index of order ?? letters.keys()) {
      const letter = letters[index];
      if (letter) await this.#send(letter);
    }
  }

  /** What failed is tried again, now. */
  async retry(): Promise<void> {
    const letters = this.failed;
    this.failed = [];
    for (const letter of letters) await this.#send(letter);
  }

  /** The very same bytes once more. */
  async replay(id: number): Promise<Sent | null> {
    const known = this.sent.find((each) => each.id === id);
    return known ? this.#send(known) : null;
  }

  /** Waits until everything that is under way has arrived. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  reset(): void {
    this.subscriptions = [];
    this.sent = [];
    this.held = [];
    this.failed = [];
    this.mode = "on";
    this.times = 1;
    this.hasPrefix = true;
  }

  #post(letter: Letter): void {
    if (this.mode === "off") return;
    for (let left = this.times; left > 0; left -= 1) {
      if (this.mode === "hold") this.held.push(letter);
      else void this.#send(letter);
    }
  }

  #send({ appointmentId, target, body, signature }: Letter): Promise<Sent> {
    const letter = { appointmentId, target, body, signature };
    const arriving = post(letter).then((status) => {
      this.#lastId += 1;
      const sent = { ...letter, id: this.#lastId, status };
      this.sent.push(sent);
      if (status === null || status >= 500) this.failed.push(letter);
      return sent;
    });
    this.#underWay.add(arriving);
    return arriving.finally(() => this.#underWay.delete(arriving));
  }
}

/** The body and its signature, as Acuity makes them: a form, and base64 of HMAC-SHA256 over its bytes. */
function letterOf({ id, typeId }: { id: number; typeId: number }, action: string, target: string, key: string): Letter {
  const body = new URLSearchParams({
    action,
    id: String(id),
    calendarID: "71",
    appointmentTypeID: String(typeId),
  }).toString();
  return { appointmentId: id, target, body, signature: createHmac("sha256", key).update(body).digest("base64") };
}

/** The status of the answer; null when nobody took it. */
const post = async ({ target, body, signature }: Letter): Promise<number | null> => {
  const headers = { "content-type": "application/x-www-form-urlencoded", "x-acuity-signature": signature };
  return (await tell(target, { headers, body, timeoutMs: 10_000 })).status;
};
