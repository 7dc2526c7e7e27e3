import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";

/** Whether there is any consultation that the caller may see, whenever it is. */
export function hasConsultations(ctx: Ctx): Promise<boolean> {
  requirePermission(ctx, "leads:read");
  return inTenant(ctx, async (tx) => {
    const [row] = await tx.$queryRaw<{ any: boolean }[]>`
      SELECT EXISTS (SELECT FROM consultation c WHERE c.tenant_id = ${ctx.tenantId}::uuid) AS any`;
    return row?.any ?? false;
  });
}
