import type { ConnectionDto, SyncProgress } from "@/lib/contracts/connections";
import type { ConnectionProblem } from "@/lib/core/connectors";
import { countOf, formatAgo } from "./format";
import type { IconName } from "./icons";

/** What is wrong with a connection, and what to do. */
const PROBLEM_WORDS: Record<ConnectionProblem, string> = {
  revoked: "The access ended, or was taken away there. Connect again; nothing that was kept is lost.",
  refused:
    "It refuses our requests: a permission is missing, or your plan there does not include this. Fix it there, then connect again.",
  quota: "Its quota for today is used up. Syncing resumes by itself once the quota is renewed.",
  unavailable: "It does not answer. We keep trying, less often each time, and resume where we stopped.",
  garbled: "Its answers cannot be read. We try again every hour; tell whoever runs Arrestra.",
};

/** How a connection does, in words, with its glyph and colour; what a person can do about it stands beside it. */
export function connectionState(connection: ConnectionDto | null): {
  icon: IconName;
  tone: string;
  words: string;
  more?: string;
} {
  if (!connection) return { icon: "clock", tone: "text-ink-3", words: "Not connected" };
  const { state, problem } = connection;
  if (state === "broken") {
    return { icon: "warn", tone: "text-danger", words: "Does not work", more: PROBLEM_WORDS[problem ?? "revoked"] };
  }
  if (problem)
    return { icon: "warn", tone: "text-warm", words: "Connected, with a problem", more: PROBLEM_WORDS[problem] };
  return { icon: "qualified", tone: "text-good", words: "Connected" };
}

/** What a resource is called. */
const RESOURCE_WORDS: Record<string, string> = {
  appointments: "Appointments",
  webhooks: "Being told of changes",
  calendar: "Calendar",
  channel: "Being told of changes",
  meetings: "Meetings",
  attendance: "Attendance",
  push: "Leads to Zoho",
  changes: "Changes from Zoho",
  deletions: "Deletions in Zoho",
};

/** What a pull counts, where it is not the things themselves. */
const UNIT_WORDS: Record<string, string> = { appointments: " days" };

/** How far a pull is, in one line. */
export function syncLine(sync: SyncProgress, now: string): { name: string; words: string } {
  const name = RESOURCE_WORDS[sync.resource] ?? sync.resource;
  if (sync.problem) {
    const again = sync.nextRunAt > now ? "is tried again by itself" : "is tried again now";
    return { name, words: `Stopped (${sync.problem.replaceAll("_", " ")}); ${again}` };
  }
  if (sync.phase === "backfill" && sync.finishedAt === null) {
    const of = sync.total === null ? "" : ` of ${sync.total}${UNIT_WORDS[sync.resource] ?? ""}`;
    return { name, words: `First time through: ${sync.done}${of}` };
  }
  return { name, words: sync.finishedAt ? `Up to date, ${formatAgo(sync.finishedAt, now)}` : "Begins now" };
}

/** Ours beside theirs, in one sentence. */
export function driftSentence({
  ours,
  theirs,
  onlyOurs,
  onlyTheirs,
  different,
}: NonNullable<ConnectionDto["drift"]>): string {
  const gaps = [
    onlyOurs > 0 ? `${onlyOurs} only here` : "",
    onlyTheirs > 0 ? `${onlyTheirs} only there` : "",
    different > 0 ? `${countOf(different, "difference")}` : "",
  ].filter(Boolean);
  return `${ours} here, ${theirs} there${gaps.length > 0 ? `; ${gaps.join(", ")}` : ", and they agree"}`;
}

/** The fields in which two sides differ, as people read them. */
export const fieldList = (fields: readonly string[]): string =>
  fields
    .map((field) =>
      field
        .replaceAll("_", " ")
        .replace(/([a-z])([A-Z])/g, "$1 $2")
        .toLowerCase(),
    )
    .join(", ");
