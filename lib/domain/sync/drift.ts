import type { DriftReport } from "@/lib/contracts/connections";

/** One difference between ours and theirs. */
export type DriftItem = DriftReport["items"][number];
/** What a comparison found. */
export type Drift = Omit<DriftReport, "checkedAt">;

/** A comparison with its differences counted. All of them: `compareConnection` keeps as many as a report names. */
export function driftOf({ ours, theirs, items }: Pick<Drift, "ours" | "theirs" | "items">): Drift {
  const count = (what: DriftItem["what"]) => items.filter((item) => item.what === what).length;
  return {
    ours,
    theirs,
    onlyOurs: count("only_ours"),
    onlyTheirs: count("only_theirs"),
    different: count("different"),
    items,
  };
}
