import type { Metadata } from "next";
import { queryOf, type SearchParams } from "@/app/(firm)/leads/read-search";
import type { ConsultationPage } from "@/lib/contracts/consultations";
import { AppError } from "@/lib/core/errors";
import { startOfDay } from "@/lib/core/local-time";
import { countUndecided } from "@/lib/domain/bookings/count-undecided";
import { listBusyTimes } from "@/lib/domain/bookings/list-busy-times";
import { hasConsultations, listConsultations } from "@/lib/domain/bookings/list-consultations";
import type { Ctx } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { mayDo } from "@/lib/domain/context/permissions";
import { findFirmOfRequest, loadSession } from "@/lib/http/session";
import { addDays, dayOf, monthOf, weekOf } from "@/lib/ui/calendar-days";
import type { ConsultationSearch } from "@/lib/ui/consultation-query";
import { AGENDA_DAYS, ConsultationsView } from "@/lib/ui/consultations-view";
import { readSearch } from "./read-search";
import "@/lib/ui/agenda-list.css";
import "@/lib/ui/calendar-month.css";
import "@/lib/ui/calendar-week.css";

/* Of the last two weeks: what is over, and nobody said what came of it. */
const UNDECIDED_MS = 14 * 86_400_000;

export const generateMetadata = async (): Promise<Metadata> => ({
  title: `Consultations · ${(await findFirmOfRequest()).name}`,
});

/** The firm's consultations, by the view and day in the address. */
export default async function ConsultationsPage({ searchParams }: { searchParams: SearchParams }) {
  const query = queryOf(await searchParams);
  const { ctx, firm } = await loadSession(query.size > 0 ? `/consultations?${query}` : "/consultations");
  const search = readSearch(query);
  const { timeZone } = firm;
  const now = ctx.clock.now().toISOString();
  const today = dayOf(now, timeZone);
  const day = search.day ?? today;
  const loaded = await inTenant(ctx, async (tx) => {
    const inside: Ctx = { ...ctx, tx };
    const { from, to } = span(search, day, timeZone);
    const [page, undecided] = [
      await load(inside, search, { from, to }),
      await countUndecided(inside, new Date(Date.parse(now) - UNDECIDED_MS)),
    ];
    const isEmpty = page.consultations.length === 0 && undecided === 0;
    return {
      ...page,
      undecided,
      isFirmEmpty: isEmpty && !(await hasConsultations(inside)),
      busy: search.view === "week" ? await listBusyTimes(inside, { from, to }) : [],
    };
  });
  return (
    <ConsultationsView
      {...loaded}
      search={search}
      day={day}
      mayConnect={mayDo(ctx, "connections:manage")}
      timeZone={timeZone}
      today={today}
      now={now}
    />
  );
}

/* What is shown, from the first midnight to the one after the last day. */
function span({ view }: ConsultationSearch, day: string, timeZone: string): { from: string; to: string } {
  const weeks =
    view === "week" ? [weekOf(day)] : view === "month" ? monthOf(day) : [[day, addDays(day, AGENDA_DAYS - 1)]];
  const days = weeks.flat();
  const [first = day, last = day] = [days[0], days.at(-1)];
  return {
    from: startOfDay(first, timeZone).toISOString(),
    to: startOfDay(last, timeZone, 1).toISOString(),
  };
}

async function load(
  ctx: Ctx,
  search: ConsultationSearch,
  span: { from: string; to: string },
): Promise<ConsultationPage> {
  const { view, state, cursor } = search;
  const query = { ...span, state: state ? [state] : [], limit: view === "agenda" ? 50 : 500 };
  if (!cursor || view !== "agenda") return listConsultations(ctx, query);
  try {
    return await listConsultations(ctx, { ...query, cursor });
  } catch (error) {
    // a cursor of another day or filter, from an address that was changed by hand: from the beginning then
    if (error instanceof AppError && error.code === "unprocessable") return listConsultations(ctx, query);
    throw error;
  }
}
