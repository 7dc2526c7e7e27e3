import type { AuditFilter } from "@/lib/contracts/audit";
import { ROWS_WITHOUT_FACTOR } from "@/lib/core/export-limits";
import { newId } from "@/lib/core/ids";
import { localDate } from "@/lib/core/local-time";
import type { Tx } from "@/lib/platform/db";
import { failureFields, log } from "@/lib/platform/log";
import { requireRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { hasFreshFactor, requireFreshFactor } from "../../context/step-up";
import { recordEvent } from "../../events/record-events";
import { heldWithinReply, requireFit, rowsAtOnce } from "../../export/direct-limit";
import { auditCsv } from "./audit-csv";
import { type AuditSelection, countSql } from "./audit-query";
import { findSelection } from "./list-audit";

/** A CSV that is made while it is read, and the name to save it under. */
export type AuditExport = { stream: ReadableStream<Uint8Array>; filename: string };

/**
 * Streams every event of the filter as CSV (RFC 4180, UTF-8, CRLF, header first), newest first, a portion and a transaction at a time: memory and
 * connections do not grow with it, and a reader who is slow or leaves holds up nobody. `audit.exported` is recorded before the first byte,
 * `audit.export_finished` with the number of rows after the last. Needs `audit:read`.
 * @throws AppError `mfa_required` for more than 1,000 events without a fresh factor, `rate_limited`, `export_too_large` where the host cannot carry it.
 */
export async function exportAudit(ctx: Ctx, filter: AuditFilter): Promise<AuditExport> {
  requirePermission(ctx, "audit:read");
  await requireRate("audit-export.firm", ctx.tenantId);
  const exportId = newId();
  const { selection, filename } = await inTenant(ctx, async (tx) => {
    const selection = await findSelection(tx, ctx, filter);
    await requireFit("audit", (upTo) => countEvents(tx, selection, upTo));
    await requireFactorForMany(tx, ctx, selection);
    await recordEvent(tx, ctx, { type: "audit.exported", data: { exportId, filter } });
    const { timeZone } = await tx.tenant.findUniqueOrThrow({ where: { id: ctx.tenantId }, select: { timeZone: true } });
    return { selection, filename: `arrestra-audit-${localDate(ctx.clock.now(), timeZone)}.csv` };
  });
  return { stream: await heldWithinReply(streamOf(ctx, selection, exportId)), filename };
}

/** How a page offers the CSV of a filter: `large` asks for a fresh factor first, `huge` is prepared by a job. Needs `audit:read`. */
export function sizeOfAuditExport(ctx: Ctx, filter: AuditFilter): Promise<"small" | "large" | "huge"> {
  requirePermission(ctx, "audit:read");
  return inTenant(ctx, async (tx) => {
    const atOnce = rowsAtOnce("audit");
    const rows = await countEvents(tx, await findSelection(tx, ctx, filter), atOnce + 1);
    return rows > atOnce ? "huge" : rows > ROWS_WITHOUT_FACTOR ? "large" : "small";
  });
}

/** How many events a selection has; counting stops at `cap`. */
export async function countEvents(tx: Tx, selection: AuditSelection, cap: number): Promise<number> {
  const [row] = await tx.$queryRaw<{ n: number }[]>(countSql(selection, cap));
  return row?.n ?? 0;
}

/**
 * Counts only when the answer matters, and no further.
 * @throws AppError `mfa_required` for more than 1,000 events without a fresh factor.
 */
export async function requireFactorForMany(tx: Tx, ctx: Ctx, selection: AuditSelection): Promise<void> {
  if (hasFreshFactor(ctx)) return;
  if ((await countEvents(tx, selection, ROWS_WITHOUT_FACTOR + 1)) > ROWS_WITHOUT_FACTOR) requireFreshFactor(ctx);
}

function streamOf(ctx: Ctx, selection: AuditSelection, exportId: string): ReadableStream<Uint8Array> {
  let rows = 0;
  let hasLeft = false;
  const portions = auditCsv(ctx, selection);
  const finish = (complete: boolean) =>
    inTenant(ctx, (tx) =>
      recordEvent(tx, ctx, { type: "audit.export_finished", data: { exportId, rows, complete } }),
    ).catch((error) => log.error("the end of an audit export could not be recorded", failureFields(error)));
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await portions.next();
        if (hasLeft) return;
        if (value) {
          rows += value.rows;
          controller.enqueue(value.bytes);
        }
        if (!done) return;
        await finish(true);
        controller.close();
      } catch (error) {
        log.error("an audit export broke off", failureFields(error));
        await finish(false);
        controller.error(error);
      }
    },
    cancel() {
      hasLeft = true;
      return finish(false);
    },
  });
}
