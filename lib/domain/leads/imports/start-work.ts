import type { ImportDto } from "@/lib/contracts/imports";
import { AppError } from "@/lib/core/errors";
import type { Prisma, Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";
import { requireReadable } from "./change-mapping";
import {
  fileGoesAt,
  type ImportRow,
  isBeforeRun,
  lockImport,
  requireImporter,
  toDto,
  WORK,
  type Working,
} from "./import-row";

/** What a count begins at. */
export const NO_COUNTS = { rowsDone: 0, created: 0, updated: 0, unchanged: 0, rejected: 0, suppressed: 0 } as const;

const conflict = (detail: string) => new AppError("conflict", detail);

/**
 * Asks for the dry run: a job reads every row and says what would become of it, and writes no lead. Asking again while it runs changes nothing. Needs
 * `leads:import`.
 * @throws AppError `conflict` without a file and once leads were written, `unprocessable` when the mapping lacks something.
 */
export const askCheck = (ctx: Ctx, id: string): Promise<ImportDto> =>
  start(ctx, id, "checking", async (_tx, row) => {
    if (!isBeforeRun(row) || row.fileKey === null) throw conflict("There is no file to look through.");
    requireReadable(row);
    return { ...NO_COUNTS, rowsTotal: null };
  });

/**
 * Asks for the import itself, after its dry run; one that failed or was stopped goes on where it ended. Recorded as `import.started`. Needs `leads:import`.
 * @throws AppError `conflict` before the dry run and after the import.
 */
export const askRun = (ctx: Ctx, id: string): Promise<ImportDto> =>
  start(ctx, id, "importing", async (tx, row) => {
    const goesOn = row.state === "failed" && row.failedAt === "importing";
    if (!goesOn && row.state !== "checked") throw conflict("Look through the file before you import it.");
    if (row.fileKey === null) throw conflict("The file is gone. Begin another import.");
    await recordEvent(tx, ctx, { type: "import.started", data: { importId: id, rows: row.rowsTotal ?? 0 } });
    if (goesOn) return {};
    await tx.leadImportProblem.deleteMany({ where: { tenantId: ctx.tenantId, importId: id } });
    return { ...NO_COUNTS, observedAt: null };
  });

/**
 * Asks to take back what an import brought: leads that it created and nobody has worked on since. Recorded as `import.undo_started`. Needs `leads:import`.
 * @throws AppError `conflict` unless the import has ended.
 */
export const askUndo = (ctx: Ctx, id: string): Promise<ImportDto> =>
  start(ctx, id, "undoing", async (tx, row) => {
    const isOver = row.state === "done" || (row.state === "failed" && row.failedAt !== "checking");
    if (!isOver) throw conflict("There is nothing to take back.");
    await recordEvent(tx, ctx, { type: "import.undo_started", data: { importId: id } });
    return {};
  });

/** The state, its job and what comes with it in one transaction. */
async function start(
  ctx: Ctx,
  id: string,
  state: Working,
  begin: (tx: Tx, row: ImportRow) => Promise<Prisma.LeadImportUpdateInput>,
): Promise<ImportDto> {
  requireImporter(ctx);
  const { tenantId, actor } = ctx;
  const askedBy = actor.type === "user" ? actor.id : null;
  return inTenant(ctx, async (tx) => {
    const row = await lockImport(tx, ctx, id);
    if (row.state === state) return toDto(tx, ctx, row);
    const begun = await begin(tx, row);
    const fresh = { state, askedBy, failedAt: null, problem: null, runId: null, beatAt: ctx.clock.now(), attempts: 0 };
    const changed = await tx.leadImport.update({
      where: { tenantId_id: { tenantId, id } },
      data: { ...fresh, finishedAt: null, expiresAt: fileGoesAt(ctx), ...begun },
    });
    await enqueue(tx, WORK[state], [{ tenantId, importId: id }]);
    return toDto(tx, ctx, changed);
  });
}
