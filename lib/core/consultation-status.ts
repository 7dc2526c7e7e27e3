import type { ATTENDANCE_STATES, ConsultationOutcome } from "./consultation";
import { type LeadStatus, STATUS_MOVES } from "./lead-status";

/** How a booking stands for the lead: it is going to take place, it is not, or there is none (null). */
export type Liveness = "live" | "over" | null;

/** A canceled booking and a missed one are alike to the lead. */
export const livenessOf = (state: "scheduled" | "canceled" | "no_show"): Liveness =>
  state === "scheduled" ? "live" : "over";

/** A decision about a consultation that was held is worth waiting for so long. */
const AWAITED_MS = 30 * 86_400_000;

/** What has to be known of a scheduled consultation to tell whether it holds its lead. */
export type Holding = {
  endsAt: Date;
  outcome: ConsultationOutcome | null;
  attendance: (typeof ATTENDANCE_STATES)[number];
};

/**
 * True for a scheduled consultation that keeps its lead at Consultation when another one is canceled: one that is still to end, and one that was held within the
 * last thirty days and is not decided yet, because the attorney who held it waits for an answer, or thinks it over with the person. One to which the person did not
 * come, one that was decided, and one of long ago hold nobody. Pure.
 */
export function holdsLead({ endsAt, outcome, attendance }: Holding, now: Date): boolean {
  if (endsAt > now) return true;
  const isDecided = outcome === "retained" || outcome === "declined";
  return !isDecided && attendance !== "absent" && endsAt.getTime() > now.getTime() - AWAITED_MS;
}

/** What one booking went through between two looks at it. */
export type LivenessChange = {
  was: Liveness;
  is: Liveness;
  /** Another booking of the lead holds it: see `holdsLead`. */
  hasOtherLive: boolean;
  /** The lead was closed after this booking was made, and nobody saw it live. */
  isDecidedSince?: boolean;
};

/**
 * Where a lead stands after one of its bookings became live or ceased to be. Nothing else of a booking moves a lead, so what a person decided since is not
 * undone by a booking that merely moved to another hour. A booking that is over when it is first seen counts as one that was live before: which of its states
 * were seen makes no difference. Only a lead that was closed after that booking was made stays closed: who closed it knew no less than the booking says. Pure.
 */
export function statusAfter(
  lead: LeadStatus,
  { was, is, hasOtherLive, isDecidedSince = false }: LivenessChange,
): LeadStatus {
  if (was === is || lead === "retained") return lead;
  if (was === null && is === "over" && isDecidedSince) return lead;
  if (is === "live") return "consultation";
  if (was === null)
    return statusAfter(statusAfter(lead, { was, is: "live", hasOtherLive }), { was: "live", is, hasOtherLive });
  // A person who has moved the lead on since has said more than the cancellation does.
  return was === "live" && !hasOtherLive && lead === "consultation" ? "responded" : lead;
}

/** The moves that lead from one status to another by the table, the fewest there are; none when it is the same. Every status but `new` can be reached. */
export function movesBetween(from: LeadStatus, to: LeadStatus): LeadStatus[] {
  const ways = new Map<LeadStatus, LeadStatus[]>([[from, []]]);
  for (const [status, way] of ways) {
    if (status === to) return way;
    for (const next of STATUS_MOVES[status]) if (!ways.has(next)) ways.set(next, [...way, next]);
  }
  throw new Error(`no moves lead from ${from} to ${to}`);
}
