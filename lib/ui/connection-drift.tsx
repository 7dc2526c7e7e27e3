import type { ConnectionDto } from "@/lib/contracts/connections";
import { driftSentence, fieldList } from "./connection-words";
import { formatAgo } from "./format";

const WHAT = { only_ours: "only here", only_theirs: "only there", different: "different" } as const;

/** Ours beside theirs: one sentence, and what differs behind it. */
export function DriftDetails({ drift, now }: { drift: NonNullable<ConnectionDto["drift"]>; now: string }) {
  const words = `Compared ${formatAgo(drift.checkedAt, now)}: ${driftSentence(drift)}.`;
  if (drift.items.length === 0) return <p className="mt-2 text-ink-2">{words}</p>;
  const more = drift.onlyOurs + drift.onlyTheirs + drift.different - drift.items.length;
  return (
    <details className="mt-2 max-w-[66ch]">
      <summary className="cursor-pointer py-1 phone:py-3">{words}</summary>
      <ul className="mt-1 grid gap-1">
        {drift.items.map((item) => (
          <li key={`${item.what}|${item.consultationId}|${item.leadId}|${item.externalId}`} className="text-ink-2">
            <Which item={item} /> {WHAT[item.what]}
            {item.fields.length > 0 ? ` (${fieldList(item.fields)})` : ""}
          </li>
        ))}
      </ul>
      {more > 0 ? <p className="mt-1 text-ink-3">And {more} more.</p> : null}
    </details>
  );
}

function Which({ item }: { item: NonNullable<ConnectionDto["drift"]>["items"][number] }) {
  const href = item.consultationId ? `/consultations/${item.consultationId}` : item.leadId && `/leads/${item.leadId}`;
  if (href) {
    return (
      <a href={href} className="inline-flex min-h-6 items-center phone:min-h-11">
        {item.consultationId ? "A consultation" : "A lead"}
      </a>
    );
  }
  return (
    <>
      Record <span className="ref">{item.externalId}</span>
    </>
  );
}
