import { AppError } from "@/lib/core/errors";
import { EVIDENCE_TYPES, type EvidenceType } from "@/lib/core/evidence-types";
import { FileChanged } from "@/lib/platform/file-changed";
import { evidenceFilesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { recordThinned } from "../../events/record-thinned";
import { type EvidenceRow, getEvidenceRow, nameOf } from "./evidence-row";

/** How long a link of the bucket is good for: whoever has it needs nothing else. */
const LINK_SECONDS = 60;
const OPENED_EVERY_MS = 15 * 60_000;

/** A file that is kept with a lead: a link of the store that ends, or the bytes themselves. */
export type OpenedEvidence =
  | { link: string }
  | { link: null; stream: ReadableStream<Uint8Array>; bytes: number; filename: string; type: string };

/**
 * Opens a file that was looked at, to be saved and never shown in place. Recorded before its first byte as `evidence.opened`, once per reader and file in 15
 * minutes. What was put in its place after the look is not opened. Needs `leads:read`.
 * @throws AppError `not_found`; `conflict` while it is looked at, and for another file in its place.
 */
export async function openEvidence(ctx: Ctx, leadId: string, id: string): Promise<OpenedEvidence> {
  requirePermission(ctx, "leads:read");
  const row = await inTenant(ctx, (tx) => getEvidenceRow(tx, ctx, leadId, id));
  assertReady(row);
  const opened = await openChecked(row);
  try {
    const event = { type: "evidence.opened", leadId, data: { evidenceId: id } } as const;
    await inTenant(ctx, (tx) => recordThinned(tx, ctx, event, OPENED_EVERY_MS));
  } catch (error) {
    if (opened.link === null) await opened.stream.cancel();
    throw error;
  }
  return opened;
}

async function openChecked(row: EvidenceRow): Promise<OpenedEvidence> {
  const files = evidenceFilesOf();
  const { type } = EVIDENCE_TYPES[row.type as EvidenceType];
  const filename = nameOf(row);
  const version = row.fileVersion as string;
  try {
    const link = await files.downloadLink(row.fileKey, { filename, type, seconds: LINK_SECONDS, version });
    if (link !== null) return { link };
    const file = await files.open(row.fileKey, version);
    if (file) return { link, stream: file.stream, bytes: file.bytes, filename, type };
  } catch (error) {
    if (error instanceof FileChanged)
      throw new AppError("conflict", "This is no longer the file that was looked at. Remove it and add it again.", {
        cause: error,
      });
    throw error;
  }
  throw new AppError("not_found", "The file is gone.");
}

function assertReady({ state, problem }: EvidenceRow): void {
  if (state === "ready") return;
  if (state === "checking") throw new AppError("conflict", "The file is being looked at.", { retryAfterSeconds: 2 });
  throw new AppError("not_found", problem ?? "The file has not come.");
}
