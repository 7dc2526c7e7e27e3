import { randomUUID } from "node:crypto";

/** Something that was posted to a person: a letter has a subject. */
export type PostedMessage = {
  messageId: string;
  at: string;
  to: string;
  from: string | null;
  subject: string | null;
  text: string;
  html: string | null;
};

const KEPT = 500;

/** What was mailed or texted since the start, newest first. It goes nowhere. */
export class PostBox {
  #messages: PostedMessage[] = [];

  put(message: Omit<PostedMessage, "messageId" | "at">, at: Date): string {
    const messageId = randomUUID();
    this.#messages = [{ messageId, at: at.toISOString(), ...message }, ...this.#messages.slice(0, KEPT - 1)];
    return messageId;
  }

  list(): readonly PostedMessage[] {
    return this.#messages;
  }

  reset(): void {
    this.#messages = [];
  }
}
