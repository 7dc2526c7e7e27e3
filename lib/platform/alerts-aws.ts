import { VendorError, type VendorErrorKind } from "@/lib/core/errors";
import type { AlertPost } from "./alerts";
import { kindOfStatus, retryAfterMs, vendorCall } from "./http-client";

/** Our own table of tries is the only one: a message that the SDK sends twice is a message that somebody gets twice. */
const ONCE = { maxAttempts: 1 } as const;

// Made at the first use, so that nobody without alerts loads the SDK. Region, credentials and endpoints come from where it runs.
const ses = once(() => import("@aws-sdk/client-sesv2").then((sdk) => ({ sdk, client: new sdk.SESv2Client(ONCE) })));
const sns = once(() => import("@aws-sdk/client-sns").then((sdk) => ({ sdk, client: new sdk.SNSClient(ONCE) })));

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Mail by Amazon SES from this address, texts by Amazon SNS. */
export const awsAlerts = (from: string, { timeoutMs = 10_000 } = {}): AlertPost => ({
  mail: ({ to, subject, text, html }) =>
    asked("mail", timeoutMs, async (abortSignal) => {
      const { sdk, client } = await ses();
      const utf8 = (Data: string) => ({ Data, Charset: "UTF-8" });
      const Simple = { Subject: utf8(subject), Body: { Text: utf8(text), Html: utf8(html) } };
      const mail = { FromEmailAddress: from, Destination: { ToAddresses: [to] }, Content: { Simple } };
      return client.send(new sdk.SendEmailCommand(mail), { abortSignal });
    }),
  text: ({ to, text }) =>
    asked("texts", timeoutMs, async (abortSignal) => {
      const { sdk, client } = await sns();
      // Transactional goes by the routes that arrive soonest; the other kind is for what can wait.
      const MessageAttributes = { "AWS.SNS.SMS.SMSType": { DataType: "String", StringValue: "Transactional" } };
      return client.send(new sdk.PublishCommand({ PhoneNumber: to, Message: text, MessageAttributes }), {
        abortSignal,
      });
    }),
});

/** Makes one call, and of whatever goes wrong a failure that holds neither address nor words: what the services say of it quotes both. */
const asked = (
  vendor: string,
  timeoutMs: number,
  call: (signal: AbortSignal) => Promise<{ MessageId?: string | undefined }>,
): Promise<{ messageId: string }> =>
  vendorCall(vendor, async () => {
    const deadline = AbortSignal.timeout(timeoutMs);
    let messageId: string | undefined;
    try {
      messageId = (await call(deadline)).MessageId;
    } catch (error) {
      throw named(vendor, error, deadline.aborted);
    }
    if (!messageId) throw new VendorError(vendor, "garbled", "gave the message no id");
    return { messageId };
  });

/** What the two services call too much of a good thing, whatever the status beside it. */
const THROTTLES = /^(TooManyRequests|Throttl|LimitExceeded|RequestLimitExceeded|SlowDown)/;

type Refusal = {
  name?: unknown;
  $metadata?: { httpStatusCode?: number };
  $response?: { statusCode?: number; headers?: Record<string, string> };
};

function named(vendor: string, error: unknown, isOver: boolean): VendorError {
  if (isOver) return new VendorError(vendor, "timeout", "did not answer in time");
  const { name, $metadata, $response } = error as Refusal;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  if (status === undefined) return new VendorError(vendor, "unavailable", "cannot be reached");
  const code = typeof name === "string" && /^\w{1,80}$/.test(name) ? name : undefined;
  const headers = new Headers($response?.headers ?? {});
  return new VendorError(vendor, kindOf(status, code), `answered ${status}`, {
    status,
    code,
    retryAfterMs: retryAfterMs(headers),
  });
}

function kindOf(status: number, code = ""): VendorErrorKind {
  if (THROTTLES.test(code)) return "throttled";
  // A success that the SDK cannot read.
  return status < 300 ? "garbled" : kindOfStatus(status);
}
