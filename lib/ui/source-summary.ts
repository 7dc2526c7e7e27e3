import type { IngestRunDto } from "@/lib/contracts/ingest";
import { formatAgo } from "./format";

/** A source that was not read to its end for this long is late: every county is read several times a day. */
const LATE_MS = 24 * 3_600_000;

/** What a firm needs to know of one source. `lastGood` is the newest run that read everything. */
export type SourceSummary = {
  source: string;
  label: string;
  state: "read" | "running" | "partial" | "failed" | "late";
  latest: IngestRunDto;
  lastGood: IngestRunDto | null;
  runs: IngestRunDto[];
};

/** The runs by source, worst first. `runs` are newest first. */
export function summarizeSources(runs: readonly IngestRunDto[], now: string): SourceSummary[] {
  const bySource = new Map<string, IngestRunDto[]>();
  for (const run of runs) bySource.set(run.source, [...(bySource.get(run.source) ?? []), run]);
  const summaries = [...bySource.entries()].flatMap(([source, own]): SourceSummary[] => {
    const [latest] = own;
    if (!latest) return [];
    const lastGood = own.find((run) => run.status === "succeeded") ?? null;
    return [
      { source, label: latest.county ?? source, state: stateOf(latest, lastGood, now), latest, lastGood, runs: own },
    ];
  });
  return summaries.sort((a, b) => rank(a) - rank(b) || a.label.localeCompare(b.label));
}

function stateOf(latest: IngestRunDto, lastGood: IngestRunDto | null, now: string): SourceSummary["state"] {
  if (latest.status === "failed" || latest.status === "partial") return latest.status;
  const readAt = lastGood?.finishedAt;
  if (latest.status === "running" && !readAt) return "running";
  return readAt && Date.parse(now) - Date.parse(readAt) < LATE_MS ? "read" : "late";
}

const ORDER: readonly SourceSummary["state"][] = ["failed", "late", "partial", "running", "read"];
const rank = ({ state }: SourceSummary): number => ORDER.indexOf(state);

/** A source's state in words. */
export function stateWords({ state, lastGood }: SourceSummary, now: string): string {
  const since = lastGood?.finishedAt
    ? `last read in full ${formatAgo(lastGood.finishedAt, now)}`
    : "never read in full yet";
  const words = {
    read: "Read",
    running: "Being read",
    partial: "Read in part",
    failed: "Last read failed",
    late: "Late",
  };
  return state === "read"
    ? `Read ${lastGood?.finishedAt ? formatAgo(lastGood.finishedAt, now) : ""}`.trim()
    : `${words[state]}; ${since}`;
}

/** For the rail: how many sources are read, and what is wrong with the first that is not. */
export function healthOf(
  summaries: readonly SourceSummary[],
  now: string,
): { read: number; total: number; note: string | null } {
  const [worst] = summaries;
  const read = summaries.filter(({ state }) => state === "read").length;
  if (!worst || worst.state === "read") return { read, total: summaries.length, note: null };
  const notes = {
    failed: "could not be read",
    late: worst.lastGood?.finishedAt ? `last read ${formatAgo(worst.lastGood.finishedAt, now)}` : "not read yet",
    partial: "read in part",
    running: "being read now",
  };
  return { read, total: summaries.length, note: `${worst.label} ${notes[worst.state]}` };
}
