import type { ConflictDto, ConsultationDto, MirrorDto } from "@/lib/contracts/consultations";
import type { ConsultationOutcome, ConsultationState } from "@/lib/core/consultation";
import { formatInstant, formatMoney, formatTime } from "./format";
import type { IconName } from "./icons";

export const STATE_NAMES: Record<ConsultationState, string> = {
  scheduled: "Scheduled",
  canceled: "Canceled",
  no_show: "No-show",
};

export const OUTCOME_NAMES: Record<ConsultationOutcome, string> = {
  retained: "Retained",
  thinking: "Thinking",
  declined: "Declined",
};

export const ATTENDANCE_NAMES: Record<ConsultationDto["attendance"], string> = {
  unknown: "Not known",
  attended: "Came",
  absent: "Did not come",
};

export type Mark = { icon: IconName; tone: "" | "new" | "talk" | "won" | "shut"; text: string };

type Standing = Pick<ConsultationDto, "state" | "startsAt" | "endsAt">;

export const isOver = ({ endsAt }: Pick<Standing, "endsAt">, now: string): boolean => endsAt <= now;

/** How it stands: what was booked, until it begins; whether it is under way or over, while nobody said otherwise. */
export function stateMark(consultation: Standing, now: string): Mark {
  if (consultation.state === "canceled") return { icon: "barred", tone: "shut", text: STATE_NAMES.canceled };
  if (consultation.state === "no_show") return { icon: "lost", tone: "shut", text: STATE_NAMES.no_show };
  if (isOver(consultation, now)) return { icon: "reviewed", tone: "", text: "Over" };
  if (consultation.startsAt <= now) return { icon: "new", tone: "talk", text: "Under way" };
  return { icon: "calendar", tone: "talk", text: STATE_NAMES.scheduled };
}

export const OUTCOME_MARKS: Record<ConsultationOutcome, Mark> = {
  retained: { icon: "retained", tone: "won", text: OUTCOME_NAMES.retained },
  thinking: { icon: "clock", tone: "", text: OUTCOME_NAMES.thinking },
  declined: { icon: "lost", tone: "shut", text: OUTCOME_NAMES.declined },
};

/** `2:00 to 2:30 PM`, `11:30 AM to 12:15 PM`. */
export function timeRange({ startsAt, endsAt }: Pick<Standing, "startsAt" | "endsAt">, timeZone: string): string {
  const [start, end] = [formatTime(startsAt, timeZone), formatTime(endsAt, timeZone)];
  const isSameHalf = start.slice(-2) === end.slice(-2) && Date.parse(endsAt) - Date.parse(startsAt) < 12 * 3_600_000;
  return `${isSameHalf ? start.slice(0, -3) : start} to ${end}`;
}

export const minutesOf = ({ startsAt, endsAt }: Pick<Standing, "startsAt" | "endsAt">): number =>
  Math.round((Date.parse(endsAt) - Date.parse(startsAt)) / 60_000);

/** `$150 paid`; null where nothing is asked for. */
export function paidWords({ priceCents, isPaid }: Pick<ConsultationDto, "priceCents" | "isPaid">): string | null {
  if (!priceCents) return null;
  return `${formatMoney(priceCents)}${isPaid === null ? "" : isPaid ? " paid" : " not paid"}`;
}

/** `Came, 24 min`; null while it is not known. */
export function attendanceWords({
  attendance,
  attendedSeconds,
}: Pick<ConsultationDto, "attendance" | "attendedSeconds">): string | null {
  if (attendance === "unknown") return null;
  return `${ATTENDANCE_NAMES[attendance]}${attendance === "attended" && attendedSeconds ? `, ${secondsWords(attendedSeconds)}` : ""}`;
}

/** `24 min`; `under a minute`. */
export const secondsWords = (seconds: number): string =>
  seconds < 60 ? "under a minute" : `${Math.round(seconds / 60)} min`;

/** What overlaps, in a sentence without a name. */
export function conflictWords(conflict: ConflictDto, timeZone: string): string {
  if (conflict.kind === "consultation") return `Overlaps another consultation, ${timeRange(conflict, timeZone)}`;
  return conflict.isAllDay ? "The calendar is busy all day" : `The calendar is busy ${timeRange(conflict, timeZone)}`;
}

/** A link to meet, if it is one that a browser may open; on this machine, where the stand-ins are, without TLS too. */
export const openableUrl = (url: string | null): string | null =>
  url && /^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost)[:/])/i.test(url) ? url : null;

const MIRROR_NAMES: Record<MirrorDto["kind"], string> = {
  event: "In Google Calendar",
  meeting: "Zoom meeting",
  crm_lead: "In Zoho CRM",
};

type MirrorStanding = Pick<MirrorDto, "kind" | "state" | "problem" | "movedTo">;

/** What stands for it elsewhere: `In Google Calendar: yes`, and what is wrong if something is; what was moved there alone, and to when. */
export function mirrorWords(
  { kind, state, problem, movedTo }: MirrorStanding,
  { timeZone, now }: { timeZone: string; now: string },
): { name: string; text: string; isTrouble: boolean } {
  const why = problem ? (PROBLEMS[problem] ?? problem.replaceAll("_", " ")) : null;
  const then = problem && PASSING.has(problem) ? "We try again automatically" : "Write it again once that is fixed";
  const isMoved = state === "linked" && movedTo !== null;
  const there = movedTo ? `moved there to ${formatInstant(movedTo, timeZone, now)}` : "yes";
  const texts: Record<MirrorDto["state"], string> = {
    linked: why ? `yes, but the last change is not there: ${why}. ${then}` : there,
    pending: why ? `not yet: ${why}. ${then}` : "on its way",
    removed: "taken away",
    failed: `no: ${why ?? "it was refused"}`,
  };
  return { name: MIRROR_NAMES[kind], text: texts[state], isTrouble: state === "failed" || why !== null || isMoved };
}

/** What went wrong there, for who does not know our names for it. */
const PROBLEMS: Record<string, string> = {
  revoked: "the connection has to be made again",
  refused: "it does not allow that",
  quota: "its quota for the day is used up",
  unavailable: "it does not answer",
  garbled: "its answer made no sense",
  pace: "as much was written there as it takes for now",
};

/** What passes without anybody doing something. */
const PASSING = new Set(["quota", "unavailable", "garbled", "pace"]);
