import type { ApiKeyPage, ApiKeyPageQuery } from "@/lib/contracts/api-keys";
import { decodeCursor, encodeCursor } from "@/lib/core/cursor";
import { isId } from "@/lib/core/ids";
import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { isKeyActive, readApiKeys, toApiKeyDto } from "./api-key-row";

/** One page of the firm's keys: those that work first, then those that ended; the newest first. Needs `keys:manage`. */
export async function listApiKeys(ctx: Ctx, { limit, cursor }: ApiKeyPageQuery): Promise<ApiKeyPage> {
  requirePermission(ctx, "keys:manage");
  const now = ctx.clock.now();
  const binding = [ctx.tenantId, "api keys"];
  const isPlace = ({ key, id }: { key: string; id: string }) => (key === "active" || key === "ended") && isId(id);
  const after = cursor ? decodeCursor(cursor, binding, isPlace) : null;
  const ended = Prisma.sql`(k.revoked_at IS NOT NULL OR coalesce(k.expires_at <= ${now}, false))`;
  // False sorts before true; ids sort by the time they were made.
  const behind = after
    ? Prisma.sql`AND (${ended} > ${after.key === "ended"} OR (${ended} = ${after.key === "ended"} AND k.id < ${after.id}::uuid))`
    : Prisma.empty;
  const rows = await inTenant(ctx, (tx) =>
    readApiKeys(tx, ctx, Prisma.sql`${behind} ORDER BY ${ended}, k.id DESC LIMIT ${limit + 1}`),
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const place = last && { key: isKeyActive(last, now) ? "active" : "ended", id: last.id };
  return {
    keys: page.map((row) => toApiKeyDto(row, now)),
    nextCursor: rows.length > limit && place ? encodeCursor(place, binding) : null,
  };
}
