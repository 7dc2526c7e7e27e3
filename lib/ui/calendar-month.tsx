import Link from "next/link";
import type { ConsultationDto } from "@/lib/contracts/consultations";
import { agendaDays } from "./agenda-days";
import { dayWords, monthOf, monthWords, weekdayWord } from "./calendar-days";
import { consultationsHref } from "./consultation-query";
import { STATE_NAMES } from "./consultation-words";
import { countOf, formatTime } from "./format";
import { readableName } from "./readable";

type CalendarMonthProps = {
  /** A day of the month. */
  day: string;
  consultations: readonly ConsultationDto[];
  timeZone: string;
  today: string;
};

/** As many as fit into a day; the rest is a number. */
const SHOWN = 3;

/** A month of whole weeks: how many each day has, and the first of them. On a phone each is a dot. */
export function CalendarMonth({ day: shown, consultations, timeZone, today }: CalendarMonthProps) {
  const days = new Map(agendaDays(consultations, timeZone).map(({ day, items }) => [day, items]));
  const weeks = monthOf(shown);
  return (
    <table className="month">
      <caption className="sr-only">Consultations in {monthWords(shown)}</caption>
      <thead>
        <tr>
          {weeks[0]?.map((day) => (
            <th key={day} scope="col">
              {weekdayWord(day)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]}>
            {week.map((day) => (
              <MonthDay
                key={day}
                day={day}
                items={days.get(day) ?? []}
                isOther={day.slice(0, 7) !== shown.slice(0, 7)}
                timeZone={timeZone}
                today={today}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type MonthDayProps = {
  day: string;
  items: readonly ConsultationDto[];
  isOther: boolean;
  timeZone: string;
  today: string;
};

function MonthDay({ day, items, isOther, timeZone, today }: MonthDayProps) {
  const words = `${dayWords(day, today)}${items.length > 0 ? `, ${countOf(items.length, "consultation")}` : ""}`;
  const more = items.length - SHOWN;
  return (
    <td className={`${isOther ? "other" : ""}${day === today ? " today" : ""}`}>
      <Link
        href={consultationsHref({ view: "agenda", day })}
        prefetch={false}
        className="date num"
        aria-label={words}
        aria-current={day === today ? "date" : undefined}
      >
        {Number(day.slice(8))}
        {items.length > 0 ? (
          <span className="dots" aria-hidden="true">
            {items.slice(0, SHOWN).map(({ id, state }) => (
              <i key={id} className={state === "scheduled" ? undefined : "off"} />
            ))}
          </span>
        ) : null}
      </Link>
      {items.length > 1 ? (
        <span className="count num" aria-hidden="true">
          {items.length}
        </span>
      ) : null}
      {items.length > 0 ? (
        <ul>
          {items.slice(0, SHOWN).map(({ id, startsAt, leadName, state }) => (
            <li key={id}>
              <Link
                href={`/consultations/${id}`}
                prefetch={false}
                className={state === "scheduled" ? undefined : "off"}
              >
                <span className="num">{formatTime(startsAt, timeZone)}</span> {readableName(leadName)}
                {state === "scheduled" ? null : <span className="sr-only">, {STATE_NAMES[state]}</span>}
              </Link>
            </li>
          ))}
          {more > 0 ? (
            <li>
              <Link href={consultationsHref({ view: "agenda", day })} prefetch={false} className="more">
                {more} more<span className="sr-only"> on {dayWords(day, today)}</span>
              </Link>
            </li>
          ) : null}
        </ul>
      ) : null}
    </td>
  );
}
