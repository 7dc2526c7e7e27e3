import type { EvidenceDto } from "@/lib/contracts/evidence";
import { AppError } from "@/lib/core/errors";
import { evidenceFilesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { getEvidenceRow, lockEvidenceRow, toDto } from "./evidence-row";
import { startCheck } from "./start-check";

/**
 * Says that a file went to the bucket: asks for the look at its bytes. Once that was asked for, asking again changes nothing. Recorded as `evidence.added`. Needs
 * `leads:write`.
 * @throws AppError `not_found`, `conflict` while there is no file.
 */
export async function confirmEvidence(ctx: Ctx, leadId: string, id: string): Promise<EvidenceDto> {
  requirePermission(ctx, "leads:write");
  const { fileKey } = await inTenant(ctx, (tx) => getEvidenceRow(tx, ctx, leadId, id));
  const isThere = (await evidenceFilesOf().size(fileKey)) !== null;
  return inTenant(ctx, async (tx) => {
    const row = await lockEvidenceRow(tx, ctx, leadId, id);
    if (row.state !== "uploading") return toDto(tx, ctx, row);
    if (!isThere) throw new AppError("conflict", "The file has not come yet.", { retryAfterSeconds: 2 });
    return toDto(tx, ctx, await startCheck(tx, ctx, row, row.fileKey));
  });
}
