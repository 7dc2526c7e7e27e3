import type { County, LeadCounty } from "@/lib/core/county";
import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { scopeOf } from "../context/member-scope";
import { requirePermission } from "../context/permissions";
import { inScope } from "./in-scope";

/** The counties that the caller finds leads in, in order of their names: of all that the firm has, or of those a member may see. Needs `leads:read`. */
export async function listCounties(ctx: Ctx): Promise<LeadCounty[]> {
  requirePermission(ctx, "leads:read");
  const own = scopeOf(ctx)?.counties ?? [];
  const sql = own.length > 0 ? countiesAmong(ctx, own) : everyCounty(ctx);
  const rows = await inTenant(ctx, (tx) => tx.$queryRaw<{ county: LeadCounty }[]>(sql));
  return rows.map(({ county }) => county).sort();
}

/** Steps from each county to the next one in the index: it costs one look per county, however many leads there are. */
const everyCounty = (ctx: Ctx): Prisma.Sql => Prisma.sql`
  WITH RECURSIVE step AS (
    (SELECT county FROM lead WHERE tenant_id = ${ctx.tenantId}::uuid AND ${inScope(ctx)} ORDER BY county LIMIT 1)
    UNION ALL
    SELECT (SELECT l.county FROM lead l WHERE l.tenant_id = ${ctx.tenantId}::uuid AND l.county > step.county AND ${inScope(ctx)}
            ORDER BY l.county LIMIT 1)
    FROM step WHERE step.county IS NOT NULL)
  SELECT county FROM step WHERE county IS NOT NULL`;

/** A look into each: stepping would read every lead of the counties between them. */
const countiesAmong = (ctx: Ctx, own: readonly County[]): Prisma.Sql => Prisma.sql`
  SELECT own.county FROM unnest(${[...own]}::text[]) AS own(county)
  WHERE EXISTS (SELECT 1 FROM lead l WHERE l.tenant_id = ${ctx.tenantId}::uuid AND l.county = own.county AND ${inScope(ctx)})`;
