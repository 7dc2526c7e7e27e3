import type { BeginEvidence, BegunEvidence } from "@/lib/contracts/evidence";
import { megabytes } from "@/lib/core/bytes";
import { AppError } from "@/lib/core/errors";
import {
  EVIDENCE_BYTES_PER_FIRM,
  EVIDENCE_FILES_PER_LEAD,
  EVIDENCE_TYPES,
  type EvidenceType,
  evidenceTypeOf,
} from "@/lib/core/evidence-types";
import { cleanFilename } from "@/lib/core/filename";
import { newId } from "@/lib/core/ids";
import { encryptField } from "@/lib/platform/crypto";
import type { Tx } from "@/lib/platform/db";
import { evidenceSealOf } from "@/lib/platform/evidence-seal";
import { evidenceFilesOf } from "@/lib/platform/file-store";
import { requireRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { incomingKeyOf } from "./evidence-keys";
import { type EvidenceRow, namePlace, requireKeeper, requireLead, toDto, UPLOAD_SECONDS } from "./evidence-row";

/**
 * Opens a place for a file of a lead and says where it goes: a form of the bucket that takes exactly this type and no more bytes than were said, or null for our
 * own route. Nobody may open the file before its bytes were looked at. Needs `leads:write`; for people and keys.
 * @throws AppError `not_found`, `unprocessable` for a kind that is not kept or one that is too large, `rate_limited` when lead or firm have as much as they may, or the firm
 * sent as much as in a day it may.
 */
export async function beginEvidence(ctx: Ctx, leadId: string, asked: BeginEvidence): Promise<BegunEvidence> {
  requirePermission(ctx, "leads:write");
  const keeper = requireKeeper(ctx);
  const { tenantId } = ctx;
  const filename = cleanFilename(asked.filename);
  const type = requireKind(filename, asked.bytes);
  const id = newId();
  const now = ctx.clock.now();
  const { row, file } = await inTenant(ctx, async (tx) => {
    await requireLead(tx, ctx, leadId);
    await requireRoom(tx, tenantId, leadId, asked.bytes);
    // Last of all: what is refused for another reason takes nothing of the day.
    await requireRate("evidence-megabytes.firm", tenantId, Math.ceil(asked.bytes / 1_000_000));
    const row = await tx.evidenceFile.create({
      data: {
        tenantId,
        id,
        leadId,
        nameCipher: encryptField(filename, namePlace(tenantId, id)),
        type,
        bytes: asked.bytes,
        state: "uploading",
        fileKey: incomingKeyOf(tenantId, leadId, id),
        addedByType: keeper.type,
        addedBy: keeper.id,
        createdAt: now,
        dueAt: new Date(now.getTime() + UPLOAD_SECONDS * 1000),
      },
    });
    return { row, file: await toDto(tx, ctx, row) };
  });
  return { file, upload: await uploadFormOf(ctx, row) };
}

/** The form that sends the file to the bucket; null without a bucket. */
export async function uploadFormOf(ctx: Ctx, row: EvidenceRow): Promise<BegunEvidence["upload"]> {
  const { type } = EVIDENCE_TYPES[row.type as EvidenceType];
  const terms = { type, maxBytes: Number(row.bytes), seconds: UPLOAD_SECONDS, ...(await sealTermsOf(ctx)) };
  return evidenceFilesOf().uploadForm(incomingKeyOf(row.tenantId, row.leadId, row.id), terms);
}

/** What binds a file of this firm to it where files are sealed by KMS: the firm's own key, where it has one. */
export async function sealTermsOf(ctx: Ctx) {
  const { tenantId } = ctx;
  const firm = await inTenant(ctx, (tx) =>
    tx.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { evidenceKeyArn: true } }),
  );
  const seal = evidenceSealOf(tenantId, firm.evidenceKeyArn);
  return seal ? { seal } : {};
}

function requireKind(filename: string, bytes: number): EvidenceType {
  const type = evidenceTypeOf(filename);
  if (!type) throw notTaken("filename", "has a type that is not accepted");
  const { maxBytes, name } = EVIDENCE_TYPES[type];
  if (bytes > maxBytes) throw notTaken("bytes", `must be at most ${megabytes(maxBytes)} for ${name}`);
  return type;
}

const notTaken = (name: string, reason: string) =>
  new AppError("unprocessable", `The file cannot be kept: its ${name} ${reason}.`, {
    invalidParams: [{ name, reason }],
  });

/** One after the other, so that two who begin at once do not both take the last place. */
async function requireRoom(tx: Tx, tenantId: string, leadId: string, bytes: number): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`evidence|${tenantId}`}, 0))`;
  const ofLead = await tx.evidenceFile.count({ where: { tenantId, leadId } });
  if (ofLead >= EVIDENCE_FILES_PER_LEAD)
    throw full(`At most ${EVIDENCE_FILES_PER_LEAD} files are kept with a lead. Remove one that is not needed.`);
  const [ofFirm] = await tx.$queryRaw<{ bytes: bigint }[]>`SELECT evidence_bytes() AS bytes`;
  if (Number(ofFirm?.bytes ?? 0) + bytes > EVIDENCE_BYTES_PER_FIRM)
    throw full(`The files of a firm have at most ${megabytes(EVIDENCE_BYTES_PER_FIRM)}. Remove some first.`);
}

const full = (detail: string) => new AppError("rate_limited", detail, { retryAfterSeconds: 600 });
