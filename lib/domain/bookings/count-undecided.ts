import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { leadInScope } from "./consultation-row";

/**
 * How many consultations since an instant took place, as far as anybody knows, and still wait for somebody to say what came of them. Needs `leads:read`.
 */
export async function countUndecided(ctx: Ctx, since: Date): Promise<number> {
  requirePermission(ctx, "leads:read");
  const [row] = await inTenant(
    ctx,
    (tx) => tx.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM consultation c ${leadInScope(ctx)}
      WHERE c.tenant_id = ${ctx.tenantId}::uuid AND c.state = 'scheduled' AND c.outcome IS NULL
        AND c.starts_at >= ${since} AND c.ends_at <= ${ctx.clock.now()}`,
  );
  return row?.count ?? 0;
}
