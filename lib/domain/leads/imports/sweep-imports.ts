import { filesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";
import { inTenant } from "../../context/in-tenant";
import { FILE_KEPT_MS, folderOf, importOf, WORK, type Working } from "./import-row";
import { STALE_MS } from "./import-work";

/** One that waits for so long has lost its job, or stands behind many; a second job does no harm. */
const LOST_AFTER_MS = 10 * 60_000;

/** Gives a job to imports whose run has died or whose job was lost. Says how many there were. */
export async function sweepImports(ctx: Ctx): Promise<number> {
  const { tenantId } = ctx;
  const now = ctx.clock.now();
  const before = (ms: number) => ({ lt: new Date(now.getTime() - ms) });
  return inTenant(ctx, async (tx) => {
    const lost = await tx.leadImport.findMany({
      where: {
        tenantId,
        state: { in: Object.keys(WORK) },
        OR: [
          { runId: { not: null }, beatAt: before(STALE_MS) },
          { runId: null, beatAt: before(LOST_AFTER_MS) },
        ],
      },
      select: { id: true, state: true },
    });
    for (const { id, state } of lost) {
      // From now on it waits again: the next sweep must not add a job each minute while the queue is merely long.
      await tx.leadImport.updateMany({ where: { tenantId, id, state }, data: { runId: null, beatAt: now } });
      await enqueue(tx, WORK[state as Working], [{ tenantId, importId: id }]);
    }
    return lost.length;
  });
}

/** Removes files whose day has come, imports that never wrote a lead with them, and files that no row stands for. Says how many. */
export async function purgeImports(ctx: Ctx): Promise<number> {
  const { tenantId } = ctx;
  const files = filesOf();
  // Files first: one that is begun after this look is of a row that is read after it.
  const keys = await files.list(folderOf(ctx));
  const { rows, deleted } = await inTenant(ctx, async (tx) => {
    const over = { tenantId, expiresAt: { lte: ctx.clock.now() } };
    const idle = await tx.leadImport.deleteMany({
      where: {
        ...over,
        OR: [{ state: { in: ["uploading", "mapping", "checked"] } }, { state: "failed", failedAt: "checking" }],
      },
    });
    const ended = { ...over, fileKey: { not: null }, state: { in: ["done", "failed", "undone"] } };
    await tx.leadImport.updateMany({ where: ended, data: { fileKey: null, fileVersion: null } });
    const rows = await tx.leadImport.findMany({
      where: { tenantId, OR: [{ fileKey: { not: null } }, { state: "uploading" }] },
      select: { id: true, fileKey: true },
    });
    return { rows, deleted: idle.count };
  });
  const known = new Set(rows.map(({ fileKey }) => fileKey));
  const awaited = new Set(rows.flatMap(({ id, fileKey }) => (fileKey === null ? [id] : [])));
  const orphans = keys.filter((key) => !known.has(key) && !awaited.has(importOf(ctx, key)));
  for (const key of orphans) await files.remove(key);
  const unfinished = await files.removeUnfinished(folderOf(ctx), new Date(ctx.clock.now().getTime() - FILE_KEPT_MS));
  return deleted + orphans.length + unfinished;
}
