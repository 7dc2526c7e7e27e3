import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { FirmDto } from "@/lib/contracts/firms";
import type { Operator } from "@/lib/domain/tenants/operator-ctx";
import type { FileStore } from "@/lib/platform/file-store";
import { exportFirm, type Manifest } from "./export-firm";

/** Below it the bucket forgets what nobody fetched (infra/base/buckets.ts), and the operator's task may write. */
const PLACE = "firm-exports";
const MANIFEST = "manifest.json";

/**
 * The same export, put into a bucket: for a task whose own files are gone with it. The folder it is made in goes at once, whatever happens. The manifest is put
 * last here too: a place without it is no export.
 */
export async function exportFirmToBucket(
  operator: Operator,
  firm: FirmDto,
  { appUrl, store }: { appUrl: string; store: FileStore },
): Promise<{ manifest: Manifest; prefix: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), "arrestra-firm-"));
  try {
    const manifest = await exportFirm(operator, firm, { appUrl, out: folder });
    const prefix = `${PLACE}/${firm.id}/${manifest.exportId}`;
    const types: [name: string, type: string][] = [
      ...manifest.files.map(({ name }): [string, string] => [name, "application/x-ndjson"]),
      ...manifest.kept.map(({ name }): [string, string] => [name, "application/octet-stream"]),
      [MANIFEST, "application/json"],
    ];
    for (const [name, type] of types) {
      await store.write(`${prefix}/${name}`, createReadStream(path.join(folder, name)), { type });
    }
    return { manifest, prefix };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
