import type { EvidenceDto } from "@/lib/contracts/evidence";
import { AppError } from "@/lib/core/errors";
import { EVIDENCE_TYPES, type EvidenceType } from "@/lib/core/evidence-types";
import { newId } from "@/lib/core/ids";
import type { Tx } from "@/lib/platform/db";
import { evidenceFilesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { recordEvent } from "../../events/record-events";
import { sealTermsOf, uploadFormOf } from "./begin-evidence";
import { CHECK_LOST_MS, type EvidenceRow, getEvidenceRow, incomingKeyOf, lockEvidenceRow, toDto } from "./evidence-row";

const hasFile = () => new AppError("conflict", "This file has come already. Add another one.");

/**
 * Puts a file into the store, whole or not at all, and asks for the look at its bytes. Recorded as `evidence.added`. Needs `leads:write`.
 * @throws AppError `not_found`; `conflict` when it has come already, its time is over, or files go to a bucket; `payload_too_large` for more than was said.
 */
export async function receiveEvidence(
  ctx: Ctx,
  place: { leadId: string; id: string },
  bytes: AsyncIterable<Uint8Array>,
): Promise<EvidenceDto> {
  requirePermission(ctx, "leads:write");
  const { leadId, id } = place;
  const row = await inTenant(ctx, (tx) => getEvidenceRow(tx, ctx, leadId, id));
  requireUploading(ctx, row);
  if (await uploadFormOf(ctx, row))
    throw new AppError("conflict", "Files go to the bucket: post it with the form that came with it.");
  const key = incomingKeyOf(row.tenantId, leadId, id, newId());
  const files = evidenceFilesOf();
  const { type } = EVIDENCE_TYPES[row.type as EvidenceType];
  await files.write(key, noMoreThan(bytes, Number(row.bytes)), { type, ...(await sealTermsOf(ctx)) });
  try {
    return await inTenant(ctx, async (tx) => {
      // Of two uploads of one file the first that ends is it.
      const now = await lockEvidenceRow(tx, ctx, leadId, id);
      if (now.state !== "uploading") throw hasFile();
      return toDto(tx, ctx, await startCheck(tx, ctx, now, key));
    });
  } catch (error) {
    await files.remove(key);
    throw error;
  }
}

/**
 * Says that a file went to the bucket: asks for the look at its bytes. Once that was asked for, asking again changes nothing. Recorded as `evidence.added`. Needs
 * `leads:write`.
 * @throws AppError `not_found`, `conflict` while there is no file.
 */
export async function evidenceUploaded(ctx: Ctx, leadId: string, id: string): Promise<EvidenceDto> {
  requirePermission(ctx, "leads:write");
  const { fileKey } = await inTenant(ctx, (tx) => getEvidenceRow(tx, ctx, leadId, id));
  const isThere = (await evidenceFilesOf().size(fileKey)) !== null;
  return inTenant(ctx, async (tx) => {
    const row = await lockEvidenceRow(tx, ctx, leadId, id);
    if (row.state !== "uploading") return toDto(tx, ctx, row);
    if (!isThere) throw new AppError("conflict", "The file has not come yet.", { retryAfterSeconds: 2 });
    return toDto(tx, ctx, await startCheck(tx, ctx, row, row.fileKey));
  });
}

/** The state, its event and its job in one transaction; of a row that waits for its file and is held. */
export async function startCheck(tx: Tx, ctx: Ctx, row: EvidenceRow, fileKey: string): Promise<EvidenceRow> {
  const { tenantId, id, leadId, type, bytes } = row;
  const changed = await tx.evidenceFile.update({
    where: { tenantId_id: { tenantId, id } },
    data: { state: "checking", fileKey, dueAt: new Date(ctx.clock.now().getTime() + CHECK_LOST_MS) },
  });
  const data = { evidenceId: id, kind: type as EvidenceType, bytes: Number(bytes) };
  await recordEvent(tx, ctx, { type: "evidence.added", leadId, data });
  await enqueue(tx, "evidence.check", [{ tenantId, evidenceId: id }]);
  return changed;
}

function requireUploading({ clock }: Ctx, { state, dueAt }: EvidenceRow): void {
  if (state !== "uploading") throw hasFile();
  if (dueAt <= clock.now()) throw new AppError("conflict", "The time to send this file is over. Add it again.");
}

async function* noMoreThan(chunks: AsyncIterable<Uint8Array>, most: number) {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > most) throw new AppError("payload_too_large", "The file has more bytes than were said.");
    yield chunk;
  }
}
