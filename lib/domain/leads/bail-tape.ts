import type { BailTape, TapeCell } from "@/lib/contracts/leads";
import { keyedCharges, type SourceCharge } from "./source-lead";

/** One kept observation of a form. */
export type SeenForm = { observedAt: Date; charges: SourceCharge[] };

const sameBail = (a: TapeCell | undefined, b: TapeCell): boolean =>
  a === b || (!!a && !!b && a.bailType === b.bailType && a.bailCents === b.bailCents);

/**
 * The bail movement tape: a row per charge, a column per observation that changed some bail, oldest first. `forms` are the kept observations in
 * the order they were seen. Charges still on the form come first, in its order. Pure.
 */
export function bailTape(forms: readonly SeenForm[], visitedAt: Date | null): BailTape {
  const keyed = forms.map((form) => keyedCharges(form.charges));
  const keys = [...new Set(keyed.toReversed().flatMap((charges) => [...charges.keys()]))];
  const offenses = new Map(keyed.flatMap((charges) => [...charges].map(([key, charge]) => [key, charge.offense])));
  const rows = keys.map((key) => ({ offense: offenses.get(key) ?? key, cells: [] as TapeCell[] }));
  const columns: BailTape["columns"] = [];

  for (const [i, charges] of keyed.entries()) {
    const observedAt = forms[i]?.observedAt ?? new Date(0);
    const cells = keys.map((key, row): TapeCell => {
      const charge = charges.get(key);
      if (!charge) return null;
      const cell = { bailType: charge.bailType, bailCents: charge.bailCents, changed: false };
      return { ...cell, changed: columns.length > 0 && !sameBail(rows[row]?.cells.at(-1), cell) };
    });
    const moved = cells.some((cell, row) => !sameBail(rows[row]?.cells.at(-1), cell));
    if (columns.length > 0 && !moved) continue;
    for (const [row, cell] of cells.entries()) rows[row]?.cells.push(cell);
    columns.push({
      number: i + 1,
      observedAt: observedAt.toISOString(),
      sinceLastVisit: columns.length > 0 && visitedAt !== null && observedAt > visitedAt,
    });
  }
  return { columns, rows };
}
