import Papa from "papaparse";
import type { Position } from "@/lib/core/cursor";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { FORMULA } from "../../export/csv-lines";
import { type ActorNames, findActorNames } from "./audit-names";
import { type AuditRow, type AuditSelection, pageSql, positionOf } from "./audit-query";

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

/**
 * Every event of a selection as CSV (RFC 4180, UTF-8, CRLF, header first), newest first, a portion and a transaction at a time; `rows` are those of the
 * portion.
 */
export async function* auditCsv(ctx: Ctx, selection: AuditSelection): AsyncGenerator<{ bytes: Buffer; rows: number }> {
  yield { bytes: csvOf([AUDIT_COLUMNS]), rows: 0 };
  let after: Position | null = null;
  for (;;) {
    const lines: Awaited<ReturnType<typeof readPortion>> = await readPortion(ctx, selection, after);
    if (lines.length > 0) yield { bytes: csvOf(lines.map(({ line }) => line)), rows: lines.length };
    if (lines.length < AT_ONCE) return;
    after = lines.at(-1)?.place ?? null;
  }
}

const readPortion = (ctx: Ctx, selection: AuditSelection, after: Position | null) =>
  inTenant(ctx, async (tx) => {
    const rows = await tx.$queryRaw<AuditRow[]>(pageSql(selection, after, AT_ONCE));
    const names = await findActorNames(tx, ctx, rows);
    return rows.map((row) => ({ place: positionOf(row), line: lineOf(row, names) }));
  });
