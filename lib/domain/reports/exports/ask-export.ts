import type { AskExport, ExportDto } from "@/lib/contracts/exports";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { localDate } from "@/lib/core/local-time";
import { Prisma, type Tx } from "@/lib/platform/db";
import { requireRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";
import { inTenant } from "../../context/in-tenant";
import { scopeOf } from "../../context/member-scope";
import { requirePermission } from "../../context/permissions";
import { recordEvent } from "../../events/record-events";
import { EXPORT_HEADER } from "../../export/export-columns";
import { requireFactorForMany as requireFactorForLeads } from "../../export/export-leads";
import { toLeadQuery } from "../../leads/lead-query";
import { refuseVisitForKeys } from "../../leads/list-leads";
import { filterForHistory } from "../../leads/note-reading";
import { findReadingPlace } from "../../leads/visit";
import { requireFactorForMany as requireFactorForEvents } from "../audit/export-audit";
import { findSelection } from "../audit/list-audit";
import { FILES_AT_ONCE, type SealedFilter, sealFilter, toDtos, UNDER_WAY_AT_ONCE } from "./export-row";
import { aboutOf } from "./export-words";

/**
 * Asks for a file with every row of the filter; a job writes it. Who asks, what for and within which limits is kept as it is now. Recorded as what the
 * direct download records before its first byte. Needs `export:read`, for the audit trail also `audit:read`.
 * @throws AppError `mfa_required` as for a direct download, `rate_limited` when the firm has as many under way or waiting to be fetched as it may.
 */
export async function askExport(ctx: Ctx, asked: AskExport): Promise<ExportDto> {
  requirePermission(ctx, "export:read");
  if (asked.kind === "audit") requirePermission(ctx, "audit:read");
  else refuseVisitForKeys(ctx, asked.filter);
  const { tenantId, actor } = ctx;
  if (actor.type !== "user" && actor.type !== "apiKey") throw new AppError("forbidden", "Nobody would fetch it.");
  if (asked.kind === "audit") await requireRate("audit-export.firm", tenantId);
  const id = newId();
  return inTenant(ctx, async (tx) => {
    await requireRoom(tx, ctx);
    const { filter, timeZone } = await prepareAsk(tx, ctx, asked, id);
    const now = ctx.clock.now();
    const row = await tx.fileExport.create({
      data: {
        tenantId,
        id,
        kind: asked.kind,
        askedByType: actor.type,
        askedBy: actor.id,
        filterCipher: sealFilter(ctx, id, filter),
        about: aboutOf(asked),
        scope: scopeOf(ctx) ? { ...scopeOf(ctx) } : Prisma.DbNull,
        state: "waiting",
        filename: `arrestra-${asked.kind}-${localDate(now, timeZone)}.csv`,
        createdAt: now,
      },
    });
    await enqueue(tx, "export.prepare", [{ tenantId, exportId: id }]);
    const [dto] = await toDtos(tx, ctx, [row]);
    return dto as ExportDto;
  });
}

/** One after the other, so that two who ask at once do not both take the last place. */
async function requireRoom(tx: Tx, { tenantId, clock }: Ctx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`exports|${tenantId}`}, 0))`;
  const underWay = await tx.fileExport.count({ where: { tenantId, state: { in: ["waiting", "running"] } } });
  if (underWay >= UNDER_WAY_AT_ONCE) {
    throw new AppError(
      "rate_limited",
      `At most ${UNDER_WAY_AT_ONCE} exports are prepared at the same time. Wait until one is done.`,
      {
        retryAfterSeconds: 30,
      },
    );
  }
  const kept = await tx.fileExport.count({ where: { tenantId, state: "ready", expiresAt: { gt: clock.now() } } });
  if (kept < FILES_AT_ONCE) return;
  throw new AppError(
    "rate_limited",
    `At most ${FILES_AT_ONCE} files wait to be fetched. Remove one that was fetched.`,
    {
      retryAfterSeconds: 600,
    },
  );
}

/** Asks for the factor, records the event, and gives the filter as it is kept. */
async function prepareAsk(
  tx: Tx,
  ctx: Ctx,
  asked: AskExport,
  exportId: string,
): Promise<{ filter: SealedFilter; timeZone: string }> {
  const place = await findReadingPlace(tx, ctx);
  const { timeZone, visitedAt } = place;
  if (asked.kind === "audit") {
    await requireFactorForEvents(tx, ctx, await findSelection(tx, ctx, asked.filter));
    await recordEvent(tx, ctx, { type: "audit.exported", data: { exportId, filter: asked.filter } });
    return { filter: asked, timeZone };
  }
  await requireFactorForLeads(tx, ctx, toLeadQuery(asked.filter, place));
  const data = { exportId, filter: filterForHistory(ctx, asked.filter), columns: EXPORT_HEADER };
  await recordEvent(tx, ctx, { type: "lead.exported", data });
  return { filter: { ...asked, visitedAt: visitedAt?.toISOString() ?? null }, timeZone };
}
