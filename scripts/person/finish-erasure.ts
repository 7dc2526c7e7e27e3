import type pg from "pg";
import type { Clock } from "@/lib/core/clock";
import { isId } from "@/lib/core/ids";
import { folderOf, importOf, WORK } from "@/lib/domain/leads/imports/import-row";
import { evidenceFilesOf, type FileStore, filesOf } from "@/lib/platform/file-store";
import { type Certificate, certificateOf, type ErasureRow, keepOutside } from "./certificate";
import { readLeft } from "./files-left";

/**
 * Keeps the certificate outside the database, removes the files that are left and ends it. One whose files cannot go yet stays unfinished: the next run goes on.
 */
export async function finishErasure(
  client: pg.Client,
  firm: Certificate["firm"],
  row: ErasureRow,
  clock: Clock,
): Promise<Certificate> {
  if (row.finished_at) return certificateOf(firm, row);
  // First of all: the rows are gone already, and a restore that brings them back may come before the last file goes.
  await keepOutside(certificateOf(firm, row));
  const left: string[] = [];
  for (const file of row.files_left) {
    const { store, prefix, until } = readLeft(file);
    const isBusy = store === "files" && (await isBeingRead(client, firm.id, prefix));
    if (!isBusy) await removeAll(store === "evidence" ? evidenceFilesOf() : filesOf(), prefix);
    // A form that was given out may still put a file there.
    if (isBusy || (until !== null && until > clock.now())) left.push(file);
  }
  const { rows } = await client.query<ErasureRow>(
    `UPDATE person_erasure SET files_left = $3, finished_at = CASE WHEN $4 THEN clock_timestamp() END
     WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL RETURNING *`,
    [firm.id, row.id, left, left.length === 0],
  );
  // Somebody else has finished it meanwhile.
  const [ended] = rows[0]
    ? rows
    : (
        await client.query<ErasureRow>("SELECT * FROM person_erasure WHERE tenant_id = $1 AND id = $2", [
          firm.id,
          row.id,
        ])
      ).rows;
  return certificateOf(firm, ended ?? row);
}

/** Everything whose key begins so: an export and an import have a file for each of their runs and uploads, a lead has a folder. */
async function removeAll(store: FileStore, prefix: string): Promise<void> {
  const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  for (const key of await store.list(folder)) if (key.startsWith(prefix)) await store.remove(key);
  // In the folder of a firm others write, whose halves are not ours to take.
  if (folder === prefix) await store.removeUnfinished(folder, new Date());
}

/** What is at work on an import reads its file to the end. */
async function isBeingRead(client: pg.Client, tenantId: string, prefix: string): Promise<boolean> {
  const importId = importOf({ tenantId }, prefix);
  if (!prefix.startsWith(folderOf({ tenantId })) || !isId(importId)) return false;
  const { rowCount } = await client.query(
    "SELECT FROM lead_import WHERE tenant_id = $1 AND id = $2 AND state = ANY ($3)",
    [tenantId, importId, Object.keys(WORK)],
  );
  if (rowCount) return true;
  await client.query("UPDATE lead_import SET file_key = NULL, file_version = NULL WHERE tenant_id = $1 AND id = $2", [
    tenantId,
    importId,
  ]);
  return false;
}
