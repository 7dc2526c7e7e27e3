/** How a booking stands. Whether somebody came, and what came of it, stand beside it. */
export const CONSULTATION_STATES = ["scheduled", "canceled", "no_show"] as const;
export type ConsultationState = (typeof CONSULTATION_STATES)[number];

/** What came of a consultation. */
export const CONSULTATION_OUTCOMES = ["retained", "thinking", "declined"] as const;
export type ConsultationOutcome = (typeof CONSULTATION_OUTCOMES)[number];

/** Whether the person came, as far as anybody knows. */
export const ATTENDANCE_STATES = ["unknown", "attended", "absent"] as const;

/** Who booked, as they wrote it. */
export type Booker = { firstName: string; lastName: string; email: string | null; phone: string | null };

/** What a booking says, whichever service holds it. */
export type BookingFacts = {
  state: ConsultationState;
  startsAt: Date;
  endsAt: Date;
  /** IANA zone of the person who booked. */
  timeZone: string;
  kind: string;
  calendarName: string | null;
  location: string | null;
  /** Where to meet on video, by the booking service alone: a link of somebody else's is no part of the booking. */
  joinUrl: string | null;
  priceCents: number | null;
  isPaid: boolean | null;
  /** What the person wrote on the booking form, as text. */
  notes: string | null;
  bookedAt: Date;
};
