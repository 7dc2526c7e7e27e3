import { createHmac } from "node:crypto";
import { z } from "zod";
import { sameSecret } from "@/lib/core/secret";
import { isStorable } from "@/lib/core/text";

/** A delivery that is older, or from further in the future, is not believed: somebody may have kept it. */
const SIGNED_FOR_MS = 5 * 60_000;

const digestOf = (secret: string, ...parts: (string | Buffer)[]): string => {
  const mac = createHmac("sha256", secret);
  for (const part of parts) mac.update(part);
  return mac.digest("hex");
};

/** Whether Zoom sent exactly these bytes just now: `v0=` and the HMAC of `v0:timestamp:bytes`. */
export function isFromZoom(raw: Buffer, headers: Headers, secret: string, now: Date): boolean {
  const timestamp = headers.get("x-zm-request-timestamp") ?? "";
  if (!/^\d{1,11}$/.test(timestamp)) return false;
  if (Math.abs(now.getTime() - Number(timestamp) * 1000) > SIGNED_FOR_MS) return false;
  return sameSecret(headers.get("x-zm-signature") ?? "", `v0=${digestOf(secret, `v0:${timestamp}:`, raw)}`);
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
  return { plainToken, encryptedToken: digestOf(secret, plainToken) };
}

/** The end of the year 9999: no database writes what is later. */
const LAST_INSTANT = 253_402_300_799_999;

// Ids become names of what we keep, so they have letters of their own and none that every object has.
const name = z
  .string()
  .regex(/^[A-Za-z0-9+/=_-]{1,200}$/)
  .refine((value) => !(value in {}), "is no id");
const id = z.union([name, z.int()]).transform(String);
const optionalId = z
  .union([id, z.literal("")])
  .nullish()
  .transform((value) => value || null);
const optionalText = z
  .string()
  .max(1000)
  .refine(isStorable, "cannot be stored")
  .nullish()
  .transform((value) => value || null);
const optionalInstant = z
  .union([z.iso.datetime({ offset: true }), z.literal("")])
  .nullish()
  .transform((value) => (value ? new Date(value) : null))
  .refine((value) => value === null || (value.getTime() >= 0 && value.getTime() <= LAST_INSTANT), "is no time of ours");
const instantMs = z.int().nonnegative().max(LAST_INSTANT);

const Participant = z.object({
  user_id: optionalId,
  participant_uuid: optionalId,
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
  event_ts: instantMs,
  payload: z.object({
    account_id: name,
    object: z.object({
      id,
      uuid: optionalId,
      host_id: optionalId,
      start_time: optionalInstant,
      end_time: optionalInstant,
      participant: Participant.nullish(),
    }),
  }),
});

const Deauthorized = z.object({
  event: z.literal("app_deauthorized"),
  event_ts: instantMs.optional(),
  payload: z.object({ account_id: name, user_id: optionalId }),
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
