import { fold } from "@/lib/core/text";
import type { SeenStay } from "../../bookings/record-intervals";
import type { Mark, Occurrence } from "./meeting-link";

/** What may tell one person in a meeting from another: Zoom leaves most of it blank for guests. */
type Known = { registrantId: string | null; email: string | null; id: string | null; name: string | null };

/** The first that there is of what tells people apart, so that whoever drops out and comes back is one person. */
export function personOf({ registrantId, email, id, name }: Known): string {
  if (registrantId) return `r:${registrantId}`;
  if (email) return `e:${email.toLowerCase()}`;
  return id ? `i:${id}` : `n:${fold(name ?? "")}`;
}

type Span = { joinedAt: Date; leftAt: Date | null };

/**
 * The stays of one person, from what webhooks told in any order: each coming with the next going of the same stay. A going that was lost is the next coming, or
 * the end of the meeting.
 */
export function spansOf({ marks, endedAt }: Occurrence, person: string): Span[] {
  const mine = marks.filter(({ k }) => k === person);
  const spans: Span[] = [];
  for (const stay of new Set(mine.map(({ c }) => c))) {
    const same = mine.filter(({ c }) => c === stay);
    const comings = timesOf(same, "j");
    const goings = timesOf(same, "l");
    comings.forEach((joined, index) => {
      const next = comings[index + 1] ?? Number.POSITIVE_INFINITY;
      const going = goings.find((at) => at >= joined && at <= next);
      const end = endedAt === undefined ? null : Math.max(joined, Date.parse(endedAt));
      const left = going ?? (Number.isFinite(next) ? next : end);
      spans.push({ joinedAt: new Date(joined), leftAt: left === null ? null : new Date(left) });
    });
  }
  return spans;
}

const timesOf = (marks: readonly Mark[], which: "j" | "l"): number[] =>
  [...new Set(marks.flatMap((mark) => mark[which] ?? []))].sort((a, b) => a - b);

/** Stays of a report with those of one person that overlap made one: two devices of somebody are one person there. */
export function joined(stays: readonly SeenStay[]): SeenStay[] {
  const out: SeenStay[] = [];
  for (const mine of Map.groupBy(stays, ({ personKey }) => personKey).values()) {
    let last: SeenStay | null = null;
    for (const stay of mine.toSorted((a, b) => a.joinedAt.getTime() - b.joinedAt.getTime())) {
      if (last && (last.leftAt === null || stay.joinedAt <= last.leftAt)) {
        last.leftAt = last.leftAt && stay.leftAt ? new Date(Math.max(+last.leftAt, +stay.leftAt)) : null;
        last.isHost ||= stay.isHost;
      } else {
        last = { ...stay };
        out.push(last);
      }
    }
  }
  return out;
}
