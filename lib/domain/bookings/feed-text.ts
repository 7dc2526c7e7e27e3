import ical, { ICalCalendarMethod, ICalEventStatus } from "ical-generator";
import type { ConsultationState } from "@/lib/core/consultation";

/** A consultation as a calendar shows it. `leadName` is null where no names are to be shown. */
export type FeedEntry = {
  id: string;
  version: number;
  state: ConsultationState;
  startsAt: Date;
  endsAt: Date;
  kind: string;
  location: string | null;
  joinUrl: string | null;
  leadName: string | null;
  leadUrl: string;
  updatedAt: Date;
};

const PRODUCT = { company: "Arrestra", product: "Consultations" };
const HOUR_SECONDS = 3600;

/** A firm's consultations as an iCalendar text (RFC 5545), all times in UTC. An entry keeps its UID for good; its version is the SEQUENCE. Pure. */
export function feedText(firmName: string, entries: readonly FeedEntry[]): string {
  // The name of a calendar is written as it is: a line break in it would begin a line of somebody's own.
  const name = `Consultations of ${firmName.replace(/[\p{Cc}\u2028\u2029]+/gu, " ")}`;
  const calendar = ical({ name, prodId: PRODUCT, method: ICalCalendarMethod.PUBLISH, ttl: HOUR_SECONDS });
  for (const entry of entries) {
    calendar.createEvent({
      id: `${entry.id}@arrestra`,
      sequence: entry.version,
      stamp: entry.updatedAt,
      start: entry.startsAt,
      end: entry.endsAt,
      status: entry.state === "scheduled" ? ICalEventStatus.CONFIRMED : ICalEventStatus.CANCELLED,
      summary: entry.leadName === null ? entry.kind : `${entry.kind}: ${entry.leadName}`,
      location: entry.location ?? entry.joinUrl,
      url: entry.leadUrl,
    });
  }
  return calendar.toString();
}
