import { ACUITY_PAGE, type AcuityAccess, type AcuityList, listAppointments } from "@/lib/integrations/acuity";
import type { AcuityAppointment } from "@/lib/integrations/acuity-appointment";
import { type DayWindow, daysBetween, windowOf } from "./windows";

/**
 * The appointments of some days. `isWhole`: there are no others; else a single day has more than Acuity will list. `skipped` counts those that make no sense,
 * `unread` has their ids: they are there, whatever they are.
 */
export type Listed = DayWindow & {
  appointments: AcuityAppointment[];
  isWhole: boolean;
  skipped: number;
  unread: string[];
};

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
    const list = await listAppointments(access, { minDate, maxDate: last });
    if (list.rows < ACUITY_PAGE) return listedOf(list, { minDate, maxDate: last }, true);
    if (isOneDay) {
      const more = await listAppointments(access, { minDate, maxDate: last, max: LARGEST_PAGE });
      return listedOf(more, { minDate, maxDate: last }, more.rows < LARGEST_PAGE);
    }
    last = windowOf(minDate, Math.ceil((daysBetween(minDate, last) + 1) / 2), last).maxDate;
  }
}

const listedOf = ({ appointments, rows, unread }: AcuityList, window: DayWindow, isWhole: boolean): Listed => ({
  ...window,
  appointments,
  isWhole,
  skipped: rows - appointments.length,
  unread,
});
