import { AppError } from "@/lib/core/errors";
import { ROWS_WITHOUT_FACTOR } from "@/lib/core/export-limits";
import { filesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { scopeOf } from "../../context/member-scope";
import { requirePermission } from "../../context/permissions";
import { requireFreshFactor } from "../../context/step-up";
import { recordEvent } from "../../events/record-events";
import { isWithin, storedScope } from "./asker";
import { type ExportRow, isOver } from "./export-row";
import { getVisible } from "./list-exports";

/** How long a link of the store is good for: whoever has it needs nothing else. */
const LINK_SECONDS = 60;
const TYPE = "text/csv; charset=utf-8; header=present";

/** A file of ours: a link of the store that ends, or the bytes themselves. */
export type OpenedExport =
  | { link: string }
  | { link: null; stream: ReadableStream<Uint8Array>; bytes: number; filename: string; type: string };

/**
 * Opens the file of a ready export for whoever sees it: who asked, and owners and admins. Each time is an event, recorded before the first byte: `export.fetched`.
 * What the file was limited to must be within what the caller may see now. Needs `export:read`, for the audit trail also `audit:read`.
 * @throws AppError `not_found` when there is none (any more), `conflict` while it is prepared, `mfa_required` for more than 1,000 rows without a fresh factor.
 */
export async function openExport(ctx: Ctx, id: string): Promise<OpenedExport> {
  requirePermission(ctx, "export:read");
  const row = await inTenant(ctx, (tx) => getVisible(tx, ctx, id));
  assertFetchable(ctx, row);
  const files = filesOf();
  const key = row.fileKey as string;
  const { filename } = row;
  const link = await files.downloadLink(key, { filename, type: TYPE, seconds: LINK_SECONDS });
  const file = link === null ? await files.open(key) : { bytes: await files.size(key), stream: null };
  if (!file || file.bytes === null) throw gone();
  try {
    await inTenant(ctx, async (tx) => {
      const kind = row.kind === "audit" ? "audit" : "leads";
      await recordEvent(tx, ctx, { type: "export.fetched", data: { exportId: id, kind, rows: row.rowsDone } });
    });
  } catch (error) {
    await file.stream?.cancel();
    throw error;
  }
  if (link !== null) return { link };
  return { link, stream: file.stream as ReadableStream<Uint8Array>, bytes: file.bytes, filename, type: TYPE };
}

const gone = () => new AppError("not_found", "The file is gone. Ask for it again.");

function assertFetchable(ctx: Ctx, row: ExportRow): void {
  if (row.state === "waiting" || row.state === "running")
    throw new AppError("conflict", "It is still being prepared.", { retryAfterSeconds: 2 });
  if (row.state !== "ready" || isOver(row, ctx.clock.now())) throw gone();
  if (row.kind === "leads" && !isWithin(storedScope(row), scopeOf(ctx)))
    throw new AppError("forbidden", "You see other leads now than when this was prepared. Ask again.");
  if (row.rowsDone > ROWS_WITHOUT_FACTOR) requireFreshFactor(ctx);
}
