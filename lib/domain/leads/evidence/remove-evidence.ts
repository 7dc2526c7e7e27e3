import { AppError } from "@/lib/core/errors";
import { evidenceFilesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { recordEvent } from "../../events/record-events";
import { lockEvidenceRow, mayRemove } from "./evidence-row";

/**
 * Removes a file from a lead, in whatever state; a look at it that is under way finds no row to write to. Recorded as `evidence.removed`. Needs `leads:write`; for
 * whoever added it, owners and admins.
 * @throws AppError `not_found`, `forbidden` for somebody else's file.
 */
export async function removeEvidence(ctx: Ctx, leadId: string, id: string): Promise<void> {
  requirePermission(ctx, "leads:write");
  const { tenantId } = ctx;
  const { fileKey } = await inTenant(ctx, async (tx) => {
    const row = await lockEvidenceRow(tx, ctx, leadId, id);
    if (!mayRemove(ctx, row))
      throw new AppError("forbidden", "Whoever added a file may remove it, and so may owners and admins.");
    await tx.evidenceFile.deleteMany({ where: { tenantId, id } });
    await recordEvent(tx, ctx, { type: "evidence.removed", leadId, data: { evidenceId: id } });
    return row;
  });
  // Should this fail, the purge finds a file that no row stands for.
  await evidenceFilesOf().remove(fileKey);
}
