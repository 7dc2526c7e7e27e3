import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { FileChanged } from "@/lib/platform/file-changed";
import { evidenceFilesOf } from "@/lib/platform/file-store";
import type { ExportedFile } from "./export-firm";

/** Where they lie in an export. */
const KEPT_FILES = "files";

/**
 * Copies the files that a firm keeps with its leads, those that were looked at: one after the other, in constant memory, each held against the digest of that look. One
 * that was removed since the snapshot is left out.
 */
export async function writeKeptFiles(
  client: pg.Client,
  tenantId: string,
  folder: string,
): Promise<Omit<ExportedFile, "rows">[]> {
  const { rows } = await client.query<{ id: string; key: string; version: string; sha256: string }>(
    `SELECT id, file_key AS key, file_version AS version, sha256 FROM evidence_file
     WHERE tenant_id = $1 AND state = 'ready' ORDER BY id`,
    [tenantId],
  );
  if (rows.length > 0) mkdirSync(path.join(folder, KEPT_FILES), { mode: 0o700 });
  const kept: Omit<ExportedFile, "rows">[] = [];
  for (const { id, key, version, sha256 } of rows) {
    const file = await evidenceFilesOf().open(key, version).catch(unlessChanged);
    if (!file) continue;
    const name = `${KEPT_FILES}/${id}`;
    const digest = createHash("sha256");
    await pipeline(
      Readable.fromWeb(file.stream as Parameters<typeof Readable.fromWeb>[0]),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          digest.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(path.join(folder, name), { mode: 0o600, flags: "wx" }),
    );
    const found = digest.digest("hex");
    if (found !== sha256) throw new Error(`The file ${id} is not the one that was looked at.`);
    kept.push({ name, bytes: file.bytes, sha256 });
  }
  return kept;
}

/** What was put in the place of a file was never looked at, so it is not the firm's. */
function unlessChanged(error: unknown): null {
  if (error instanceof FileChanged) return null;
  throw error;
}
