import type { BailTape, TapeCell } from "@/lib/contracts/leads";
import { type Bail, bailPhrase, bailWord, hasKind, stateOf } from "./charge-bail";
import { BAIL_TYPE_WORDS, sentence } from "./words";

/** One lane piece of the tape: what a charge showed from column `from` on, over `span` columns. */
export type TapeSegment = {
  from: number;
  span: number;
  bail: Bail | null;
  /** What it was before, null when the charge was not on the form; undefined for the first piece. */
  before: Bail | null | undefined;
};

/** A lane cut where something changed. */
export function tapeSegments(cells: readonly TapeCell[]): TapeSegment[] {
  const segments: TapeSegment[] = [];
  cells.forEach((cell, column) => {
    const last = segments.at(-1);
    if (last && isSame(last.bail, cell)) last.span += 1;
    else segments.push({ from: column, span: 1, bail: cell, before: last ? last.bail : undefined });
  });
  return segments;
}

const isSame = (a: Bail | null, b: Bail | null): boolean =>
  a === b || (a !== null && b !== null && a.bailType === b.bailType && a.bailCents === b.bailCents);

/** One change in words: `DWI 2nd: bail lowered · $15,000 → $5,000`, and the observation that showed it. */
export type BailChange = {
  key: string;
  offense: string;
  what: string;
  before: string;
  after: string;
  observation: number;
  observedAt: string;
};

/** Every change of the tape, newest first. */
export function bailChanges(tape: BailTape): BailChange[] {
  const changes = tape.rows.flatMap(({ offense, cells }, row) =>
    tapeSegments(cells).flatMap((segment): BailChange[] => {
      const column = tape.columns[segment.from];
      if (segment.before === undefined || !column) return [];
      const key = `${row}-${segment.from}`;
      return [
        {
          key,
          offense,
          ...inWords(segment.before, segment.bail),
          observation: column.number,
          observedAt: column.observedAt,
        },
      ];
    }),
  );
  return changes.sort((a, b) => b.observation - a.observation);
}

type ChangeWords = { what: string; before: string; after: string };

function inWords(before: Bail | null, after: Bail | null): ChangeWords {
  if (!before) return { what: "charge added", before: "Not on form", after: after ? withBail(after) : "" };
  if (!after) return { what: "charge removed", before: bailPhrase(before), after: "No longer on form" };
  const [was, is] = [stateOf(before), stateOf(after)];
  if (is === "denied") return { what: "bail denied", before: bailPhrase(before), after: "Denied" };
  if (is === "not_set" || is === "blank")
    return { what: "bail taken off", before: bailPhrase(before), after: bailWord(after) };
  if (was !== "amount" && was !== "zero")
    return { what: "bail set", before: bailWord(before), after: bailPhrase(after) };
  if (before.bailCents === after.bailCents) return { what: "type changed", before: kind(before), after: kind(after) };
  const what = (after.bailCents ?? 0) > (before.bailCents ?? 0) ? "bail raised" : "bail lowered";
  const isOtherKind = before.bailType !== after.bailType;
  return {
    what,
    before: isOtherKind ? bailPhrase(before) : bailWord(before),
    after: isOtherKind ? bailPhrase(after) : bailWord(after),
  };
}

const withBail = (bail: Bail): string => (stateOf(bail) === "denied" ? "Bail denied" : bailPhrase(bail));
const kind = (bail: Bail): string =>
  hasKind(bail.bailType) ? sentence(BAIL_TYPE_WORDS[bail.bailType]) : bailWord(bail);
