import type { Booker, BookingFacts } from "@/lib/core/consultation";

/** A booking as a look at another service found it, in our words: the one shape that every booking service is brought to. */
export type SeenBooking = BookingFacts & { origin: "acuity"; sourceId: string; person: Booker };
