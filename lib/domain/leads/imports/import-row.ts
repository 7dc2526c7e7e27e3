import type { ImportDto, ImportState, KeptReason } from "@/lib/contracts/imports";
import type { County } from "@/lib/core/county";
import { AppError } from "@/lib/core/errors";
import type { ImportMapping } from "@/lib/core/import-fields";
import type { Prisma, Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { scopeOf } from "../../context/member-scope";
import { mayDo, requirePermission } from "../../context/permissions";

/** A row of `lead_import`. */
export type ImportRow = Prisma.LeadImportGetPayload<object>;

/** The source of every lead of a firm's own list. */
export const IMPORT_SOURCE = "import.csv";
/** How long a file is kept after the last thing that was done with its import. */
export const FILE_KEPT_MS = 2 * 86_400_000;
/** How many files a firm may have here. */
export const FILES_AT_ONCE = 20;
/** How many of them may be on their way to us. */
export const UPLOADS_AT_ONCE = 2;
/** When an upload counts as broken off: a little longer than the gate lets one take. */
export const UPLOAD_KEPT_MS = 250_000;
/** How often the same set of rows is begun before the import fails. */
export const ATTEMPTS = 3;
/** What a queue job is at work on in these states. */
export const WORK = { checking: "import.check", importing: "import.run", undoing: "import.undo" } as const;
export type Working = keyof typeof WORK;

/** Where the files of a firm lie. */
export const folderOf = ({ tenantId }: { tenantId: string }): string => `imports/${tenantId}/`;
/** Where the form of one import puts its file, or an upload of it, so that no upload writes over another. */
export const keyOf = (ctx: Pick<Ctx, "tenantId">, id: string, uploadId?: string): string =>
  `${folderOf(ctx)}${id}${uploadId === undefined ? "" : `.${uploadId}`}.csv`;
/** The import of a key. */
export const importOf = (of: { tenantId: string }, key: string): string =>
  key.slice(folderOf(of).length).split(".")[0] ?? "";

/** When the file goes, from now. */
export const fileGoesAt = ({ clock }: Pick<Ctx, "clock">): Date => new Date(clock.now().getTime() + FILE_KEPT_MS);

/** Which field is read from which column. */
export const mappingOf = ({ mapping }: Pick<ImportRow, "mapping">): ImportMapping => mapping as ImportMapping;

/** Whether somebody may bring lists: an owner or admin who sees every lead. */
export const mayImport = (ctx: Ctx): boolean => mayDo(ctx, "leads:import") && scopeOf(ctx) === null;

/**
 * A list is the whole firm's, so whoever brings one must see all of it. Needs `leads:import`.
 * @throws AppError `forbidden`, also for a member whose sight is limited.
 */
export function requireImporter(ctx: Ctx): void {
  requirePermission(ctx, "leads:import");
  if (scopeOf(ctx)) throw new AppError("forbidden", "You see some of the firm's leads; a list is for all of them.");
}

/** The row of an import, locked until the transaction ends. @throws AppError `not_found`. */
export async function lockImport(tx: Tx, { tenantId }: Ctx, id: string): Promise<ImportRow> {
  await tx.$executeRaw`SELECT FROM lead_import WHERE tenant_id = ${tenantId}::uuid AND id = ${id}::uuid FOR UPDATE`;
  return getImportRow(tx, tenantId, id);
}

/** The row of an import. @throws AppError `not_found`. */
export async function getImportRow(tx: Tx, tenantId: string, id: string): Promise<ImportRow> {
  const row = await tx.leadImport.findUnique({ where: { tenantId_id: { tenantId, id } } });
  if (!row) throw new AppError("not_found", "No such import.");
  return row;
}

/** True for an import of which no lead was written yet. */
export const isBeforeRun = ({ state, failedAt }: ImportRow): boolean =>
  state === "uploading" ||
  state === "mapping" ||
  state === "checking" ||
  state === "checked" ||
  (state === "failed" && failedAt === "checking");

/** Rows as the API shows them, with the names of who brought them. */
export async function toDtos(tx: Tx, { tenantId }: Ctx, rows: readonly ImportRow[]): Promise<ImportDto[]> {
  const ids = [...new Set(rows.map((row) => row.createdBy))];
  const users = await tx.user.findMany({ where: { tenantId, id: { in: ids } }, select: { id: true, name: true } });
  const names = new Map(users.map(({ id, name }) => [id, name]));
  return rows.map((row) => ({
    id: row.id,
    filename: row.filename,
    bytes: row.bytes === null ? null : Number(row.bytes),
    state: row.state as ImportState,
    failedAt: row.failedAt as Working | null,
    problem: row.problem,
    county: row.county as County | null,
    columns: row.header as string[] | null,
    mapping: mappingOf(row),
    rowsTotal: row.rowsTotal,
    rowsDone: row.rowsDone,
    created: row.created,
    updated: row.updated,
    unchanged: row.unchanged,
    rejected: row.rejected,
    suppressed: row.suppressed,
    withdrawn: row.withdrawn,
    kept: row.kept as Partial<Record<KeptReason, number>>,
    importedBy: { id: row.createdBy, name: names.get(row.createdBy) ?? "" },
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    hasFile: row.fileKey !== null,
  }));
}

/** One of them. */
export async function toDto(tx: Tx, ctx: Ctx, row: ImportRow): Promise<ImportDto> {
  const [dto] = await toDtos(tx, ctx, [row]);
  return dto as ImportDto;
}
