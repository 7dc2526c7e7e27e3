import Link from "next/link";
import type { ConsultationDetail, MirrorDto } from "@/lib/contracts/consultations";
import type { LeadStatus } from "@/lib/core/lead-status";
import { ConsultationActions } from "./consultation-actions";
import { ConflictLines, JoinLink, MarkWord, placeWords } from "./consultation-parts";
import {
  attendanceWords,
  minutesOf,
  mirrorWords,
  OUTCOME_MARKS,
  paidWords,
  secondsWords,
  stateMark,
  timeRange,
} from "./consultation-words";
import { ConsultationWriteAgain } from "./consultation-write-again";
import { formatInstant, formatMoment, formatTime, zoneOf } from "./format";
import { Icon } from "./icons";
import { StatusWord } from "./marks";
import { readableName } from "./readable";
import { Section } from "./section";
import { TableHead } from "./table-head";
import { tableRoles } from "./table-roles";

type ConsultationViewProps = {
  consultation: ConsultationDetail;
  mayChange: boolean;
  timeZone: string;
  now: string;
};

/** One consultation, with what a list does not show and everything that can be done with it. */
export function ConsultationView({ consultation, mayChange, timeZone, now }: ConsultationViewProps) {
  const { leadId, leadName, leadStatus, kind, notes, people, mirrors, outcome, state } = consultation;
  const name = readableName(leadName);
  return (
    <>
      <nav aria-label="Breadcrumb" className="px-gutter pt-3 text-ink-3">
        <Link
          href="/consultations"
          prefetch={false}
          className="inline-flex min-h-6 items-center gap-1 text-ink-2 phone:min-h-11"
        >
          <Icon name="left" />
          Consultations
        </Link>
      </nav>
      <div className="border-b border-line px-gutter pt-2 pb-4">
        <h1 className="text-26 font-head tracking-[-0.022em] phone:text-[22px] phone:leading-7">
          {kind} with {name}
        </h1>
        <div className="mt-1.5 flex flex-wrap items-center gap-x-[18px] gap-y-1 text-ink-2">
          <MarkWord mark={stateMark(consultation, now)} />
          {outcome ? <MarkWord mark={OUTCOME_MARKS[outcome]} /> : null}
          <span className="-mr-2 text-ink-3">Lead</span>
          <Link
            href={`/leads/${leadId}`}
            prefetch={false}
            title={leadName}
            className="inline-flex min-h-6 items-center phone:min-h-11"
          >
            {name}
          </Link>
          <StatusWord status={leadStatus as LeadStatus} />
        </div>
        <When consultation={consultation} timeZone={timeZone} now={now} />
        <div className="mt-3 grid gap-1 empty:hidden">
          <ConflictLines consultation={consultation} timeZone={timeZone} />
        </div>
        <div className="mt-3 flex flex-wrap gap-2 empty:hidden">
          <JoinLink consultation={consultation} timeZone={timeZone} now={now} kind="primary" />
        </div>
      </div>
      {mayChange ? <ConsultationActions consultation={consultation} timeZone={timeZone} now={now} /> : null}
      <Section id="facts" title="What is known">
        <Facts consultation={consultation} timeZone={timeZone} now={now} />
      </Section>
      {notes ? (
        <Section id="notes" title="Written when booking">
          <p className="max-w-[68ch] whitespace-pre-wrap [overflow-wrap:anywhere]">{notes}</p>
        </Section>
      ) : null}
      {people.length > 0 ? (
        <Section id="people" title="Who was in the meeting" right={zoneOf(consultation.startsAt, timeZone)}>
          <People people={people} timeZone={timeZone} />
        </Section>
      ) : null}
      <Section id="elsewhere" title="In other services">
        {mirrors.length > 0 ? (
          <>
            <Mirrors mirrors={mirrors} timeZone={timeZone} now={now} />
            {mayChange && canBeWritten(consultation, now) ? (
              <div className="mt-3">
                <ConsultationWriteAgain id={consultation.id} />
              </div>
            ) : null}
          </>
        ) : (
          <p className="text-ink-2">
            It is in no connected service. {state === "scheduled" ? "Those you connect are updated automatically." : ""}
          </p>
        )}
      </Section>
    </>
  );
}

/* What was taken away or refused: the record of the lead always, the others as long as the consultation is to come. */
const canBeWritten = ({ mirrors, state, startsAt }: ConsultationDetail, now: string): boolean =>
  mirrors.some(
    (mirror) =>
      (mirror.state === "removed" || mirror.state === "failed") &&
      (mirror.kind === "crm_lead" || (state === "scheduled" && startsAt > now)),
  );

type AtProps = Pick<ConsultationViewProps, "consultation" | "timeZone" | "now">;

/* In the firm's zone, and in the person's own where its clocks say something else at that moment. */
function When({ consultation, timeZone, now }: AtProps) {
  const { startsAt, timeZone: own } = consultation;
  const isSame =
    formatInstant(startsAt, own, now).replace(/ \S+$/, "") ===
    formatInstant(startsAt, timeZone, now).replace(/ \S+$/, "");
  return (
    <p className="mt-3 text-16">
      <time dateTime={startsAt} className="font-emph">
        {formatInstant(startsAt, timeZone, now)}
      </time>
      <span className="text-ink-2">, {minutesOf(consultation)} min</span>
      {isSame ? null : (
        <span className="block text-13 text-ink-2">
          For the person: {formatInstant(startsAt, own, now)} ({own.replaceAll("_", " ")})
        </span>
      )}
    </p>
  );
}

const inSentence = (moment: string): string => moment.replace(/^Today/, "today");

const ORIGINS = { acuity: "In Acuity, by the person", firm: "Here, by the firm" } as const;
const LINK_ORIGINS = { acuity: "from Acuity", zoom: "from Zoom" } as const;

function Facts({ consultation, timeZone, now }: AtProps) {
  const { origin, bookedAt, calendarName, joinUrl, joinUrlFrom, outcome, outcomeAt, attendanceFrom } = consultation;
  const attendance = attendanceWords(consultation);
  const at = (iso: string) => inSentence(formatMoment(iso, timeZone, now));
  const facts: [string, string | null][] = [
    ["Time", `${timeRange(consultation, timeZone)} ${zoneOf(consultation.startsAt, timeZone)}`],
    [
      "Where",
      [placeWords(consultation), joinUrl && joinUrlFrom ? `link ${LINK_ORIGINS[joinUrlFrom]}` : null]
        .filter(Boolean)
        .join(", ") || "Not said",
    ],
    ["Calendar", calendarName],
    ["Booked", `${ORIGINS[origin]}, ${at(bookedAt)}`],
    ["Price", paidWords(consultation)],
    [
      "Who came",
      attendance
        ? `${attendance}${attendanceFrom === "zoom" ? ", as Zoom counted" : attendanceFrom === "person" ? ", as somebody here said" : ""}`
        : "Not known yet",
    ],
    ["Outcome", outcome ? `${OUTCOME_MARKS[outcome].text}${outcomeAt ? `, ${at(outcomeAt)}` : ""}` : "None yet"],
  ];
  return (
    <dl className="grid grid-cols-[96px_minmax(0,1fr)] gap-x-4 gap-y-1.5">
      {facts.map(([term, words]) =>
        words ? (
          <div key={term} className="contents">
            <dt className="text-ink-3">{term}</dt>
            <dd className="m-0 [overflow-wrap:anywhere]">{words}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}

function People({ people, timeZone }: { people: ConsultationDetail["people"]; timeZone: string }) {
  return (
    <table className="tb stack" {...tableRoles.table}>
      <TableHead columns={["Who", "Came in", "Left", "In it for"]} />
      <tbody {...tableRoles.group}>
        {people.map((person) => (
          <tr key={person.name + person.joinedAt} {...tableRoles.row}>
            <td className="wide" {...tableRoles.cell}>
              <span className="font-emph [overflow-wrap:anywhere]">{person.name}</span>
              {person.isHost ? <span className="text-ink-3">, host</span> : null}
            </td>
            <td className="num" {...tableRoles.cell}>
              {formatTime(person.joinedAt, timeZone)}
            </td>
            <td className="num" {...tableRoles.cell}>
              {person.leftAt ? formatTime(person.leftAt, timeZone) : "Still in it"}
            </td>
            <td {...tableRoles.cell}>{secondsWords(person.seconds)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Mirrors({ mirrors, timeZone, now }: { mirrors: readonly MirrorDto[]; timeZone: string; now: string }) {
  return (
    <ul className="grid gap-1.5">
      {mirrors.map((mirror) => {
        const { name, text, isTrouble } = mirrorWords(mirror, { timeZone, now });
        return (
          <li key={mirror.provider + mirror.kind} className="flex items-start gap-2">
            <Icon
              name={
                isTrouble
                  ? "warn"
                  : mirror.state === "removed"
                    ? "barred"
                    : mirror.state === "pending"
                      ? "clock"
                      : "check"
              }
              className={`mt-0.5 ${isTrouble ? "text-warm" : "text-ink-3"}`}
            />
            <span>
              <b className="font-emph">{name}</b>: {text}
              <span className="text-ink-3">, {inSentence(formatMoment(mirror.updatedAt, timeZone, now))}</span>
            </span>
          </li>
        );
      })}
    </ul>
  );
}
