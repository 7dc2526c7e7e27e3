import type { EvidenceList } from "@/lib/contracts/evidence";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { requireLead, toDtos } from "./evidence-row";

/**
 * The files that are kept with a lead, the newest first; there are at most 200. Needs `leads:read`.
 * @throws AppError `not_found`, also for another firm's lead and one outside the member's scope.
 */
export async function listEvidence(ctx: Ctx, leadId: string): Promise<EvidenceList> {
  requirePermission(ctx, "leads:read");
  return inTenant(ctx, async (tx) => {
    await requireLead(tx, ctx, leadId);
    const where = { tenantId: ctx.tenantId, leadId };
    const rows = await tx.evidenceFile.findMany({ where, orderBy: [{ createdAt: "desc" }, { id: "desc" }] });
    return { files: await toDtos(tx, ctx, rows) };
  });
}
