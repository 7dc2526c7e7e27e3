import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { scopeOf } from "../context/member-scope";
import { PERMISSIONS } from "../context/permissions";

/**
 * The condition that a row of `lead` is one that the actor may see, for statements that name a lead or ask for all of them; lists have it in their
 * query (lead-query.ts). The policies hold it as well (member_scope).
 */
export function inScope(ctx: Ctx): Prisma.Sql {
  const { counties = [], classes = [] } = scopeOf(ctx) ?? {};
  const conditions = [
    ...(counties.length > 0 ? [Prisma.sql`county = ANY (${[...counties]})`] : []),
    ...(classes.length > 0 ? [Prisma.sql`top_class = ANY (${[...classes]})`] : []),
  ];
  return conditions.length > 0 ? Prisma.join(conditions, " AND ") : Prisma.sql`TRUE`;
}

/** The condition that `app_user u` may read leads at all, for statements that go through users. */
export const userReadsLeads = (): Prisma.Sql =>
  Prisma.sql`u.disabled_at IS NULL AND u.role = ANY (${[...PERMISSIONS["leads:read"]]})`;

/** The condition that `lead l` is one that `app_user u` may see, by their limits of now. */
export const userSeesLead = (): Prisma.Sql =>
  Prisma.sql`((u.scope_counties = '{}' OR l.county = ANY (u.scope_counties)) AND (u.scope_classes = '{}' OR l.top_class = ANY (u.scope_classes)))`;
