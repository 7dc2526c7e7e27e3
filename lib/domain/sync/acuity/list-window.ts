import { ACUITY_PAGE, type AcuityAccess, listAppointments } from "@/lib/integrations/acuity";
import type { AcuityAppointment } from "@/lib/integrations/acuity-appointment";
import { type DayWindow, daysBetween, windowOf } from "./windows";

/** The appointments of some days. `isWhole`: there are no others; else a single day has more than Acuity will list. */
export type Listed = DayWindow & { appointments: AcuityAppointment[]; isWhole: boolean };

/** What is asked for when one day alone fills a page. */
const LARGEST_PAGE = 1000;

/**
 * The appointments of a window of days, or of as many of its first days as fit in a reply: there is no cursor, and a full reply may have left some out, so
 * the window is halved until it is not full.
 */
export async function listWindow(access: AcuityAccess, { minDate, maxDate }: DayWindow): Promise<Listed> {
  let last = maxDate;
  for (;;) {
    const isOneDay = minDate === last;
    const appointments = await listAppointments(access, { minDate, maxDate: last });
    if (appointments.length < ACUITY_PAGE) return { minDate, maxDate: last, appointments, isWhole: true };
    if (isOneDay) {
      const more = await listAppointments(access, { minDate, maxDate: last, max: LARGEST_PAGE });
      return { minDate, maxDate: last, appointments: more, isWhole: more.length < LARGEST_PAGE };
    }
    last = windowOf(minDate, Math.ceil((daysBetween(minDate, last) + 1) / 2), last).maxDate;
  }
}
