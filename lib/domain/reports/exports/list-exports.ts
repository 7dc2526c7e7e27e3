import type { ExportDto, ExportPage, ExportQuery } from "@/lib/contracts/exports";
import { decodeCursor, encodeCursor, isInstantPlace } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { type ExportRow, toDtos, visibleTo } from "./export-row";

/** One page of the exports that the caller sees, newest first: their own, for owners and admins those of the firm. Needs `export:read`. */
export async function listExports(ctx: Ctx, { limit, cursor }: ExportQuery): Promise<ExportPage> {
  requirePermission(ctx, "export:read");
  const visible = visibleTo(ctx);
  const binding = [ctx.tenantId, "exports", visible];
  const after = cursor ? decodeCursor(cursor, binding, isInstantPlace) : null;
  const beyond = after && {
    OR: [{ createdAt: { lt: new Date(after.key) } }, { createdAt: new Date(after.key), id: { lt: after.id } }],
  };
  return inTenant(ctx, async (tx) => {
    const rows = await tx.fileExport.findMany({
      where: { ...visible, ...beyond },
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      take: limit + 1,
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      exports: await toDtos(tx, ctx, page),
      nextCursor:
        rows.length > limit && last ? encodeCursor({ key: last.createdAt.toISOString(), id: last.id }, binding) : null,
    };
  });
}

/** One export that the caller sees: how far it is. Needs `export:read`. @throws AppError `not_found`, also for one that they do not see. */
export async function getExport(ctx: Ctx, id: string): Promise<ExportDto> {
  requirePermission(ctx, "export:read");
  return inTenant(ctx, async (tx) => {
    const [dto] = await toDtos(tx, ctx, [await getVisible(tx, ctx, id)]);
    return dto as ExportDto;
  });
}

/** The row of an export that the caller sees. @throws AppError `not_found`. */
export async function getVisible(tx: Tx, ctx: Ctx, id: string): Promise<ExportRow> {
  const row = await tx.fileExport.findFirst({ where: { ...visibleTo(ctx), id } });
  if (!row) throw new AppError("not_found", "No such export.");
  return row;
}
