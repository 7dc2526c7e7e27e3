import type { LeadFilter } from "@/lib/contracts/leads";
import { ROWS_WITHOUT_FACTOR } from "@/lib/core/export-limits";
import { newId } from "@/lib/core/ids";
import { localDate } from "@/lib/core/local-time";
import type { Tx } from "@/lib/platform/db";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { scopeOf } from "../context/member-scope";
import { requirePermission } from "../context/permissions";
import { hasFreshFactor, requireFreshFactor } from "../context/step-up";
import { recordEvent } from "../events/record-events";
import { countSql, type LeadQuery, toLeadQuery } from "../leads/lead-query";
import { refuseVisitForKeys } from "../leads/list-leads";
import { filterForHistory } from "../leads/note-reading";
import { findReadingPlace } from "../leads/visit";
import { heldWithinReply, requireFit } from "./direct-limit";
import { EXPORT_HEADER } from "./export-columns";
import { type LeadCopy, openLeadCopy } from "./lead-copy";

/** A CSV that is made while it is read, and the name to save it under. */
export type LeadExport = { stream: ReadableStream<Uint8Array>; filename: string };

/**
 * Streams every lead of the filter as CSV (RFC 4180, UTF-8, CRLF, header first) straight from COPY under the firm's transaction: memory stays
 * constant, a reader who leaves ends the query. `lead.exported` is recorded before the first byte, `lead.export_finished` with the number of rows
 * after the last. A limited member's holds their leads only. Needs `export:read`.
 * @throws AppError `mfa_required` when a person asks for more than 1,000 leads without a fresh factor, `rate_limited` when the firm has as many exports under
 *   way as it may, `export_too_large` where the host cannot carry it.
 */
export async function exportLeads(ctx: Ctx, filter: LeadFilter): Promise<LeadExport> {
  requirePermission(ctx, "export:read");
  refuseVisitForKeys(ctx, filter);
  const exportId = newId();
  const { timeZone, query } = await inTenant(ctx, async (tx) => {
    const place = await findReadingPlace(tx, ctx);
    const query = toLeadQuery(filter, place);
    await requireFit("leads", (upTo) => countLeadRows(tx, ctx, query, upTo));
    await requireFactorForMany(tx, ctx, query);
    const data = { exportId, filter: filterForHistory(ctx, filter), columns: EXPORT_HEADER };
    await recordEvent(tx, ctx, { type: "lead.exported", data });
    return { ...place, query };
  });
  const stream = await openStream(ctx, filter, query, exportId);
  return {
    stream: await heldWithinReply(stream),
    filename: `arrestra-leads-${localDate(ctx.clock.now(), timeZone)}.csv`,
  };
}

/** How many leads a query has; counting stops at `cap`. */
export async function countLeadRows(tx: Tx, { tenantId }: Ctx, query: LeadQuery, cap: number): Promise<number> {
  const bands = await tx.$queryRaw<{ n: number }[]>(countSql(tenantId, query, cap));
  return bands.reduce((sum, { n }) => sum + n, 0);
}

/**
 * Counts only when the answer matters, and no further. Keys have no factor and are not asked.
 * @throws AppError `mfa_required` when a person asks for more than 1,000 leads without a fresh factor.
 */
export async function requireFactorForMany(tx: Tx, ctx: Ctx, query: LeadQuery): Promise<void> {
  if (hasFreshFactor(ctx)) return;
  if ((await countLeadRows(tx, ctx, query, ROWS_WITHOUT_FACTOR + 1)) > ROWS_WITHOUT_FACTOR) requireFreshFactor(ctx);
}

async function openStream(ctx: Ctx, filter: LeadFilter, query: LeadQuery, exportId: string) {
  const finish = async (rows: number, complete: boolean) => {
    const data = { exportId, rows, complete };
    await inTenant(ctx, (tx) => recordEvent(tx, ctx, { type: "lead.export_finished", data })).catch((error) =>
      log.error("the end of an export could not be recorded", failureFields(error)),
    );
  };
  let copy: LeadCopy;
  try {
    copy = await openLeadCopy(ctx, { filter, query, scope: scopeOf(ctx), place: "lead-export.firm" });
  } catch (error) {
    await finish(0, false);
    throw error;
  }
  const end = async (complete: boolean) => {
    await copy.close(!complete);
    await finish(copy.count(), complete);
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const block = await copy.next();
        if (block) return controller.enqueue(block);
        await end(true);
        controller.close();
      } catch (error) {
        log.error("an export broke off", failureFields(error));
        await end(false);
        controller.error(error);
      }
    },
    cancel: () => end(false),
  });
}
