import type { ConsultationDto } from "@/lib/contracts/consultations";
import { buttonClass } from "./button";
import {
  attendanceWords,
  conflictWords,
  isOver,
  type Mark,
  minutesOf,
  OUTCOME_MARKS,
  openableUrl,
  paidWords,
  stateMark,
} from "./consultation-words";
import { formatTime } from "./format";
import { Icon } from "./icons";
import { readableName } from "./readable";

/** A state or an outcome: shape and word, then colour. */
export function MarkWord({ mark: { icon, tone, text } }: { mark: Mark }) {
  return (
    <span className={`st ${tone}`}>
      <Icon name={icon} />
      {text}
    </span>
  );
}

/** How it stands, what came of it, who came, what was paid. */
export function ConsultationMarks({ consultation, now }: { consultation: ConsultationDto; now: string }) {
  const { outcome, state } = consultation;
  const notes = [attendanceWords(consultation), paidWords(consultation)].filter(Boolean);
  const isUndecided = state === "scheduled" && outcome === null && isOver(consultation, now);
  return (
    <>
      <MarkWord mark={stateMark(consultation, now)} />
      {outcome ? <MarkWord mark={OUTCOME_MARKS[outcome]} /> : isUndecided ? <span>No outcome yet</span> : null}
      {notes.map((note) => (
        <span key={note}>{note}</span>
      ))}
    </>
  );
}

/** What overlaps with it, each in words. */
export function ConflictLines({
  consultation: { conflicts, state },
  timeZone,
}: {
  consultation: ConsultationDto;
  timeZone: string;
}) {
  if (conflicts.length === 0 || state !== "scheduled") return null;
  return (
    <>
      {conflicts.map((conflict) => (
        <span key={`${conflict.kind}${conflict.startsAt}${conflict.consultationId}`} className="flex gap-1.5 text-warm">
          <Icon name="warn" className="mt-0.5" />
          {conflictWords(conflict, timeZone)}
        </span>
      ))}
    </>
  );
}

type JoinLinkProps = {
  consultation: Pick<ConsultationDto, "joinUrl" | "leadName" | "startsAt" | "endsAt" | "state">;
  timeZone: string;
  now: string;
  kind?: "plain" | "primary";
};

/** The door of the meeting, until an hour after it should have ended. */
export function JoinLink({ consultation, timeZone, now, kind = "plain" }: JoinLinkProps) {
  const url = openableUrl(consultation.joinUrl);
  const isPast = Date.parse(consultation.endsAt) + 3_600_000 < Date.parse(now);
  if (!url || isPast || consultation.state !== "scheduled") return null;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer" className={buttonClass(kind)}>
      <Icon name="video" />
      Join
      <span className="sr-only">
        {" "}
        {readableName(consultation.leadName)} at {formatTime(consultation.startsAt, timeZone)}, in a new tab
      </span>
    </a>
  );
}

/** Where it takes place, in words; a link to meet has a button of its own. */
export const placeWords = ({ location, joinUrl }: Pick<ConsultationDto, "location" | "joinUrl">): string | null =>
  location && !/^https?:\/\//i.test(location) ? location : joinUrl ? "Video" : null;

/** Kind, length, place and calendar in one line: `Consultation, 30 min, Video`. */
export const aboutWords = (consultation: ConsultationDto): string =>
  [consultation.kind, `${minutesOf(consultation)} min`, placeWords(consultation), consultation.calendarName]
    .filter(Boolean)
    .join(", ");
