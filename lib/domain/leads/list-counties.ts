import type { County } from "@/lib/core/county";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";

/**
 * The counties that the firm has leads in, in order of their names. Steps from each county to the next one in the index: it costs one look
 * per county, however many leads there are. Needs `leads:read`.
 */
export async function listCounties(ctx: Ctx): Promise<County[]> {
  requirePermission(ctx, "leads:read");
  const rows = await inTenant(
    ctx,
    (tx) => tx.$queryRaw<{ county: County }[]>`
      WITH RECURSIVE step AS (
        (SELECT county FROM lead WHERE tenant_id = ${ctx.tenantId}::uuid ORDER BY county LIMIT 1)
        UNION ALL
        SELECT (SELECT l.county FROM lead l WHERE l.tenant_id = ${ctx.tenantId}::uuid AND l.county > step.county
                ORDER BY l.county LIMIT 1)
        FROM step WHERE step.county IS NOT NULL)
      SELECT county FROM step WHERE county IS NOT NULL`,
  );
  return rows.map(({ county }) => county).sort();
}
