import type {
  ImportDetail,
  ImportPage,
  ImportProblem,
  ImportQuery,
  ProblemPage,
  ProblemQuery,
} from "@/lib/contracts/imports";
import { decodeCursor, encodeCursor, isInstantPlace } from "@/lib/core/cursor";
import { filesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { readHead } from "./csv-head";
import { getImportRow, type ImportRow, isBeforeRun, requireImporter, toDto, toDtos } from "./import-row";

/** One page of the firm's imports, newest first. Needs `leads:import`. */
export async function listImports(ctx: Ctx, { limit, cursor }: ImportQuery): Promise<ImportPage> {
  requireImporter(ctx);
  const { tenantId } = ctx;
  const binding = [tenantId, "imports"];
  const after = cursor ? decodeCursor(cursor, binding, isInstantPlace) : null;
  const beyond = after && {
    OR: [{ createdAt: { lt: new Date(after.key) } }, { createdAt: new Date(after.key), id: { lt: after.id } }],
  };
  return inTenant(ctx, async (tx) => {
    const rows = await tx.leadImport.findMany({
      where: { tenantId, ...beyond },
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      take: limit + 1,
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const isMore = rows.length > limit && last;
    return {
      imports: await toDtos(tx, ctx, page),
      nextCursor: isMore ? encodeCursor({ key: last.createdAt.toISOString(), id: last.id }, binding) : null,
    };
  });
}

/** One import, with the first rows of its file while columns can be chosen. Needs `leads:import`. @throws AppError `not_found`. */
export async function getImport(ctx: Ctx, id: string): Promise<ImportDetail> {
  requireImporter(ctx);
  const { row, dto } = await inTenant(ctx, async (tx) => {
    const row = await getImportRow(tx, ctx.tenantId, id);
    return { row, dto: await toDto(tx, ctx, row) };
  });
  return { import: dto, samples: await readSamples(row) };
}

/** While a job reads the file, whoever watches asks every second: the file is left to the job. */
async function readSamples(row: ImportRow): Promise<string[][]> {
  if (!isBeforeRun(row) || row.state === "checking" || row.fileKey === null) return [];
  try {
    const file = await filesOf().open(row.fileKey, row.fileVersion ?? undefined);
    if (!file) return [];
    return (await readHead(file.stream)).samples;
  } catch {
    // Changed, or not to be read: the dry run says what is wrong with it.
    return [];
  }
}

/** One page of the rows that were refused, by row. Needs `leads:import`. @throws AppError `not_found`. */
export async function listImportProblems(ctx: Ctx, id: string, { limit, cursor }: ProblemQuery): Promise<ProblemPage> {
  requireImporter(ctx);
  const { tenantId } = ctx;
  const binding = [tenantId, "import-problems", id];
  const after = cursor ? decodeCursor(cursor, binding, ({ key }) => /^\d{1,9}$/.test(key)) : null;
  return inTenant(ctx, async (tx) => {
    const { rejected } = await getImportRow(tx, tenantId, id);
    const rows = await tx.leadImportProblem.findMany({
      where: { tenantId, importId: id, ...(after ? { rowNumber: { gt: Number(after.key) } } : {}) },
      orderBy: { rowNumber: "asc" },
      take: limit + 1,
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      problems: page.map(({ rowNumber, field, code, reason }) => ({
        row: rowNumber,
        field: field as ImportProblem["field"],
        code: code as ImportProblem["code"],
        reason,
      })),
      total: rejected,
      nextCursor: rows.length > limit && last ? encodeCursor({ key: String(last.rowNumber), id }, binding) : null,
    };
  });
}
