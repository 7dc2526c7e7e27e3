import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import type { ImportRow } from "./import-row";
import type { ReadRow } from "./read-leads";

/** How many are kept; the rest is counted. */
const PROBLEMS_KEPT = 1000;

/** Keeps why rows of a set are refused, as long as there is room. `before` were refused before this set. One statement. */
export async function keepProblems(
  tx: Tx,
  { tenantId }: Ctx,
  { id }: ImportRow,
  { set, before }: { set: readonly ReadRow[]; before: number },
): Promise<void> {
  const rows = set
    .flatMap((row) => ("problem" in row ? [{ row_number: row.number, ...row.problem }] : []))
    .slice(0, Math.max(0, PROBLEMS_KEPT - before));
  if (rows.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO lead_import_problem (tenant_id, import_id, row_number, field, code, reason)
    SELECT ${tenantId}::uuid, ${id}::uuid, r.row_number, r.field, r.code, r.reason
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(row_number integer, field text, code text, reason text)`);
}

/** How many rows of a set are refused. */
export const refusedIn = (set: readonly ReadRow[]): number => set.filter((row) => "problem" in row).length;
