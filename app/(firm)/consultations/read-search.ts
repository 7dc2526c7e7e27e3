import { CONSULTATION_STATES } from "@/lib/core/consultation";
import { isDay } from "@/lib/ui/calendar-days";
import { CALENDAR_VIEWS, type ConsultationSearch } from "@/lib/ui/consultation-query";

/** The page's search as its address says it. What cannot be read is left out: a calendar with a wrong day shows today. */
export function readSearch(query: URLSearchParams): ConsultationSearch {
  const [view, day, state, cursor] = ["view", "day", "state", "cursor"].map((name) => query.get(name) ?? undefined);
  return {
    view: CALENDAR_VIEWS.find((each) => each === view) ?? "agenda",
    day: isDay(day) ? day : undefined,
    state: CONSULTATION_STATES.find((each) => each === state),
    cursor: cursor || undefined,
  };
}
