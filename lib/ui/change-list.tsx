import type { BailChange } from "./bail-changes";
import { formatMoment } from "./format";
import { readableOffense } from "./readable";

type ChangeListProps = { changes: readonly BailChange[]; timeZone: string; now: string };

/** The tape in words, newest first: what changed, from what to what, and in which observation it was seen. */
export function ChangeList({ changes, timeZone, now }: ChangeListProps) {
  return (
    <ol className="changes mt-2.5" aria-label="Changes, newest first">
      {changes.map(({ key, offense, what, before, after, observation, observedAt }) => (
        <li key={key}>
          <time dateTime={observedAt}>{formatMoment(observedAt, timeZone, now)}</time>
          <span>
            {readableOffense(offense)}: {what} <span className="text-ink-3">· {before}</span>
            <span className="px-[3px] text-ink-3" aria-hidden="true">
              →
            </span>
            <span className="sr-only"> became </span>
            <b className="font-emph">{after}</b>
          </span>
          <span className="ob">seen #{observation}</span>
        </li>
      ))}
    </ol>
  );
}
