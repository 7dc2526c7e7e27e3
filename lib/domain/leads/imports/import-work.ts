import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { FileStore } from "@/lib/platform/file-store";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";
import { inTenant } from "../../context/in-tenant";
import { startBeat } from "../../context/run-beat";
import { recordEvent } from "../../events/record-events";
import { UnreadableFile } from "./csv-rows";
import { requireAsker } from "./import-asker";
import { ATTEMPTS, FILE_KEPT_MS, fileGoesAt, type ImportRow, WORK, type Working } from "./import-row";

/** A run that has said nothing for so long is dead. */
export const STALE_MS = 60_000;
/** It says something with every set of rows, and this often while it reads: a long file is read to its end before the first set. */
const BEAT_MS = 10_000;
/** How soon one that met a busy database, or an erasure, comes again. */
const BUSY_MS = 30_000;
/** How long after it was asked for that counts as no try: a set of rows that never ends in time would wait for ever. */
const BUSY_FOR_MS = 86_400_000;

/** Where a run reads, and how often it says that it is at work. */
export type WorkOptions = { files?: FileStore; beatMs?: number };

/** The import was canceled, or another run has taken it over: this one has nothing more to say. */
class NotOurs extends Error {}

/**
 * Does the work of a state: claims the row, so that no two runs are at it, and lets it fail in words. Safe to run twice and after a crash. A failure of the
 * moment is thrown, so that the queue tries again; after three without a row of progress the import says that it failed. One that could not get at the database
 * does not count for a day, and gives itself a job for a little later.
 */
export async function workOn(
  ctx: Ctx,
  id: string,
  state: Working,
  work: (row: ImportRow) => Promise<void>,
  beatMs = BEAT_MS,
): Promise<void> {
  const row = await claim(ctx, id, state);
  if (!row) return;
  try {
    // A run that takes its whole process down never gets to say that it failed.
    if (row.attempts > ATTEMPTS) throw new Error("The import was begun too often without a row of progress.");
    const beat = startBeat(beatMs, () => noteBeat(ctx, row));
    try {
      await work(row);
    } finally {
      await beat.stop();
    }
  } catch (error) {
    if (!(error instanceof NotOurs)) await fail(ctx, row, state, error);
  }
}

async function claim(ctx: Ctx, id: string, state: Working): Promise<ImportRow | null> {
  const now = ctx.clock.now();
  const stale = new Date(now.getTime() - STALE_MS);
  const { tenantId } = ctx;
  return inTenant(ctx, async (tx) => {
    const taken = await tx.$executeRaw(Prisma.sql`
      UPDATE lead_import SET run_id = ${newId()}::uuid, beat_at = ${now}, attempts = attempts + 1
      WHERE tenant_id = ${tenantId}::uuid AND id = ${id}::uuid AND state = ${state} AND (run_id IS NULL OR beat_at < ${stale})`);
    return taken === 1 ? tx.leadImport.findFirst({ where: { tenantId, id } }) : null;
  });
}

/** False when the import was canceled, or another run has taken it over. */
async function noteBeat(ctx: Ctx, { id, runId }: ImportRow): Promise<boolean> {
  const where = { tenantId: ctx.tenantId, id, runId };
  const { count } = await inTenant(ctx, (tx) => tx.leadImport.updateMany({ where, data: { beatAt: ctx.clock.now() } }));
  return count > 0;
}

/** Comes with what need not be done again: after it a run may fail as often as before. */
export const ADVANCED = { attempts: 1 } as const;

/**
 * The first thing each transaction of a run does, after it has its turn where it writes leads: notes what is done, and holds the row until the end.
 * @throws NotOurs, which ends the run in silence; AppError `forbidden` when whoever asked may no longer bring lists.
 */
export async function hold(tx: Tx, ctx: Ctx, row: ImportRow, data: Progress): Promise<void> {
  const { id, runId } = row;
  const { count } = await tx.leadImport.updateMany({
    where: { tenantId: ctx.tenantId, id, runId },
    data: { ...data, beatAt: ctx.clock.now() },
  });
  if (count === 0) throw new NotOurs();
  await requireAsker(tx, ctx, row);
}
type Progress = Prisma.LeadImportUpdateManyMutationInput;

/** The last transaction of a run. */
export const finish = (tx: Tx, ctx: Ctx, row: ImportRow, data: Progress & { state: string }): Promise<void> =>
  hold(tx, ctx, row, { ...data, runId: null, expiresAt: fileGoesAt(ctx) });

async function fail(ctx: Ctx, row: ImportRow, state: Working, error: unknown): Promise<void> {
  const { tenantId } = ctx;
  const words =
    error instanceof UnreadableFile || (error instanceof AppError && error.code === "forbidden") ? error.message : null;
  const end = await inTenant(ctx, async (tx): Promise<"waits" | "repeated" | "over"> => {
    const where = { tenantId, id: row.id, runId: row.runId };
    const now = await tx.leadImport.findFirst({ where });
    if (!now) return "over";
    if (error instanceof AppError && error.code === "unavailable" && mayWait(ctx, now)) {
      // Nothing is wrong with the import: an erasure of minutes has the firm's turn, or the database is busy. The tries of one job would be over sooner.
      await tx.leadImport.updateMany({ where, data: { runId: null, attempts: { decrement: 1 } } });
      const startAfter = new Date(ctx.clock.now().getTime() + BUSY_MS);
      await enqueue(tx, WORK[state], [{ tenantId, importId: row.id }], { startAfter });
      return "waits";
    }
    const isOver = words !== null || now.attempts >= ATTEMPTS;
    const problem = words ?? "It broke off. Nothing is lost; try again.";
    const over = { state: "failed", failedAt: state, problem, finishedAt: ctx.clock.now(), expiresAt: fileGoesAt(ctx) };
    await tx.leadImport.updateMany({ where, data: { runId: null, ...(isOver ? over : {}) } });
    if (isOver && state === "importing") await recordFinished(tx, ctx, now, false);
    return isOver ? "over" : "repeated";
  });
  if (end === "repeated") throw error;
  if (end === "over" && words === null)
    log.error("an import failed", { job: WORK[state], tenantId, ...failureFields(error) });
}

/** Whoever asked for the work set when the file goes, and nothing changes that until it ends. */
const mayWait = ({ clock }: Ctx, { expiresAt }: ImportRow): boolean =>
  expiresAt.getTime() - FILE_KEPT_MS + BUSY_FOR_MS > clock.now().getTime();

/** Says that an import has ended, and with how much. */
export function recordFinished(tx: Tx, ctx: Ctx, row: ImportRow, isComplete: boolean): Promise<void> {
  const { created, updated, unchanged, rejected, suppressed } = row;
  const counts = { created, updated, unchanged, rejected, suppressed };
  return recordEvent(tx, ctx, { type: "import.finished", data: { importId: row.id, ...counts, complete: isComplete } });
}
