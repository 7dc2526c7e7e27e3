import Papa from "papaparse";
import type { AuditFilter } from "@/lib/contracts/audit";
import type { Position } from "@/lib/core/cursor";
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
import { FORMULA } from "../../export/csv-lines";
import { type ActorNames, findActorNames } from "./audit-names";
import { type AuditRow, type AuditSelection, countSql, pageSql, positionOf } from "./audit-query";
import { findSelection } from "./list-audit";

/** A person who takes away more events than this shows the second factor for it. */
const EVENTS_WITHOUT_FACTOR = 1000;

const AT_ONCE = 1000;

/** The columns of the CSV, in order. `hash` is the seal's: with it the file can be held against the chain and a signed head. */
export const AUDIT_COLUMNS = [
  "sequence",
  "occurred_at",
  "type",
  "actor_type",
  "actor_id",
  "actor",
  "lead_id",
  "request_id",
  "data",
  "event_id",
  "sealed_at",
  "hash",
] as const;

const lineOf = (row: AuditRow, names: ActorNames): (string | null)[] => [
  row.sequence === null ? null : String(row.sequence),
  row.occurredAt.toISOString(),
  row.type,
  row.actorType,
  row.actorId,
  names.ofActor(row),
  row.leadId,
  row.requestId,
  JSON.stringify(row.data),
  row.id,
  row.sealedAt?.toISOString() ?? null,
  row.hash,
];

const csvOf = (lines: readonly (readonly (string | null)[])[]): Buffer =>
  Buffer.from(`${Papa.unparse(lines as (string | null)[][], { escapeFormulae: FORMULA, newline: "\r\n" })}\r\n`);

/** A CSV that is made while it is read, and the name to save it under. */
export type AuditExport = { stream: ReadableStream<Uint8Array>; filename: string };

/**
 * Streams every event of the filter as CSV (RFC 4180, UTF-8, CRLF, header first), newest first, a portion and a transaction at a time: memory and
 * connections do not grow with it, and a reader who is slow or leaves holds up nobody. `audit.exported` is recorded before the first byte,
 * `audit.export_finished` with the number of rows after the last. Needs `audit:read`.
 * @throws AppError `mfa_required` for more than 1,000 events without a fresh factor, `rate_limited`.
 */
export async function exportAudit(ctx: Ctx, filter: AuditFilter): Promise<AuditExport> {
  requirePermission(ctx, "audit:read");
  await requireRate("audit-export.firm", ctx.tenantId);
  const exportId = newId();
  const { selection, filename } = await inTenant(ctx, async (tx) => {
    const selection = await findSelection(tx, ctx, filter);
    await requireFactorForMany(tx, ctx, selection);
    await recordEvent(tx, ctx, { type: "audit.exported", data: { exportId, filter } });
    const { timeZone } = await tx.tenant.findUniqueOrThrow({ where: { id: ctx.tenantId }, select: { timeZone: true } });
    return { selection, filename: `arrestra-audit-${localDate(ctx.clock.now(), timeZone)}.csv` };
  });
  return { stream: streamOf(ctx, selection, exportId), filename };
}

/** Whether a CSV of the filter would need a fresh factor, so that a page can ask for it first. Needs `audit:read`. */
export function isLargeExport(ctx: Ctx, filter: AuditFilter): Promise<boolean> {
  requirePermission(ctx, "audit:read");
  return inTenant(ctx, async (tx) => hasMany(tx, await findSelection(tx, ctx, filter)));
}

/** Counts only when the answer matters, and no further. */
async function requireFactorForMany(tx: Tx, ctx: Ctx, selection: AuditSelection): Promise<void> {
  if (!hasFreshFactor(ctx) && (await hasMany(tx, selection))) requireFreshFactor(ctx);
}

async function hasMany(tx: Tx, selection: AuditSelection): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ n: number }[]>(countSql(selection, EVENTS_WITHOUT_FACTOR + 1));
  return (row?.n ?? 0) > EVENTS_WITHOUT_FACTOR;
}

function streamOf(ctx: Ctx, selection: AuditSelection, exportId: string): ReadableStream<Uint8Array> {
  let rows = 0;
  let after: Position | null = null;
  let isHeaderSent = false;
  let isLast = false;
  let hasLeft = false;
  const finish = (complete: boolean) =>
    inTenant(ctx, (tx) =>
      recordEvent(tx, ctx, { type: "audit.export_finished", data: { exportId, rows, complete } }),
    ).catch((error) => log.error("the end of an audit export could not be recorded", failureFields(error)));
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!isHeaderSent) {
        isHeaderSent = true;
        return controller.enqueue(csvOf([AUDIT_COLUMNS]));
      }
      try {
        const lines = isLast ? [] : await readPortion(ctx, selection, after);
        if (hasLeft) return;
        isLast = lines.length < AT_ONCE;
        if (lines.length > 0) {
          rows += lines.length;
          after = lines.at(-1)?.place ?? null;
          controller.enqueue(csvOf(lines.map(({ line }) => line)));
          return;
        }
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

const readPortion = (ctx: Ctx, selection: AuditSelection, after: Position | null) =>
  inTenant(ctx, async (tx) => {
    const rows = await tx.$queryRaw<AuditRow[]>(pageSql(selection, after, AT_ONCE));
    const names = await findActorNames(tx, ctx, rows);
    return rows.map((row) => ({ place: positionOf(row), line: lineOf(row, names) }));
  });
