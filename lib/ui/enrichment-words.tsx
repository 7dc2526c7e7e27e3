import type { EnrichmentDto } from "@/lib/contracts/leads";
import { formatAgo, formatMoment } from "./format";

type EnrichmentWordsProps = { enrichment: EnrichmentDto | null; timeZone: string; now: string };

/** What the check of a contact says, in words, and when it said so; a failed one says why and when we try again. */
export function EnrichmentWords({ enrichment, timeZone, now }: EnrichmentWordsProps) {
  if (!enrichment) return <span className="text-ink-3">Not checked yet</span>;
  const { state, words, checkedAt, nextAttemptAt, problem } = enrichment;
  if (state === "pending") {
    if (problem && nextAttemptAt) return <Again why={problem} when={formatMoment(nextAttemptAt, timeZone, now)} />;
    return <span className="text-ink-2">Checking…</span>;
  }
  if (state === "failed") {
    return (
      <>
        Lookup failed{problem ? `: ${problem}` : ""}. <span className="text-ink-3">The contact itself is kept</span>
      </>
    );
  }
  return (
    <>
      {words} {checkedAt ? <span className="text-ink-3">Checked {formatAgo(checkedAt, now)}</span> : null}
    </>
  );
}

function Again({ why, when }: { why: string; when: string }) {
  return (
    <>
      Lookup failed: {why}. <span className="text-ink-3">Next try {when.replace("Today", "today")}</span>
    </>
  );
}
