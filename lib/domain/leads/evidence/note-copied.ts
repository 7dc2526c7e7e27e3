import { createHash } from "node:crypto";
import { evidenceFilesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import type { EvidenceRow } from "./evidence-row";

/** How a file lies where it was copied to: `due` has the bytes that were looked at under another version, which is `noted` when that is asked for. */
export type CopyState = "same" | "due" | "noted" | "missing" | "different" | "unread";
/** One file and how it lies; `why` it could not be read is the name of the error alone. */
export type CopiedFile = { id: string; leadId: string; state: CopyState; why?: string };

const ROWS_AT_ONCE = 200;

/**
 * Looks at every file that a firm keeps, in constant memory, and notes the version of each that has the digest of its look: a store gives a copy another version, and
 * whatever has another than the row is not opened. What has another digest, or is not there, stays as it is. Only where a file lies changes, which no firm sees: no event.
 */
export async function* lookAtCopies(ctx: Ctx, { isNoted }: { isNoted: boolean }): AsyncGenerator<CopiedFile> {
  const { tenantId } = ctx;
  for (let after: string | undefined; ; ) {
    const rows = await inTenant(ctx, (tx) =>
      tx.evidenceFile.findMany({
        where: { tenantId, state: "ready", ...(after ? { id: { gt: after } } : {}) },
        orderBy: { id: "asc" },
        take: ROWS_AT_ONCE,
      }),
    );
    for (const row of rows) {
      const found = await lookAtCopy(ctx, row, isNoted);
      if (found) yield { id: row.id, leadId: row.leadId, ...found };
    }
    after = rows.at(-1)?.id;
    if (rows.length < ROWS_AT_ONCE) return;
  }
}

async function lookAtCopy(
  ctx: Ctx,
  row: EvidenceRow,
  isNoted: boolean,
): Promise<Pick<CopiedFile, "state" | "why"> | null> {
  let found: { version: string; sha256: string } | null;
  try {
    found = await readCopy(row.fileKey);
  } catch (error) {
    return { state: "unread", why: error instanceof Error ? error.name : "unknown" };
  }
  if (found?.sha256 !== row.sha256) {
    // Whoever removes a file removes its row before it.
    const isKept = await inTenant(ctx, (tx) => tx.evidenceFile.count({ where: asItWas(row) }));
    if (isKept === 0) return null;
    return { state: found ? "different" : "missing" };
  }
  if (found.version === row.fileVersion) return { state: "same" };
  if (!isNoted) return { state: "due" };
  const data = { fileVersion: found.version };
  const { count } = await inTenant(ctx, (tx) => tx.evidenceFile.updateMany({ where: asItWas(row), data }));
  return count > 0 ? { state: "noted" } : null;
}

const asItWas = ({ tenantId, id, fileKey, fileVersion, sha256 }: EvidenceRow) => ({
  ...{ tenantId, id, fileKey, fileVersion, sha256 },
  state: "ready",
});

async function readCopy(key: string): Promise<{ version: string; sha256: string } | null> {
  const file = await evidenceFilesOf().open(key);
  if (!file) return null;
  const digest = createHash("sha256");
  for await (const chunk of file.stream) digest.update(chunk);
  return { version: file.version, sha256: digest.digest("hex") };
}
