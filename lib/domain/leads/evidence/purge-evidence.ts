import { evidenceFilesOf, type FileStore } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { fileOfKey, firmFolderOf, incomingFirmFolderOf } from "./evidence-keys";

/** A write that was quiet for so long was killed: nothing is on its way for longer than an upload may take. */
const QUIET_MS = 60 * 60_000;

/** Removes files that no row stands for: of a row or a lead that is gone, of a refusal, of an upload that broke off. Says how many. */
export async function purgeEvidence(ctx: Ctx): Promise<number> {
  const { tenantId } = ctx;
  const files = evidenceFilesOf();
  const folders = [incomingFirmFolderOf(tenantId), firmFolderOf(tenantId)];
  // Files first: one that is begun after this look is of a row that is read after it.
  const keys: string[] = [];
  for (const folder of folders) keys.push(...(await files.listBelow(folder)));
  const rows =
    keys.length === 0
      ? []
      : await inTenant(ctx, (tx) =>
          tx.evidenceFile.findMany({
            where: { tenantId, state: { not: "refused" } },
            select: { id: true, fileKey: true, state: true },
          }),
        );
  const known = new Set(rows.map(({ fileKey }) => fileKey));
  // What an upload or a look has written is not in its row before that knows of it.
  const awaited = new Set(rows.filter(({ state }) => state !== "ready").map(({ id }) => id));
  const orphans = keys.filter((key) => !known.has(key) && !awaited.has(fileOfKey(key)));
  for (const key of orphans) await files.remove(key);
  let halves = 0;
  for (const folder of folders)
    halves += await removeHalves(files, folder, new Date(ctx.clock.now().getTime() - QUIET_MS));
  return orphans.length + halves;
}

/** Removes what killed uploads have left in the folders of a firm's leads, and wrote their last byte to before that moment. Says how many. */
export async function removeHalves(files: FileStore, firmFolder: string, before: Date): Promise<number> {
  let count = 0;
  // A folder with nothing but halves has no file that `listBelow` would name.
  for (const leadFolder of await files.list(firmFolder))
    count += await files.removeUnfinished(`${leadFolder}/`, before);
  return count;
}
