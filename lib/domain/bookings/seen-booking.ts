import type { ConsultationState } from "@/lib/core/consultation";

/** A booking as a look at another service found it, in our words: the one shape that every booking service is brought to. */
export type SeenBooking = {
  origin: "acuity";
  sourceId: string;
  state: ConsultationState;
  startsAt: Date;
  endsAt: Date;
  /** IANA zone of the person who booked. */
  timeZone: string;
  kind: string;
  calendarName: string | null;
  location: string | null;
  /** A meeting that the booking service made by itself. */
  joinUrl: string | null;
  priceCents: number | null;
  isPaid: boolean | null;
  /** What the person wrote on the booking form, as text. */
  notes: string | null;
  bookedAt: Date;
  person: { firstName: string; lastName: string; email: string | null; phone: string | null };
};
