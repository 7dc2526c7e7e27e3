import type { AcuityAppointment } from "@/lib/integrations/acuity-appointment";
import { type ConsultationRow, openJoinUrl, openNotes } from "../../bookings/consultation-row";
import type { SeenBooking } from "../../bookings/seen-booking";
import type { Ctx } from "../../context/ctx";

/** An appointment in our words. A no-show is canceled at Acuity too; that nobody came says more. */
export const toSeen = (appointment: AcuityAppointment): SeenBooking => {
  const { id, isCanceled, isNoShow, ...facts } = appointment;
  return {
    ...facts,
    origin: "acuity",
    sourceId: id,
    state: isNoShow ? "no_show" : isCanceled ? "canceled" : "scheduled",
  };
};

/** What is left to say of an appointment that Acuity does not know any more: canceled, and else as it was seen last. */
export const toGone = (ctx: Ctx, row: ConsultationRow): SeenBooking => ({
  origin: "acuity",
  sourceId: row.sourceId,
  state: "canceled",
  startsAt: row.startsAt,
  endsAt: row.endsAt,
  timeZone: row.timeZone,
  kind: row.kind,
  calendarName: row.calendarName,
  location: row.location,
  joinUrl: row.joinUrlFrom === "acuity" ? openJoinUrl(ctx, row) : null,
  priceCents: row.priceCents,
  isPaid: row.isPaid,
  notes: openNotes(ctx, row),
  bookedAt: row.bookedAt,
  person: { firstName: "", lastName: "", email: null, phone: null },
});
