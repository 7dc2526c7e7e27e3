import { AppError } from "@/lib/core/errors";
import { filesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";
import { isBeforeRun, keyOf, lockImport, requireImporter } from "./import-row";

/**
 * Removes an import that has written no lead, with its file; stops one that is writing, whose leads so far stay until they are taken back. Recorded as
 * `import.canceled`. Needs `leads:import`.
 * @throws AppError `not_found`, `conflict` for one that has ended.
 */
export async function cancelImport(ctx: Ctx, id: string): Promise<void> {
  requireImporter(ctx);
  const { tenantId } = ctx;
  const gone = await inTenant(ctx, async (tx) => {
    const row = await lockImport(tx, ctx, id);
    const isStopped = row.state === "importing";
    if (isStopped) {
      const where = { tenantId_id: { tenantId, id } };
      const problem = `Stopped after ${row.rowsDone.toLocaleString("en-US")} rows.`;
      const data = { state: "failed", failedAt: "importing", problem, runId: null, finishedAt: ctx.clock.now() };
      await tx.leadImport.update({ where, data });
    } else if (isBeforeRun(row)) await tx.leadImport.deleteMany({ where: { tenantId, id } });
    else throw new AppError("conflict", "This import has ended. What it brought can be taken back.");
    await recordEvent(tx, ctx, { type: "import.canceled", data: { importId: id, rows: row.rowsDone } });
    return isStopped ? [] : [keyOf(ctx, id), ...(row.fileKey === null ? [] : [row.fileKey])];
  });
  // Should this fail, the purge finds a file that no row stands for.
  for (const key of gone) await filesOf().remove(key);
}
