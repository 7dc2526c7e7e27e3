import type { EvidenceDto } from "@/lib/contracts/evidence";
import { AppError } from "@/lib/core/errors";
import { EVIDENCE_TYPES, type EvidenceType } from "@/lib/core/evidence-types";
import { newId } from "@/lib/core/ids";
import { evidenceFilesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { sealTermsOf, uploadFormOf } from "./begin-evidence";
import { incomingKeyOf } from "./evidence-keys";
import { type EvidenceRow, getEvidenceRow, lockEvidenceRow, toDto } from "./evidence-row";
import { startCheck } from "./start-check";

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
    // Without an answer the row may name the file by now; if it does not, the purge removes it.
    if (error instanceof AppError && error.code !== "unavailable") await files.remove(key);
    throw error;
  }
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
