import Link from "next/link";
import type { CSSProperties } from "react";
import type { ConsultationDto } from "@/lib/contracts/consultations";
import { clockChange, dayWords, weekdayWord } from "./calendar-days";
import { hoursShown, layoutDay, type Placed } from "./calendar-layout";
import { consultationsHref } from "./consultation-query";
import { STATE_NAMES, timeRange } from "./consultation-words";
import { formatTime } from "./format";
import { Icon } from "./icons";
import { readableName } from "./readable";

/** When the connected calendar is busy; it has no name here. */
export type BusyTime = { startsAt: string; endsAt: string; isAllDay: boolean };

type CalendarWeekProps = {
  days: readonly string[];
  consultations: readonly ConsultationDto[];
  busy: readonly BusyTime[];
  timeZone: string;
  today: string;
  now: string;
};

/* Half an hour, the shortest that is drawn, is large enough to be hit. */
const HOUR_PX = 54;
/** What is drawn shorter has room for one line. */
const TWO_LINES_MINUTES = 40;

/** A week by its hours. Overlapping consultations stand side by side; busy times of the calendar are shaded behind them. */
export function CalendarWeek({ days, consultations, busy, timeZone, today, now }: CalendarWeekProps) {
  const timed = busy.filter(({ isAllDay }) => !isAllDay);
  const columns = days.map((day) => ({
    day,
    placed: layoutDay(consultations, day, timeZone),
    shaded: layoutDay(timed, day, timeZone),
    isBusyAllDay:
      layoutDay(
        busy.filter(({ isAllDay }) => isAllDay),
        day,
        timeZone,
      ).length > 0,
    now:
      day === today
        ? layoutDay([{ startsAt: now, endsAt: now.replace(/\d{3}Z$/, "999Z") }], day, timeZone)[0]
        : undefined,
  }));
  const hours = hoursShown(columns.map(({ placed }) => placed));
  const style = { "--from": hours.from, "--hours": hours.to - hours.from, "--hour": `${HOUR_PX}px` } as CSSProperties;
  return (
    <div className="week" style={style}>
      <div className="hours" aria-hidden="true">
        {HOURS.slice(hours.from, hours.to).map((word) => (
          <span key={word}>{word}</span>
        ))}
      </div>
      {columns.map(({ day, placed, shaded, isBusyAllDay, now: at }) => (
        <section key={day} aria-label={dayWords(day, today)} className={day === today ? "today" : undefined}>
          <header>
            <Link href={consultationsHref({ view: "agenda", day })} prefetch={false} aria-label={dayWords(day, today)}>
              {weekdayWord(day)} <b className="num">{Number(day.slice(8))}</b>
            </Link>
            {isBusyAllDay ? <small className="allday">Busy all day</small> : null}
            <ClockNote change={clockChange(day, timeZone)} />
          </header>
          <div className={`column${isBusyAllDay ? " full" : ""}`}>
            {shaded.map(({ item, top, bottom }) => (
              <span
                key={item.startsAt + item.endsAt}
                className="busy"
                style={{ "--top": top, "--bottom": bottom } as CSSProperties}
              >
                <span className="sr-only">Calendar busy {timeRange(item, timeZone)}</span>
              </span>
            ))}
            <ul>
              {placed.map((one) => (
                <WeekItem key={one.item.id} placed={one} timeZone={timeZone} />
              ))}
            </ul>
            {at ? <span className="now" aria-hidden="true" style={{ "--top": at.top } as CSSProperties} /> : null}
          </div>
        </section>
      ))}
    </div>
  );
}

/* `12 AM` to `11 PM`. */
const HOURS = Array.from({ length: 24 }, (_, hour) => `${hour % 12 === 0 ? 12 : hour % 12} ${hour < 12 ? "AM" : "PM"}`);

function ClockNote({ change }: { change: "forward" | "back" | null }) {
  return change ? <small className="clocks">Clocks go {change}</small> : null;
}

function WeekItem({
  placed: { item, top, bottom, lane, lanes },
  timeZone,
}: {
  placed: Placed<ConsultationDto>;
  timeZone: string;
}) {
  const { id, leadName, kind, state, conflicts } = item;
  const name = readableName(leadName);
  const isOff = state !== "scheduled";
  const isInConflict = !isOff && conflicts.length > 0;
  const words = [
    timeRange(item, timeZone),
    name,
    kind,
    isOff ? STATE_NAMES[state] : "",
    isInConflict ? "overlaps something" : "",
  ];
  return (
    <li style={{ "--top": top, "--bottom": bottom, "--lane": lane, "--lanes": lanes } as CSSProperties}>
      <Link
        href={`/consultations/${id}`}
        prefetch={false}
        className={`${isOff ? "off" : ""} ${bottom - top < TWO_LINES_MINUTES ? "short" : ""}`}
        aria-label={words.filter(Boolean).join(", ")}
        title={words.filter(Boolean).join(", ")}
      >
        <b>
          {isInConflict ? <Icon name="warn" className="size-3! text-warm" /> : null}
          {name}
        </b>
        <small className="num">{formatTime(item.startsAt, timeZone)}</small>
      </Link>
    </li>
  );
}
