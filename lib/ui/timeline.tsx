import type { EventDto } from "@/lib/contracts/leads";
import { eventWords } from "./event-words";
import { formatMoment } from "./format";
import { Icon } from "./icons";

type TimelineProps = { events: readonly EventDto[]; timeZone: string; now: string };

/** Everything that happened to a lead, newest first. */
export function Timeline({ events, timeZone, now }: TimelineProps) {
  return (
    <ol className="tl">
      {events.map((event) => {
        const { icon, text, more } = eventWords(event);
        return (
          <li key={event.id}>
            <time dateTime={event.occurredAt}>{formatMoment(event.occurredAt, timeZone, now)}</time>
            <Icon name={icon} />
            <span>
              {text}
              {more ? <span className="block max-w-[68ch] text-ink-2">{more}</span> : null}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
