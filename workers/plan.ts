import type { ListedForm } from "./sources/source";
import { isSettled, type Memory } from "./state/memory";

/** What one firm already holds: source id to the time at which it wants the next look. */
export type KnownForms = ReadonlyMap<string, Date>;

/** What a run is to do, decided from the list alone. */
export type Plan = {
  /** Ids whose detail is worth a request: new to some firm first, then amended on the list, then due; each in list order. */
  fetch: string[];
  /** Per firm: ids that two complete lists in a row did not show. */
  withdrawn: Map<string, string[]>;
  /** What the next run is to remember as missing. */
  missing: Memory["missing"];
  /** Why the list cannot be complete; null when it may be. Its rows count either way, its gaps only when it is null. */
  insane: string | null;
};

type PlanInput = {
  rows: readonly ListedForm[];
  /** Ids on the list, those of unusable rows included where they could be read. */
  known: ReadonlyMap<string, KnownForms>;
  memory: Memory;
  now: Date;
  /** The operator has looked and says that a list this short is right. */
  acceptList?: boolean;
};

/** Compares the list with what the firms know. Pure. */
export function planRun({ rows, known, memory, now, acceptList = false }: PlanInput): Plan {
  const listed = new Set(rows.map((row) => row.id));
  const all = new Set([...known.values()].flatMap((forms) => [...forms.keys()]));
  const absent = [...all].filter((id) => !listed.has(id));
  const insane = acceptList ? null : whyInsane(listed.size, all.size, absent.length);

  const fresh: string[] = [];
  const amended: string[] = [];
  const due: string[] = [];
  const firms = [...known];
  for (const row of rows) {
    const open = firms.filter(([firm]) => !isSettled(memory, firm, row.id, now));
    if (open.some(([, forms]) => !forms.has(row.id))) fresh.push(row.id);
    else if (memory.rows[row.id] !== undefined && memory.rows[row.id] !== row.rowHash) amended.push(row.id);
    else if (open.some(([, forms]) => isDue(forms.get(row.id), now))) due.push(row.id);
  }

  const withdrawn = new Map<string, string[]>();
  if (insane === null) {
    for (const [firm, forms] of known) {
      const gone = absent.filter((id) => forms.has(id) && memory.missing[id] !== undefined);
      if (gone.length > 0) withdrawn.set(firm, gone);
    }
  }
  const missing =
    insane === null
      ? Object.fromEntries(absent.map((id) => [id, memory.missing[id] ?? now.toISOString()]))
      : memory.missing;
  return { fetch: [...fresh, ...amended, ...due], withdrawn, missing, insane };
}

const isDue = (next: Date | undefined, now: Date): boolean => next !== undefined && next <= now;

function whyInsane(listed: number, known: number, absent: number): string | null {
  if (known > 0 && listed === 0) return `the list is empty, ${known} forms are known`;
  if (absent * 2 > known) return `the list lacks ${absent} of ${known} known forms`;
  return null;
}
