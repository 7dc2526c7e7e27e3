import type { ChangeMapping, ImportDto } from "@/lib/contracts/imports";
import type { County } from "@/lib/core/county";
import { AppError } from "@/lib/core/errors";
import { mappingProblem } from "@/lib/core/import-fields";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { fileGoesAt, type ImportRow, isBeforeRun, lockImport, mappingOf, requireImporter, toDto } from "./import-row";

/**
 * Says which column is which field, and the county of rows that name none. What a dry run found before no longer counts. Needs `leads:import`.
 * @throws AppError `conflict` while the file is read and once leads were written, `unprocessable` naming a field that no row can be read with.
 */
export async function changeMapping(ctx: Ctx, id: string, { mapping, county }: ChangeMapping): Promise<ImportDto> {
  requireImporter(ctx);
  return inTenant(ctx, async (tx) => {
    const row = await lockImport(tx, ctx, id);
    if (!isBeforeRun(row) || row.header === null || row.state === "checking")
      throw new AppError("conflict", "Its columns cannot be changed now.");
    requireReadable({ ...row, mapping, county });
    const changed = await tx.leadImport.update({
      where: { tenantId_id: { tenantId: ctx.tenantId, id } },
      data: { mapping, county, state: "mapping", failedAt: null, problem: null, expiresAt: fileGoesAt(ctx) },
    });
    return toDto(tx, ctx, changed);
  });
}

/** @throws AppError `unprocessable` when rows cannot be read with the mapping of this import. */
export function requireReadable(row: ImportRow): void {
  const county = row.county as County | null;
  const problem = mappingProblem(mappingOf(row), county, (row.header as string[] | null)?.length ?? 0);
  if (!problem) return;
  const { field, reason } = problem;
  throw new AppError("unprocessable", `${field} ${reason}.`, { invalidParams: [{ name: `mapping.${field}`, reason }] });
}
