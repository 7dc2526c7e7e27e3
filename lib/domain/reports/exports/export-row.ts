import { z } from "zod";
import { AuditFilter } from "@/lib/contracts/audit";
import type { ExportDto, ExportKind, ExportState } from "@/lib/contracts/exports";
import { LeadFilter } from "@/lib/contracts/leads";
import { decryptField, encryptField } from "@/lib/platform/crypto";
import type { Prisma, Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { mayDo } from "../../context/permissions";

/** A row of `file_export`. */
export type ExportRow = Prisma.FileExportGetPayload<object>;

/** How long a file waits to be fetched. */
export const FILE_KEPT_MS = 24 * 3_600_000;
/** How long the list remembers an export whose file is gone. */
export const ROW_KEPT_MS = 7 * 86_400_000;
/** How many exports a firm may have under way. */
export const UNDER_WAY_AT_ONCE = 3;
/** How many files of a firm may wait to be fetched. */
export const FILES_AT_ONCE = 20;
/** How often a file is begun before it is given up. */
export const ATTEMPTS = 3;

/** What the sealed filter holds. `visitedAt`: where "since my last visit" began when it was asked for. */
const Sealed = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("leads"), filter: LeadFilter, visitedAt: z.iso.datetime().nullable() }),
  z.strictObject({ kind: z.literal("audit"), filter: AuditFilter }),
]);
export type SealedFilter = z.infer<typeof Sealed>;

const place = (tenantId: string, rowId: string) => ({
  tenantId,
  table: "file_export",
  column: "filter_cipher",
  rowId,
});

/** The filter as it rests: it may hold a name that was searched for. */
export const sealFilter = ({ tenantId }: Ctx, id: string, filter: SealedFilter): string =>
  encryptField(JSON.stringify(filter), place(tenantId, id));

/** The filter of a row. */
export const openFilter = ({ tenantId, id, filterCipher }: ExportRow): SealedFilter =>
  Sealed.parse(JSON.parse(decryptField(filterCipher, place(tenantId, id))));

/** Where the files of a firm lie. */
export const folderOf = ({ tenantId }: { tenantId: string }): string => `exports/${tenantId}/`;

/**
 * Where a run writes the file of an export: each run elsewhere. One that was given up may end its write at any later time, and what it was allowed to see may be
 * more than what the run that finished was; which file counts, the row says (`file_key`).
 */
export const keyOf = (ctx: Pick<Ctx, "tenantId">, id: string, runId: string): string =>
  `${folderOf(ctx)}${id}-${runId}.csv`;

/**
 * Which exports the caller sees: their own; all of the firm for owners and admins, who read in the audit trail that they were asked for. Exports of the
 * trail only while the caller may read it.
 */
export function visibleTo(ctx: Ctx): Prisma.FileExportWhereInput {
  const { tenantId, actor } = ctx;
  if (mayDo(ctx, "audit:read")) return { tenantId };
  return { tenantId, askedByType: actor.type, askedBy: actor.id, kind: "leads" };
}

/** Rows as the API shows them, with the names of who asked. */
export async function toDtos(tx: Tx, { tenantId, clock }: Ctx, rows: readonly ExportRow[]): Promise<ExportDto[]> {
  const idsOf = (type: string) => [
    ...new Set(rows.filter((row) => row.askedByType === type).map((row) => row.askedBy)),
  ];
  const select = { id: true, name: true } as const;
  const users = await tx.user.findMany({ where: { tenantId, id: { in: idsOf("user") } }, select });
  const keys = await tx.apiKey.findMany({ where: { tenantId, id: { in: idsOf("apiKey") } }, select });
  const names = new Map([...users, ...keys.map(({ id, name }) => ({ id, name: `key ${name}` }))].map((n) => [n.id, n]));
  const now = clock.now();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind as ExportKind,
    // The clock ends it; the file is swept away within a minute.
    state: isOver(row, now) ? "expired" : (row.state as ExportState),
    about: row.about,
    askedBy: {
      type: row.askedByType === "apiKey" ? "apiKey" : "user",
      id: row.askedBy,
      name: names.get(row.askedBy)?.name ?? "",
    },
    rowsExpected: row.rowsExpected,
    rows: row.rowsDone,
    bytes: row.bytes === null ? null : Number(row.bytes),
    filename: row.filename,
    problem: row.problem,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
  }));
}

/** Whether the day of a ready file has passed. */
export const isOver = ({ state, expiresAt }: ExportRow, now: Date): boolean =>
  state === "ready" && expiresAt !== null && expiresAt <= now;
