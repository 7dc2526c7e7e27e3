import { filesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { recordEvent } from "../../events/record-events";
import { keyOf } from "./export-row";
import { getVisible } from "./list-exports";

/**
 * Removes an export with its file; one that is under way stops. Recorded as `export.removed`. Needs `export:read`.
 * @throws AppError `not_found`, also for one that the caller does not see.
 */
export async function removeExport(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, "export:read");
  const row = await inTenant(ctx, async (tx) => {
    const row = await getVisible(tx, ctx, id);
    await tx.fileExport.deleteMany({ where: { tenantId: ctx.tenantId, id } });
    const kind = row.kind === "audit" ? "audit" : "leads";
    await recordEvent(tx, ctx, { type: "export.removed", data: { exportId: id, kind } });
    return row;
  });
  // Of a run that ended just now the row that was read may not say so yet. Should this fail, the purge finds a file that no row stands for.
  const key = row.fileKey ?? (row.runId && keyOf(ctx, id, row.runId));
  if (key) await filesOf().remove(key);
}
