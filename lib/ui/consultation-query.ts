import type { ConsultationState } from "@/lib/core/consultation";

export const CALENDAR_VIEWS = ["agenda", "week", "month"] as const;
export type CalendarView = (typeof CALENDAR_VIEWS)[number];

/** What the address of the page says. Without a day it is today's; without a state all are shown. */
export type ConsultationSearch = {
  view: CalendarView;
  day?: string | undefined;
  state?: ConsultationState | undefined;
  cursor?: string | undefined;
};

/** The address of the page for a search; what goes without saying is left out. */
export function consultationsHref({ view, day, state, cursor }: ConsultationSearch): string {
  const query = new URLSearchParams();
  if (view !== "agenda") query.set("view", view);
  if (day) query.set("day", day);
  if (state) query.set("state", state);
  if (cursor) query.set("cursor", cursor);
  return query.size > 0 ? `/consultations?${query}` : "/consultations";
}
