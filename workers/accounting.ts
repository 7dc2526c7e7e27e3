import type { FinishIngestRun, IngestReport } from "@/lib/contracts/ingest";
import type { RunFolder } from "./state/run-folder";
import type { Chunk, Tally } from "./state/run-records";

const nothing = (): Tally => ({
  new: 0,
  changed: 0,
  same: 0,
  rejected: 0,
  suppressed: 0,
  withdrawn: 0,
  refusedIds: [],
});

/** What a firm's reply means for the run's accounts. Withdrawals are counted apart: they are not on the list, so they were not found. */
export function tallyOf(chunk: Chunk, report: IngestReport): Tally {
  const tally = nothing();
  for (const { index, outcome } of report.results) {
    const id = idOf(chunk, index);
    if (chunk.kind === "withdrawn") {
      if (outcome !== "rejected" && outcome !== "suppressed") tally.withdrawn += 1;
    } else if (outcome === "created") tally.new += 1;
    else if (outcome === "updated") tally.changed += 1;
    else if (outcome === "unchanged" || outcome === "superseded") tally.same += 1;
    else {
      tally[outcome] += 1;
      if (id !== undefined) tally.refusedIds.push(id);
    }
  }
  return tally;
}

/** A chunk that the API will never take as it is: every lead of it counts as rejected, so that it cannot block what comes after. */
export function poisonTally(chunk: Chunk): Tally {
  if (chunk.kind === "withdrawn") return nothing();
  const ids = chunk.leads.flatMap((_, index) => idOf(chunk, index) ?? []);
  return { ...nothing(), rejected: chunk.leads.length, refusedIds: ids };
}

const idOf = (chunk: Chunk, index: number): string | undefined => {
  const id = chunk.leads[index]?.sourceId;
  return typeof id === "string" ? id : undefined;
};

/** The sum of what a firm acknowledged in a run. */
export function sumOf(folder: RunFolder, firm: string): Tally {
  const sum = nothing();
  for (const chunk of folder.chunks) {
    const ack = folder.ackOf(chunk, firm);
    if (!ack) continue;
    for (const name of ["new", "changed", "same", "rejected", "suppressed", "withdrawn"] as const)
      sum[name] += ack[name];
    sum.refusedIds.push(...ack.refusedIds);
  }
  return sum;
}

/**
 * The closing account of a firm's run: found = new + changed + same + rejected + suppressed. Rows whose detail was not due are `same`: the
 * list showed them as before. A run that died found what it had read.
 */
export function finalAccount(folder: RunFolder, firm: string): FinishIngestRun {
  const { refusedIds: _, ...sum } = sumOf(folder, firm);
  const summary = folder.summary;
  if (!summary) {
    const rejected = sum.rejected + folder.journal.filter((entry) => !entry.lead).length;
    const found = sum.new + sum.changed + sum.same + sum.suppressed + rejected;
    const error = "the run ended early; what it had read was delivered by a later run";
    return { ...sum, status: "failed", found, rejected, error };
  }
  const rejected = sum.rejected + summary.rejected;
  return {
    ...sum,
    status: summary.status,
    found: summary.found,
    rejected,
    same: summary.found - sum.new - sum.changed - sum.suppressed - rejected,
    ...(summary.error ? { error: summary.error.slice(0, 2000) } : {}),
  };
}
