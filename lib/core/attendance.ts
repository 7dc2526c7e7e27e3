/** One stay in a meeting: from coming in to leaving. `leftAt` is null when the leaving is not known. */
export type Stay = { joinedAt: Date; leftAt: Date | null };

/** A stay in milliseconds since the epoch. */
type Span = { from: number; to: number };

/**
 * Stays as spans that do not overlap, in order: somebody who comes in again, or is there with two devices, is there once. A stay without an end lasts until
 * `until`; one that would end before it began is nothing. Pure; the order of the stays makes no difference.
 */
export function mergeStays(stays: readonly Stay[], until: Date): Span[] {
  const spans = stays
    .map(({ joinedAt, leftAt }) => ({ from: joinedAt.getTime(), to: (leftAt ?? until).getTime() }))
    .filter(({ from, to }) => from < to)
    .sort((a, b) => a.from - b.from);
  const merged: Span[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else merged.push(span);
  }
  return merged;
}

/** For how many whole seconds at least one of these stays lasted: see `mergeStays`. */
export const secondsThere = (stays: readonly Stay[], until: Date): number =>
  Math.floor(mergeStays(stays, until).reduce((sum, { from, to }) => sum + to - from, 0) / 1000);

/** The last time that somebody is known to have left; null when no leaving is known. */
export function lastLeaving(stays: readonly Stay[]): Date | null {
  const left = stays.flatMap(({ leftAt }) => leftAt?.getTime() ?? []);
  return left.length > 0 ? new Date(Math.max(...left)) : null;
}
