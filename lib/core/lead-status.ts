/** Every status a lead can have, in the order of the pipeline. */
export const LEAD_STATUSES = [
  "new",
  "reviewed",
  "qualified",
  "mail_queued",
  "mailed",
  "responded",
  "consultation",
  "retained",
  "lost",
  "dismissed",
] as const;
export type LeadStatus = (typeof LEAD_STATUSES)[number];

/** Where a lead may go from each status. The one table that the page, the API and the tests read. */
export const STATUS_MOVES: Record<LeadStatus, readonly LeadStatus[]> = {
  new: ["reviewed", "qualified", "responded", "dismissed"],
  reviewed: ["qualified", "responded", "dismissed"],
  qualified: ["mail_queued", "responded", "dismissed"],
  mail_queued: ["qualified", "mailed", "responded", "dismissed"],
  mailed: ["responded", "lost", "dismissed"],
  responded: ["consultation", "retained", "lost", "dismissed"],
  consultation: ["responded", "retained", "lost", "dismissed"],
  retained: ["reviewed"],
  lost: ["reviewed"],
  dismissed: ["reviewed"],
};

/** Statuses that close a lead: they leave the open list. */
export const CLOSED_STATUSES: readonly LeadStatus[] = ["retained", "lost", "dismissed"];
/** Every status in which a lead is still worked on. */
export const OPEN_STATUSES: readonly LeadStatus[] = LEAD_STATUSES.filter((s) => !CLOSED_STATUSES.includes(s));

/** Moves that need a reason in words. */
export const REASON_REQUIRED: readonly LeadStatus[] = ["dismissed", "lost"];

/** The reason of a lead that was dismissed by the undo of an import. */
export const TAKEN_BACK = "The import that brought it was taken back";

/** The status as people read it. */
export const STATUS_WORDS: Record<LeadStatus, string> = {
  new: "New",
  reviewed: "Reviewed",
  qualified: "Qualified",
  mail_queued: "Mail queued",
  mailed: "Mailed",
  responded: "Responded",
  consultation: "Consultation",
  retained: "Retained",
  lost: "Lost",
  dismissed: "Dismissed",
};

/** Why a move is blocked, in words for the menu and the problem reply; null when it is allowed. */
export function blockedMove(from: LeadStatus, to: LeadStatus): string | null {
  if (from === to || STATUS_MOVES[from].includes(to)) return null;
  if (CLOSED_STATUSES.includes(from)) return `A ${from} lead is closed. Move it to Reviewed first.`;
  if (to === "mailed") return "Only a lead whose mail is queued can be mailed.";
  if (to === "mail_queued") return "Qualify the lead before a letter is queued.";
  if (to === "lost") return "A lead is lost only after a letter went out or the person answered. Dismiss it instead.";
  if (to === "consultation" || to === "retained") return "The person has not responded yet.";
  return `A lead does not go back from ${STATUS_WORDS[from]} to ${STATUS_WORDS[to]}.`;
}
