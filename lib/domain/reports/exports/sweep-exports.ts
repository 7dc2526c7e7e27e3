import { filesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";
import { inTenant } from "../../context/in-tenant";
import { FILE_KEPT_MS, folderOf, keyOf, ROW_KEPT_MS } from "./export-row";

/** A run that has said nothing for so long is dead: it says something every second. */
export const STALE_MS = 60_000;
/** One that waits for so long has lost its job, or stands behind many; a second job does no harm. */
const LOST_AFTER_MS = 10 * 60_000;

/** Gives a job to exports whose run has died or whose job was lost, and ends those whose day has passed. Says how many there were. */
export async function sweepExports(ctx: Ctx): Promise<number> {
  return (await askAgain(ctx)) + (await endExpired(ctx));
}

async function askAgain(ctx: Ctx): Promise<number> {
  const { tenantId } = ctx;
  const now = ctx.clock.now();
  const before = (ms: number) => new Date(now.getTime() - ms);
  return inTenant(ctx, async (tx) => {
    const waiting = { state: "waiting", OR: [{ beatAt: null }, { beatAt: { lt: before(LOST_AFTER_MS) } }] };
    const lost = await tx.fileExport.findMany({
      where: {
        tenantId,
        OR: [
          { state: "running", beatAt: { lt: before(STALE_MS) } },
          { ...waiting, createdAt: { lt: before(LOST_AFTER_MS) } },
        ],
      },
      select: { id: true },
    });
    if (lost.length === 0) return 0;
    const ids = lost.map(({ id }) => id);
    // Back among those that wait, from now on: the next sweep must not add a job each minute while the queue is merely long.
    await tx.fileExport.updateMany({
      where: { tenantId, id: { in: ids }, state: { in: ["waiting", "running"] } },
      data: { state: "waiting", runId: null, beatAt: now },
    });
    await enqueue(
      tx,
      "export.prepare",
      ids.map((exportId) => ({ tenantId, exportId })),
    );
    return ids.length;
  });
}

/** Removes the file first: a row that says it is gone must be right. */
async function endExpired(ctx: Ctx): Promise<number> {
  const { tenantId } = ctx;
  const over = { tenantId, state: "ready", expiresAt: { lte: ctx.clock.now() } };
  const rows = await inTenant(ctx, (tx) =>
    tx.fileExport.findMany({ where: over, select: { id: true, fileKey: true } }),
  );
  if (rows.length === 0) return 0;
  const files = filesOf();
  for (const { fileKey } of rows) if (fileKey) await files.remove(fileKey);
  const ids = rows.map(({ id }) => id);
  await inTenant(ctx, (tx) =>
    tx.fileExport.updateMany({ where: { ...over, id: { in: ids } }, data: { state: "expired", fileKey: null } }),
  );
  return ids.length;
}

/** Deletes what the list need not remember any longer, and files that no row stands for: of a run that was given up or killed, or of a row that is gone. */
export async function purgeExports(ctx: Ctx): Promise<number> {
  const { tenantId } = ctx;
  const files = filesOf();
  // Files first: one that is begun after this look is of a row that is read after it.
  const keys = await files.list(folderOf(ctx));
  const { rows, deleted } = await inTenant(ctx, async (tx) => {
    const createdAt = { lt: new Date(ctx.clock.now().getTime() - ROW_KEPT_MS) };
    const old = await tx.fileExport.deleteMany({
      where: { tenantId, state: { in: ["failed", "expired"] }, createdAt },
    });
    const rows = await tx.fileExport.findMany({
      where: { tenantId, state: { in: ["running", "ready"] } },
      select: { id: true, fileKey: true, runId: true },
    });
    return { rows, deleted: old.count };
  });
  // What a run has written is not in its row before it says that it is done.
  const known = new Set(rows.flatMap(({ id, fileKey, runId }) => fileKey ?? (runId ? [keyOf(ctx, id, runId)] : [])));
  const orphans = keys.filter((key) => !known.has(key));
  for (const key of orphans) await files.remove(key);
  const unfinished = await files.removeUnfinished(folderOf(ctx), new Date(ctx.clock.now().getTime() - FILE_KEPT_MS));
  return deleted + orphans.length + unfinished;
}
