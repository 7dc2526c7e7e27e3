import { type LeadStatus, STATUS_MOVES } from "./lead-status";

/** How a booking stands for the lead: it is going to take place, it is not, or there is none (null). */
export type Liveness = "live" | "over" | null;

/** A canceled booking and a missed one are alike to the lead. */
export const livenessOf = (state: "scheduled" | "canceled" | "no_show"): Liveness =>
  state === "scheduled" ? "live" : "over";

/** What one booking went through between two looks at it. */
export type LivenessChange = {
  was: Liveness;
  is: Liveness;
  /** Another booking of the lead is live. */
  hasOtherLive: boolean;
};

/**
 * Where a lead stands after one of its bookings became live or ceased to be. Nothing else of a booking moves a lead, so what a person decided since is not
 * undone by a booking that merely moved to another hour. A booking that is over when it is first seen counts as one that was live before: which of its states
 * were seen makes no difference. Pure.
 */
export function statusAfter(lead: LeadStatus, { was, is, hasOtherLive }: LivenessChange): LeadStatus {
  if (was === is || lead === "retained") return lead;
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
