import type { UserPage, UserPageQuery } from "@/lib/contracts/users";
import { decodeCursor, encodeCursor } from "@/lib/core/cursor";
import { isId } from "@/lib/core/ids";
import { isStorable } from "@/lib/core/text";
import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { readUsers, toUserDto } from "./read-user";

/** One page of the firm's users by name, the invited and the disabled among them. Needs `users:manage`. */
export async function listUsers(ctx: Ctx, { limit, cursor }: UserPageQuery): Promise<UserPage> {
  requirePermission(ctx, "users:manage");
  const binding = [ctx.tenantId, "users"];
  const after = cursor ? decodeCursor(cursor, binding, ({ key, id }) => isStorable(key) && isId(id)) : null;
  const where = after ? Prisma.sql`(lower(u.name), u.id) > (${after.key}, ${after.id}::uuid)` : Prisma.sql`true`;
  const rows = await inTenant(ctx, (tx) => readUsers(tx, ctx, where, limit + 1));
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    users: page.map(toUserDto),
    nextCursor: rows.length > limit && last ? encodeCursor({ key: last.sortName, id: last.id }, binding) : null,
  };
}
