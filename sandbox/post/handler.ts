import type { Clock } from "@/lib/core/clock";
import { type Exchange, type Handler, readBody, reply, replyHtml, replyJson } from "../http/exchange";
import { type FaultQueue, playFault, type Refusals } from "../http/faults";
import type { RateLimit } from "../http/rate";
import type { PostBox, PostedMessage } from "./box";
import { postPage } from "./page";

type PostOptions = { faults: FaultQueue; rate: RateLimit; clock: Clock; box: PostBox };
type Letter = Omit<PostedMessage, "messageId" | "at">;
/** One way to hand a message in: how it is read (null is no message), how a refusal sounds, and what is answered. */
type Wire = {
  read(body: string): Letter | null;
  refusal: Refusals;
  taken(exchange: Exchange, messageId: string): void;
};

/** Mail: our own plain call, and `SendEmail` of Amazon SES, version 2, in simple content. */
export const mailHandler = (options: PostOptions): Handler =>
  postHandler(options, {
    page: () => postPage("Mail", "No mail yet.", options.box.list()),
    wires: { "POST /messages": plain(readMail), "POST /v2/email/outbound-emails": SES },
  });

/** Texts: our own plain call, and `Publish` of Amazon SNS to a phone number. */
export const textsHandler = (options: PostOptions): Handler =>
  postHandler(options, {
    page: () => postPage("Texts", "No texts yet.", options.box.list()),
    wires: { "POST /messages": plain(readText), "POST /": SNS },
  });

function postHandler(
  { faults, rate, clock, box }: PostOptions,
  { page, wires }: { page: () => string; wires: Record<string, Wire> },
): Handler {
  return async (exchange) => {
    const { req, res, path } = exchange;
    if (req.method === "GET" && (path === "" || path === "/")) return replyHtml(res, 200, page());
    const wire = wires[`${req.method} ${path}`];
    if (!wire) return replyJson(res, 404, { problem: "Not found" });
    const letter = wire.read(await readBody(req));
    const refuse = (status: number, headers: Record<string, string> = {}) => {
      const { type, body } = wire.refusal(status);
      reply(res, status, { "Content-Type": type, ...headers }, body);
    };
    const fault = faults.take(path);
    // The services quote what they refuse, so the stand-in does too: nobody may pass that on.
    const quoting: Refusals = (status) => {
      const { type, body } = wire.refusal(status);
      return { type, body: body.replace("REFUSED", `Refused: ${letter?.to ?? "nobody"}`) };
    };
    if (fault && (await playFault(exchange, fault, quoting, clock.now()))) return;
    if (!rate.pass()) return refuse(429, { "Retry-After": "1" });
    if (!letter) return refuse(400);
    wire.taken(exchange, box.put(letter, clock.now()));
  };
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const objectOf = (body: string): Record<string, unknown> | null => {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
};

const plain = (read: (body: Record<string, unknown>) => Letter | null): Wire => ({
  read: (body) => read(objectOf(body) ?? {}),
  refusal: (status) => ({ type: "application/json", body: JSON.stringify({ problem: `REFUSED (${status})` }) }),
  taken: ({ res }, messageId) => replyJson(res, 200, { messageId }),
});

function readMail({ to, subject, text, html }: Record<string, unknown>): Letter | null {
  if (!isText(to) || !to.includes("@") || !isText(subject) || !isText(text) || !isText(html)) return null;
  return { to, from: null, subject, text, html };
}

const readText = ({ to, text }: Record<string, unknown>): Letter | null =>
  isText(to) && isText(text) && to.startsWith("+") ? { to, from: null, subject: null, text, html: null } : null;

type SesBody = {
  FromEmailAddress?: string;
  Destination?: { ToAddresses?: string[] };
  Content?: { Simple?: { Subject?: { Data?: string }; Body?: { Text?: { Data?: string }; Html?: { Data?: string } } } };
};

const SES_NAMES: Record<number, string> = {
  400: "BadRequestException",
  403: "MessageRejected",
  429: "TooManyRequestsException",
};

const SES: Wire = {
  read: (body) => {
    const { FromEmailAddress: from, Destination, Content } = (objectOf(body) ?? {}) as SesBody;
    const { Subject, Body } = Content?.Simple ?? {};
    const letter = readMail({
      to: Destination?.ToAddresses?.[0],
      subject: Subject?.Data,
      text: Body?.Text?.Data,
      html: Body?.Html?.Data,
    });
    return letter && isText(from) ? { ...letter, from } : null;
  },
  refusal: (status) => ({
    type: "application/json",
    body: JSON.stringify({ __type: SES_NAMES[status] ?? "InternalServiceError", message: "REFUSED" }),
  }),
  taken: ({ res }, MessageId) => replyJson(res, 200, { MessageId }),
};

const SNS_NAMES: Record<number, string> = { 400: "InvalidParameter", 403: "AuthorizationError", 429: "Throttled" };

const SNS: Wire = {
  read: (body) => {
    const form = new URLSearchParams(body);
    const kind = form.get("MessageAttributes.entry.1.Value.StringValue");
    if (form.get("Action") !== "Publish" || kind !== "Transactional") return null;
    return readText({ to: form.get("PhoneNumber"), text: form.get("Message") });
  },
  refusal: (status) => ({
    type: "text/xml",
    body: `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>${status < 500 ? "Sender" : "Receiver"}</Type><Code>${
      SNS_NAMES[status] ?? "InternalError"
    }</Code><Message>REFUSED</Message></Error><RequestId>sandbox</RequestId></ErrorResponse>`,
  }),
  taken: ({ res }, messageId) =>
    reply(
      res,
      200,
      { "Content-Type": "text/xml" },
      `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>${messageId}</MessageId></PublishResult><ResponseMetadata><RequestId>sandbox</RequestId></ResponseMetadata></PublishResponse>`,
    ),
};
