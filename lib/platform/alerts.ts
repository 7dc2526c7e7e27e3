import { VendorError } from "@/lib/core/errors";
import { awsAlerts } from "./alerts-aws";
import { sandboxAlerts } from "./alerts-sandbox";
import { env, requireEnv } from "./env";

/** A letter to one person. `subject` is one line; both bodies say the same. */
export type MailMessage = { to: string; subject: string; text: string; html: string };
/** A text to one phone, whose number is in E.164. */
export type TextMessage = { to: string; text: string };
/** The id that the service gave a message which it took; whether it arrives, nobody knows yet. */
export type Posted = { messageId: string };

/**
 * How people hear of something outside of these pages. Each call asks the service once, within a deadline; who calls decides whether it is asked again.
 * @throws VendorError `timeout`, `throttled` (with `retryAfterMs` where the service said it), `unavailable`, `rejected`, `garbled`. No error names the address
 * or the words.
 */
export type AlertPost = {
  mail(message: MailMessage): Promise<Posted>;
  text(message: TextMessage): Promise<Posted>;
};

/** The way that ALERTS names; null where this house sends nothing. */
export function alertsOf(): AlertPost | null {
  const { ALERTS } = env();
  if (ALERTS === "off") return null;
  return guarded(ALERTS === "aws" ? awsAlerts(requireEnv("MAIL_FROM")) : sandboxAlerts(requireEnv("SANDBOX_URL")));
}

/** One plain address: no name beside it, no second one, nothing that could begin another line of a header. */
const ADDRESS = /^[^\s@,;:<>()[\]"\\]{1,64}@[a-z0-9.-]{1,255}$/i;
const NUMBER = /^\+[1-9]\d{6,14}$/;
const CONTROL = /\p{Cc}/u;

/** Refuses an address or subject that could inject a mail header, before the service is called. */
export const guarded = (post: AlertPost): AlertPost => ({
  mail: async (message) => {
    if (!ADDRESS.test(message.to)) throw new VendorError("mail", "rejected", "is not given one plain address");
    if (CONTROL.test(message.subject)) throw new VendorError("mail", "rejected", "is given a subject of several lines");
    return post.mail(message);
  },
  text: async (message) => {
    if (!NUMBER.test(message.to)) throw new VendorError("texts", "rejected", "is not given a number in E.164");
    return post.text(message);
  },
});
