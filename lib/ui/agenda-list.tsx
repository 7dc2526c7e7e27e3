import Link from "next/link";
import type { ConsultationDto } from "@/lib/contracts/consultations";
import { agendaDays } from "./agenda-days";
import { dayWords } from "./calendar-days";
import { aboutWords, ConflictLines, ConsultationMarks, JoinLink } from "./consultation-parts";
import { timeRange } from "./consultation-words";
import { readableName } from "./readable";

type AgendaListProps = {
  consultations: readonly ConsultationDto[];
  /** Days that are said even with nothing on them. */
  always?: readonly string[];
  timeZone: string;
  today: string;
  now: string;
};

/** Consultations under the days on which they begin. */
export function AgendaList({ consultations, always = [], timeZone, today, now }: AgendaListProps) {
  return (
    <div className="agenda">
      {agendaDays(consultations, timeZone, always).map(({ day, items }) => (
        <section key={day} aria-labelledby={`day-${day}`}>
          <h2 id={`day-${day}`} className={day === today ? "today" : undefined}>
            {dayWords(day, today)}
          </h2>
          {items.length > 0 ? (
            <ol>
              {items.map((consultation) => (
                <AgendaRow key={consultation.id} consultation={consultation} timeZone={timeZone} now={now} />
              ))}
            </ol>
          ) : (
            <p className="nothing">Nothing booked</p>
          )}
        </section>
      ))}
    </div>
  );
}

type AgendaRowProps = { consultation: ConsultationDto; timeZone: string; now: string };

function AgendaRow({ consultation, timeZone, now }: AgendaRowProps) {
  const { id, leadId, leadName, state } = consultation;
  const name = readableName(leadName);
  return (
    <li className={state === "scheduled" ? undefined : "off"}>
      <Link
        href={`/consultations/${id}`}
        prefetch={false}
        className="when num"
        aria-label={`${timeRange(consultation, timeZone)}, ${name}: open the consultation`}
      >
        {state === "scheduled" ? timeRange(consultation, timeZone) : <s>{timeRange(consultation, timeZone)}</s>}
      </Link>
      <div className="who">
        <Link href={`/leads/${leadId}`} prefetch={false} title={leadName}>
          {name}
        </Link>
        <small>{aboutWords(consultation)}</small>
        <ConflictLines consultation={consultation} timeZone={timeZone} />
      </div>
      <div className="how">
        <ConsultationMarks consultation={consultation} now={now} />
      </div>
      <div className="do">
        <JoinLink consultation={consultation} timeZone={timeZone} now={now} />
      </div>
    </li>
  );
}
