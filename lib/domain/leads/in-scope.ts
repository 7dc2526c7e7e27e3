import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { scopeOf } from "../context/member-scope";

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
