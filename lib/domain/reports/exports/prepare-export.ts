import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { Prisma } from "@/lib/platform/db";
import { type FileStore, filesOf } from "@/lib/platform/file-store";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { startBeat } from "../../context/run-beat";
import { recordEvent } from "../../events/record-events";
import { ATTEMPTS, type ExportRow, FILE_KEPT_MS, keyOf } from "./export-row";
import { type ExportSource, findSource } from "./export-source";
import { STALE_MS } from "./sweep-exports";

type PrepareOptions = { files?: FileStore; beatMs?: number };

/** A part of the file must not wait for the next beat: this often is often enough for whoever watches. */
const BEAT_MS = 1000;

/**
 * Writes the file of one export, in constant memory, and says how far it is about once a second. Safe to run twice and after a crash: a run claims the row,
 * begins the file anew, and gives up as soon as the row is another run's or gone. What whoever asked may no longer see is not written. A failure of the
 * moment is thrown, so that the queue tries again; after three the row says that it failed.
 */
export async function prepareExport(
  ctx: Ctx,
  id: string,
  { files = filesOf(), beatMs = BEAT_MS }: PrepareOptions = {},
): Promise<void> {
  const row = await claim(ctx, id);
  if (!row) return;
  const runId = row.runId as string;
  try {
    // A run that takes its whole process down never gets to say that it failed.
    if (row.attempts > ATTEMPTS) throw new Error("The export was begun too often.");
    const source = await findSource(ctx, row);
    await noteSource(ctx, id, runId, source);
    await writeFile(ctx, row, source, { files, beatMs });
  } catch (error) {
    await fail(ctx, row, error);
  }
}

/** Takes a row that waits, or whose run has said nothing for long; null when there is nothing to do. */
async function claim(ctx: Ctx, id: string): Promise<ExportRow | null> {
  const now = ctx.clock.now();
  const stale = new Date(now.getTime() - STALE_MS);
  const runId = newId();
  return inTenant(ctx, async (tx) => {
    const taken = await tx.$executeRaw(Prisma.sql`
      UPDATE file_export SET state = 'running', run_id = ${runId}::uuid, beat_at = ${now}, started_at = coalesce(started_at, ${now}),
        attempts = attempts + 1, rows_done = 0
      WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${id}::uuid
        AND (state = 'waiting' OR (state = 'running' AND beat_at < ${stale}))`);
    return taken === 1 ? tx.fileExport.findFirst({ where: { tenantId: ctx.tenantId, id } }) : null;
  });
}

/** The limits that the file is made under are those that its fetching is held against. */
const noteSource = (ctx: Ctx, id: string, runId: string, { rowsExpected, scope }: ExportSource) =>
  inTenant(ctx, (tx) =>
    tx.fileExport.updateMany({
      where: { tenantId: ctx.tenantId, id, runId },
      data: { rowsExpected, scope: scope ? { ...scope } : Prisma.DbNull },
    }),
  );

async function writeFile(
  ctx: Ctx,
  row: ExportRow,
  source: ExportSource,
  { files, beatMs }: Required<PrepareOptions>,
): Promise<void> {
  const key = keyOf(ctx, row.id, row.runId as string);
  let rows = 0;
  const beat = startBeat(beatMs, () => noteBeat(ctx, row, rows));
  const blocks = async function* () {
    for await (const block of source.read()) {
      beat.assertOurs();
      rows += block.rows;
      yield block.bytes;
    }
  };
  try {
    const { bytes } = await files.write(key, blocks(), { type: "text/csv; charset=utf-8; header=present" });
    await beat.stop();
    // Somebody removed the export, or another run took over while the last bytes were on their way: nothing stands for this file.
    if (!(await finish(ctx, row, { rows, bytes, key }))) await files.remove(key);
  } finally {
    await beat.stop();
  }
}

/** False when the row is another run's or gone. */
async function noteBeat(ctx: Ctx, { id, runId }: ExportRow, rowsDone: number): Promise<boolean> {
  const { count } = await inTenant(ctx, (tx) =>
    tx.fileExport.updateMany({
      where: { tenantId: ctx.tenantId, id, runId },
      data: { beatAt: ctx.clock.now(), rowsDone },
    }),
  );
  return count > 0;
}

/** False when the row is another run's or gone: then the file is not to be had. */
async function finish(
  ctx: Ctx,
  { id, runId, kind }: ExportRow,
  { rows, bytes, key }: { rows: number; bytes: number; key: string },
): Promise<boolean> {
  const now = ctx.clock.now();
  return inTenant(ctx, async (tx) => {
    const { count } = await tx.fileExport.updateMany({
      where: { tenantId: ctx.tenantId, id, runId },
      data: {
        state: "ready",
        runId: null,
        beatAt: null,
        rowsDone: rows,
        bytes,
        fileKey: key,
        finishedAt: now,
        expiresAt: new Date(now.getTime() + FILE_KEPT_MS),
      },
    });
    if (count === 0) return false;
    await recordEvent(tx, ctx, { type: finishedType(kind), data: { exportId: id, rows, complete: true } });
    return true;
  });
}

const finishedType = (kind: string) => (kind === "audit" ? "audit.export_finished" : "lead.export_finished");

/** Says why in the row when no retry can mend it, or it was tried often enough; else lets it wait for the queue's next try. */
async function fail(ctx: Ctx, { id, runId, kind, attempts }: ExportRow, error: unknown): Promise<void> {
  const refusal = error instanceof AppError && error.code === "forbidden" ? error.message : null;
  const isOver = refusal !== null || attempts >= ATTEMPTS;
  const now = ctx.clock.now();
  const isOurs = await inTenant(ctx, async (tx) => {
    const { count } = await tx.fileExport.updateMany({
      where: { tenantId: ctx.tenantId, id, runId },
      data: isOver
        ? {
            state: "failed",
            runId: null,
            problem: refusal ?? "The file could not be written. Ask again.",
            finishedAt: now,
          }
        : { state: "waiting", runId: null, beatAt: now },
    });
    if (count === 0) return false;
    if (isOver)
      await recordEvent(tx, ctx, { type: finishedType(kind), data: { exportId: id, rows: 0, complete: false } });
    return true;
  });
  if (!isOurs || refusal !== null) return;
  if (!isOver) throw error;
  log.error("an export failed", { job: "export.prepare", tenantId: ctx.tenantId, ...failureFields(error) });
}
