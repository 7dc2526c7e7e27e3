import { z } from "zod";
import { ATTENDANCE_STATES, CONSULTATION_OUTCOMES, CONSULTATION_STATES } from "@/lib/core/consultation";
import { text } from "@/lib/core/text";

const instant = z.string();
const zonedInstant = z.iso.datetime({ offset: true, error: "must be an ISO 8601 date-time with a zone" });

/** What overlaps with a consultation: another one of the firm, or a busy time of the connected calendar (which has no name here). */
export const ConflictDto = z.strictObject({
  kind: z.enum(["consultation", "busy"]),
  startsAt: instant,
  endsAt: instant,
  isAllDay: z.boolean(),
  consultationId: z.string().nullable(),
});
export type ConflictDto = z.infer<typeof ConflictDto>;

/** What stands for a consultation elsewhere. */
export const MirrorDto = z.strictObject({
  provider: z.string(),
  kind: z.enum(["event", "meeting", "crm_lead"]),
  state: z.enum(["pending", "linked", "removed", "failed"]),
  problem: z.string().nullable(),
  /** When it begins there, when somebody moved it there alone. */
  movedTo: instant.nullable(),
  updatedAt: instant,
});
export type MirrorDto = z.infer<typeof MirrorDto>;

/** One consultation. Instants are ISO 8601 UTC; show them in `timeZone`, the person's own, or in the firm's. */
export const ConsultationDto = z.strictObject({
  id: z.string(),
  version: z.int(),
  leadId: z.string(),
  /** `Last, First` of the lead. */
  leadName: z.string(),
  leadStatus: z.string(),
  origin: z.enum(["acuity", "firm"]),
  state: z.enum(CONSULTATION_STATES),
  startsAt: instant,
  endsAt: instant,
  timeZone: z.string(),
  kind: z.string(),
  calendarName: z.string().nullable(),
  location: z.string().nullable(),
  joinUrl: z.string().nullable(),
  joinUrlFrom: z.enum(["acuity", "zoom"]).nullable(),
  priceCents: z.int().nullable(),
  isPaid: z.boolean().nullable(),
  bookedAt: instant,
  outcome: z.enum(CONSULTATION_OUTCOMES).nullable(),
  outcomeAt: instant.nullable(),
  attendance: z.enum(ATTENDANCE_STATES),
  attendanceFrom: z.enum(["zoom", "person"]).nullable(),
  attendedSeconds: z.int().nullable(),
  conflicts: z.array(ConflictDto),
});
export type ConsultationDto = z.infer<typeof ConsultationDto>;

/** One consultation with what a list does not show. */
export const ConsultationDetail = ConsultationDto.extend({
  /** What the person wrote when booking. */
  notes: z.string().nullable(),
  people: z.array(
    z.strictObject({
      name: z.string(),
      isHost: z.boolean(),
      joinedAt: instant,
      leftAt: instant.nullable(),
      seconds: z.int(),
    }),
  ),
  mirrors: z.array(MirrorDto),
});
export type ConsultationDetail = z.infer<typeof ConsultationDetail>;

/**
 * The query of `GET /api/consultations`: those that overlap `from` (inclusive) to `to` (exclusive), earliest first; at most 93 days. Of one lead with `lead`,
 * and then without limits of time.
 */
export const ConsultationQuery = z
  .strictObject({
    from: zonedInstant.optional(),
    to: zonedInstant.optional(),
    lead: z.uuid("must be a lead id").optional(),
    state: z.array(z.enum(CONSULTATION_STATES)).max(3).default([]),
    limit: z.int().min(1).max(500).default(100),
    cursor: z.string().max(1000).optional(),
  })
  .refine((query) => query.lead || (query.from && query.to), {
    path: ["from"],
    error: "is required with `to`, or a `lead`",
  });
export type ConsultationQuery = z.infer<typeof ConsultationQuery>;

/** The reply of `GET /api/consultations`. */
export const ConsultationPage = z.strictObject({
  consultations: z.array(ConsultationDto),
  nextCursor: z.string().nullable(),
});
export type ConsultationPage = z.infer<typeof ConsultationPage>;

/** The body of `POST /api/consultations`: a consultation that the firm agrees on by itself. */
export const BookConsultation = z.strictObject({
  leadId: z.uuid("must be a lead id"),
  startsAt: zonedInstant,
  minutes: z.int().min(5).max(480).default(30),
  kind: text(120).default("Consultation"),
  location: text(300).optional(),
});
export type BookConsultation = z.infer<typeof BookConsultation>;

/** The body of `POST /api/consultations/{id}/move`. One that was booked in Acuity is moved there. */
export const MoveConsultation = z.strictObject({
  startsAt: zonedInstant,
  minutes: z.int().min(5).max(480).optional(),
  expectedVersion: z.int().optional(),
});
export type MoveConsultation = z.infer<typeof MoveConsultation>;

/** The body of `POST /api/consultations/{id}/cancel`. */
export const CancelConsultation = z.strictObject({ note: text(500).optional(), isNoShow: z.boolean().default(false) });
export type CancelConsultation = z.infer<typeof CancelConsultation>;

/** The body of `POST /api/consultations/{id}/outcome`. `reason` is required for `declined`; null takes the outcome back. */
export const SetOutcome = z.strictObject({
  outcome: z.enum(CONSULTATION_OUTCOMES).nullable(),
  reason: text(500).optional(),
});
export type SetOutcome = z.infer<typeof SetOutcome>;

/** The body of `POST /api/consultations/{id}/attendance`: a person's word, which counts more than what was counted. */
export const SetAttendance = z.strictObject({ attendance: z.enum(ATTENDANCE_STATES) });
export type SetAttendance = z.infer<typeof SetAttendance>;

/** The body of `POST /api/consultations/{id}/lead`: it belongs to another lead. */
export const RelinkConsultation = z.strictObject({ leadId: z.uuid("must be a lead id") });
export type RelinkConsultation = z.infer<typeof RelinkConsultation>;

/** The reply of `GET /api/reminders`: consultations that begin soon, for whoever asks. */
export const ReminderList = z.strictObject({
  reminders: z.array(
    z.strictObject({
      consultationId: z.string(),
      leadId: z.string(),
      leadName: z.string(),
      kind: z.string(),
      startsAt: instant,
      joinUrl: z.string().nullable(),
      isSeen: z.boolean(),
    }),
  ),
});
export type ReminderList = z.infer<typeof ReminderList>;

/** The body of `PATCH /api/account/reminders`: minutes before a consultation; null for none. */
export const ChangeReminders = z.strictObject({ minutes: z.int().min(5).max(2880).nullable() });
export type ChangeReminders = z.infer<typeof ChangeReminders>;

/** The body of `POST /api/account/calendar-feed`, which makes a new address and ends the old one. */
export const MakeCalendarFeed = z.strictObject({ showsNames: z.boolean().default(false) });
export type MakeCalendarFeed = z.infer<typeof MakeCalendarFeed>;

/** The reply: the address, which is shown once. */
export const CalendarFeedMade = z.strictObject({ url: z.string(), showsNames: z.boolean() });
export type CalendarFeedMade = z.infer<typeof CalendarFeedMade>;
