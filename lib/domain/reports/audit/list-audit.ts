import type { AuditEntry, AuditFilter, AuditPage, AuditQuery } from "@/lib/contracts/audit";
import { decodeCursor, encodeCursor } from "@/lib/core/cursor";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { recordThinned } from "../../events/record-thinned";
import { type ActorNames, findActorNames } from "./audit-names";
import { type AuditRow, type AuditSelection, isPlace, pageSql, positionOf, selectionOf } from "./audit-query";

const VIEWED_EVERY_MS = 5 * 60_000;

/**
 * One page of the firm's events that match the filter, newest first, each with its place in the chain and the name of who acted. The cursor belongs
 * to the firm and the filter. Records `audit.viewed`, thinned. Needs `audit:read`.
 */
export async function listAudit(ctx: Ctx, { limit, cursor, ...filter }: AuditQuery): Promise<AuditPage> {
  requirePermission(ctx, "audit:read");
  const binding = [ctx.tenantId, "audit", filter];
  const after = cursor ? decodeCursor(cursor, binding, isPlace) : null;
  return inTenant(ctx, async (tx) => {
    const selection = await findSelection(tx, ctx, filter);
    const rows = await tx.$queryRaw<AuditRow[]>(pageSql(selection, after, limit + 1));
    const page = rows.slice(0, limit);
    const names = await findActorNames(tx, ctx, page);
    await recordThinned(tx, ctx, { type: "audit.viewed", data: { filter } }, VIEWED_EVERY_MS);
    const last = page.at(-1);
    return {
      entries: page.map((row) => toEntry(row, names)),
      names: names.byId,
      nextCursor: rows.length > limit && last ? encodeCursor(positionOf(last), binding) : null,
    };
  });
}

/** The filter as the firm means it: its days are days of the firm's time zone. */
export async function findSelection(tx: Tx, { tenantId }: Ctx, filter: AuditFilter): Promise<AuditSelection> {
  const { timeZone } = await tx.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { timeZone: true } });
  return selectionOf(tenantId, filter, timeZone);
}

const toEntry = (row: AuditRow, names: ActorNames): AuditEntry => ({
  id: row.id,
  sequence: row.sequence === null ? null : Number(row.sequence),
  type: row.type,
  occurredAt: row.occurredAt.toISOString(),
  actor: { type: row.actorType, id: row.actorId, name: names.ofActor(row) },
  leadId: row.leadId,
  requestId: row.requestId,
  data: row.data,
});
