import Link from "next/link";
import type { ConsultationDto } from "@/lib/contracts/consultations";
import { CONSULTATION_STATES } from "@/lib/core/consultation";
import { AgendaList } from "./agenda-list";
import { buttonClass } from "./button";
import { addDays, firstOfMonth, monthWords, spanWords, weekOf } from "./calendar-days";
import { CalendarMonth } from "./calendar-month";
import { type BusyTime, CalendarWeek } from "./calendar-week";
import { type CalendarView, type ConsultationSearch, consultationsHref } from "./consultation-query";
import { STATE_NAMES } from "./consultation-words";
import { Icon } from "./icons";
import { PageHead, Views } from "./page-head";
import { Empty, Partial } from "./states";

/** How many days the agenda shows at a time. */
export const AGENDA_DAYS = 30;

type ConsultationsViewProps = {
  search: ConsultationSearch;
  /** The day that is shown, or begins what is shown. */
  day: string;
  consultations: readonly ConsultationDto[];
  busy: readonly BusyTime[];
  nextCursor: string | null;
  /** How many of the last two weeks still wait for an outcome. */
  undecided: number;
  /** No consultation was ever booked here. */
  isFirmEmpty: boolean;
  mayConnect: boolean;
  timeZone: string;
  today: string;
  now: string;
};

const VIEW_NAMES: Record<CalendarView, string> = { agenda: "Agenda", week: "Week", month: "Month" };

/** The firm's consultations: as an agenda, by the week, by the month. */
export function ConsultationsView(props: ConsultationsViewProps) {
  const { search, day, today, isFirmEmpty, mayConnect, undecided } = props;
  const { view, state } = search;
  const isAgendaToday = view === "agenda" && day === today && !search.cursor;
  return (
    <>
      <PageHead title="Consultations">
        <Steps view={view} day={day} state={state} />
      </PageHead>
      <Views
        views={(["agenda", "week", "month"] as const).map((each) => ({
          label: VIEW_NAMES[each],
          href: consultationsHref({ view: each, day: day === today ? undefined : day, state }),
          isCurrent: each === view,
        }))}
      />
      {isFirmEmpty ? (
        <NoConsultations mayConnect={mayConnect} />
      ) : (
        <>
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-gutter py-2 phone:py-1">
            <h2 className="font-strong">{spanOf(view, day)}</h2>
            <StateLinks search={search} day={day === today ? undefined : day} />
          </div>
          {isAgendaToday && undecided > 0 ? (
            <Partial
              title={
                undecided === 1
                  ? "One consultation has no outcome yet."
                  : `${undecided} consultations have no outcome yet.`
              }
              link={
                <Link href={consultationsHref({ view: "agenda", day: addDays(today, -14) })} prefetch={false}>
                  Show the last two weeks
                </Link>
              }
            >
              Record how it went, and the lead’s status is updated.
            </Partial>
          ) : null}
          <Shown {...props} />
        </>
      )}
    </>
  );
}

const spanOf = (view: CalendarView, day: string): string => {
  const week = weekOf(day);
  if (view === "month") return monthWords(day);
  return view === "week" ? spanWords(week[0] ?? day, week[6] ?? day) : spanWords(day, addDays(day, AGENDA_DAYS - 1));
};

const stepOf = (view: CalendarView, day: string, by: 1 | -1): string =>
  view === "month"
    ? firstOfMonth(day, by)
    : addDays(view === "week" ? (weekOf(day)[0] ?? day) : day, by * (view === "week" ? 7 : AGENDA_DAYS));

const STEP_NAMES: Record<CalendarView, string> = { agenda: `${AGENDA_DAYS} days`, week: "week", month: "month" };

function Steps({ view, day, state }: { view: CalendarView; day: string; state: ConsultationSearch["state"] }) {
  const to = (next: string | undefined) => consultationsHref({ view, day: next, state });
  return (
    <nav aria-label="Time" className="flex gap-2">
      <Link
        href={to(stepOf(view, day, -1))}
        prefetch={false}
        className={buttonClass()}
        aria-label={`Previous ${STEP_NAMES[view]}`}
      >
        <Icon name="left" />
      </Link>
      <Link href={to(undefined)} prefetch={false} className={buttonClass()}>
        Today
      </Link>
      <Link
        href={to(stepOf(view, day, 1))}
        prefetch={false}
        className={buttonClass()}
        aria-label={`Next ${STEP_NAMES[view]}`}
      >
        <Icon name="right" />
      </Link>
    </nav>
  );
}

function StateLinks({ search: { view, state }, day }: { search: ConsultationSearch; day: string | undefined }) {
  return (
    <nav aria-label="State" className="ml-auto flex flex-wrap gap-1 phone:-mx-2 phone:ml-0">
      {([undefined, ...CONSULTATION_STATES] as const).map((each) => (
        <Link
          key={each ?? "all"}
          href={consultationsHref({ view, day, state: each })}
          prefetch={false}
          aria-current={each === state ? "true" : undefined}
          className="inline-flex h-6 items-center rounded-ctl px-2 text-ink-2 hover:bg-hover hover:text-ink hover:no-underline current:bg-selected current:font-strong current:text-ink phone:h-11"
        >
          {each ? STATE_NAMES[each] : "All"}
        </Link>
      ))}
    </nav>
  );
}

function Shown({ search, day, consultations, busy, nextCursor, timeZone, today, now }: ConsultationsViewProps) {
  const { view, state } = search;
  const at = { timeZone, today, now };
  if (view === "week") {
    const days = weekOf(day);
    return (
      <>
        <TooMany isShown={nextCursor !== null} />
        <CalendarWeek days={days} consultations={consultations} busy={busy} {...at} />
        <div className="hidden phone:block">
          <AgendaList consultations={consultations} always={days} {...at} />
        </div>
      </>
    );
  }
  if (view === "month")
    return (
      <>
        <TooMany isShown={nextCursor !== null} />
        <CalendarMonth day={day} consultations={consultations} timeZone={timeZone} today={today} />
      </>
    );
  const isFirst = !search.cursor;
  return (
    <>
      {consultations.length === 0 && day !== today ? (
        <Empty title="Nothing in these days">
          {state
            ? `No consultation is “${STATE_NAMES[state].toLowerCase()}” then.`
            : "No consultation was booked for them."}
        </Empty>
      ) : (
        <AgendaList consultations={consultations} always={isFirst && day === today && !state ? [today] : []} {...at} />
      )}
      {consultations.length === 0 && day === today ? (
        <p className="px-gutter py-3 text-ink-2">
          {state ? `None is “${STATE_NAMES[state].toLowerCase()}”` : "Nothing is booked"} in the next {AGENDA_DAYS}{" "}
          days.
        </p>
      ) : null}
      <nav aria-label="Pages" className="flex flex-wrap gap-2 px-gutter py-3">
        {isFirst ? null : (
          <Link
            href={consultationsHref({ view, day: day === today ? undefined : day, state })}
            prefetch={false}
            className={buttonClass()}
          >
            First page
          </Link>
        )}
        {nextCursor ? (
          <Link
            href={consultationsHref({ view, day, state, cursor: nextCursor })}
            prefetch={false}
            className={buttonClass()}
            rel="next"
          >
            More of these days
          </Link>
        ) : (
          <Link
            href={consultationsHref({ view, day: addDays(day, AGENDA_DAYS), state })}
            prefetch={false}
            className={buttonClass()}
          >
            The {AGENDA_DAYS} days after
          </Link>
        )}
        <Link
          href={consultationsHref({ view, day: addDays(day, -AGENDA_DAYS), state })}
          prefetch={false}
          className={buttonClass("quiet")}
        >
          The {AGENDA_DAYS} days before
        </Link>
      </nav>
    </>
  );
}

function TooMany({ isShown }: { isShown: boolean }) {
  return isShown ? (
    <Partial title="Not all of them fit here.">The first 500 are shown. The agenda has them all, in pages.</Partial>
  ) : null;
}

function NoConsultations({ mayConnect }: { mayConnect: boolean }) {
  return (
    <Empty
      title="No consultations yet"
      steps={[
        "Connect Acuity Scheduling: what is booked there appears here, on the lead it belongs to",
        "Connect Google Calendar and Zoom: events and meetings are created automatically",
        "Or book one yourself: open a lead, then “Book a consultation”",
      ]}
      actions={
        <>
          {mayConnect ? (
            <Link href="/settings/connections" prefetch={false} className={buttonClass("primary")}>
              Connect Acuity
            </Link>
          ) : null}
          <Link href="/leads" prefetch={false} className={buttonClass()}>
            Open a lead
          </Link>
        </>
      }
    >
      All consultations in one place: when, where, who came and how it went.
      {mayConnect ? "" : " An owner or admin of the firm connects other services."}
    </Empty>
  );
}
