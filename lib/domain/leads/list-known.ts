import type { KnownPage, KnownQuery } from "@/lib/contracts/ingest";
import { decodeCursor, encodeCursor } from "@/lib/core/cursor";
import { isStorable } from "@/lib/core/text";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";

const PAGE_SIZE = 1000;

/**
 * What the firm already holds of a source, by source id, so that a worker without a database fetches only what is new or due. Withdrawn forms are
 * left out: seeing one again is news. Pages of 1,000. Needs `leads:ingest`.
 */
export async function listKnown(ctx: Ctx, { source, county, cursor }: KnownQuery): Promise<KnownPage> {
  requirePermission(ctx, "leads:ingest");
  const binding = [ctx.tenantId, "known", source, county ?? null];
  const after = cursor ? decodeCursor(cursor, binding, ({ key }) => isStorable(key)).key : null;
  const rows = await inTenant(ctx, (tx) =>
    tx.lead.findMany({
      where: {
        tenantId: ctx.tenantId,
        source,
        withdrawnAt: null,
        ...(county ? { county } : {}),
        ...(after !== null ? { sourceId: { gt: after } } : {}),
      },
      select: { sourceId: true, contentHash: true, nextObserveAt: true },
      orderBy: { sourceId: "asc" },
      take: PAGE_SIZE + 1,
    }),
  );
  const page = rows.slice(0, PAGE_SIZE);
  const last = page.at(-1);
  const more = rows.length > PAGE_SIZE && last;
  return {
    known: page.map((row) => ({ ...row, nextObserveAt: row.nextObserveAt.toISOString() })),
    nextCursor: more ? encodeCursor({ key: last.sourceId, id: "" }, binding) : null,
  };
}
