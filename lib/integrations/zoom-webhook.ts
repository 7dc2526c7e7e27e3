import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** A delivery that is older, or from further in the future, is not believed: somebody may have kept it. */
export const SIGNED_FOR_MS = 5 * 60_000;

const digestOf = (secret: string, ...parts: (string | Buffer)[]): Buffer => {
  const mac = createHmac("sha256", secret);
  for (const part of parts) mac.update(part);
  return mac.digest();
};

/** Whether Zoom sent exactly these bytes just now: `v0=` and the HMAC of `v0:timestamp:bytes`. */
export function isFromZoom(raw: Buffer, headers: Headers, secret: string, now: Date): boolean {
  const timestamp = headers.get("x-zm-request-timestamp") ?? "";
  const given = /^v0=([0-9a-f]{64})$/.exec(headers.get("x-zm-signature") ?? "")?.[1];
  if (!given || !/^\d{1,11}$/.test(timestamp)) return false;
  if (Math.abs(now.getTime() - Number(timestamp) * 1000) > SIGNED_FOR_MS) return false;
  return timingSafeEqual(Buffer.from(given, "hex"), digestOf(secret, `v0:${timestamp}:`, raw));
}

// A signature is made of a text with colons: a token that may have none cannot be used to have one made here.
const Challenge = z.object({
  event: z.literal("endpoint.url_validation"),
  payload: z.object({ plainToken: z.string().regex(/^[\w+/=.~-]{1,200}$/) }),
});

/** The answer by which Zoom knows that an address has the secret of its app; null when the body asks for none. */
export function answerChallenge(body: unknown, secret: string): { plainToken: string; encryptedToken: string } | null {
  const parsed = Challenge.safeParse(body);
  if (!parsed.success) return null;
  const { plainToken } = parsed.data.payload;
  return { plainToken, encryptedToken: digestOf(secret, plainToken).toString("hex") };
}

const id = z.union([z.string().max(200), z.int()]).transform(String);
const optionalId = id.nullish().transform((value) => value || null);
const optionalText = z
  .string()
  .max(1000)
  .nullish()
  .transform((value) => value || null);
const optionalInstant = z
  .union([z.iso.datetime({ offset: true }), z.literal("")])
  .nullish()
  .transform((value) => (value ? new Date(value) : null));

const Participant = z.object({
  user_id: optionalId,
  participant_uuid: optionalText,
  id: optionalId,
  user_name: optionalText,
  email: optionalText,
  registrant_id: optionalText,
  join_time: optionalInstant,
  leave_time: optionalInstant,
});

const MeetingEvent = z.object({
  event: z.enum([
    "meeting.started",
    "meeting.ended",
    "meeting.deleted",
    "meeting.participant_joined",
    "meeting.participant_left",
  ]),
  event_ts: z.int().nonnegative(),
  payload: z.object({
    account_id: z.string().min(1).max(200),
    object: z.object({
      id,
      uuid: optionalText,
      host_id: optionalText,
      start_time: optionalInstant,
      end_time: optionalInstant,
      participant: Participant.nullish(),
    }),
  }),
});

const Deauthorized = z.object({
  event: z.literal("app_deauthorized"),
  event_ts: z.int().nonnegative().optional(),
  payload: z.object({ account_id: z.string().min(1).max(200), user_id: optionalText }),
});

/** What of Zoom's webhooks we read. */
export const ZoomEvent = z.union([MeetingEvent, Deauthorized]);
export type ZoomEvent = z.output<typeof ZoomEvent>;
/** One that tells of a meeting. */
export type ZoomMeetingEvent = z.output<typeof MeetingEvent>;
/** Somebody as a webhook names them. */
export type ZoomEventPerson = z.output<typeof Participant>;

/** The literal list of events that are read; everything else is answered and forgotten. */
export const ZOOM_EVENTS: readonly string[] = [...MeetingEvent.shape.event.options, "app_deauthorized"];

/** What makes one delivery the same as another: Zoom repeats a delivery with all of these alike, and has no id for it. */
export function sameEvent(event: ZoomEvent): string {
  if (event.event === "app_deauthorized")
    return JSON.stringify([event.event, event.event_ts, event.payload.account_id, event.payload.user_id]);
  const { uuid, id: meetingId, participant } = event.payload.object;
  return JSON.stringify([
    event.event,
    event.event_ts,
    meetingId,
    uuid,
    participant?.id,
    participant?.participant_uuid,
    participant?.user_id,
  ]);
}
