/** When an event begins or ends: a day, or an instant. */
export type Moment = { date?: string; dateTime?: string; timeZone?: string };

/** An event as the stand-in keeps it: what was sent, and what Google adds. */
export type CalendarEvent = {
  id: string;
  status: "confirmed" | "tentative" | "cancelled";
  etag: string;
  updated: string;
  /** The change of the calendar that made it so: what a sync token counts by. */
  change: number;
  summary?: string;
  description?: string;
  location?: string;
  start?: Moment;
  end?: Moment;
  transparency?: string;
  recurrence?: string[];
  recurringEventId?: string;
  originalStartTime?: Moment;
  extendedProperties?: { private?: Record<string, string>; shared?: Record<string, string> };
  attendees?: { email?: string; self?: boolean; responseStatus?: string }[];
  organizer?: { email: string; self?: boolean };
  [field: string]: unknown;
};

/** A refusal in the words of the Calendar API. */
export class Refused extends Error {
  readonly status: number;
  readonly reason: string;
  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** The body of a refusal. */
export const refusalBody = (code: number, reason: string, message: string) => ({
  error: { errors: [{ domain: code === 403 ? "usageLimits" : "global", reason, message }], code, message },
});
