import type { EvidenceRefusal } from "@/lib/contracts/evidence";
import { megabytes } from "@/lib/core/bytes";
import { EVIDENCE_TYPES, type EvidenceType } from "@/lib/core/evidence-types";
import type { Tx } from "@/lib/platform/db";
import { evidenceFilesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";
import { type EvidenceRow, REFUSAL_KEPT_MS } from "./evidence-row";
import { keepChecked } from "./keep-checked";

/**
 * Looks at the bytes of an uploaded file before anybody may open it: that it has the size that was said and is what its name says. A good one is `ready`: it lies
 * where no form can put another then. Any other is removed and says why. Two checks at once do no harm: the first that ends decides.
 */
export async function checkEvidence(ctx: Ctx, id: string): Promise<void> {
  const row = await beginCheck(ctx, id);
  if (!row) return;
  const checked = await keepChecked(ctx, row);
  if (checked.refusal !== null) return refuse(ctx, row, checked.refusal);
  const { key, version, sha256 } = checked;
  const data = { state: "ready", sha256, fileKey: key, fileVersion: version, readyAt: ctx.clock.now() };
  const { count } = await inTenant(ctx, (tx) => tx.evidenceFile.updateMany({ where: asItWas(row), data }));
  // Should this fail, the purge finds a file that no row stands for.
  await evidenceFilesOf().remove(count > 0 ? row.fileKey : key);
}

/** Counted before the first byte is read, so that a file on which the process dies ends too. */
function beginCheck(ctx: Ctx, id: string): Promise<EvidenceRow | null> {
  const { tenantId } = ctx;
  return inTenant(ctx, async (tx) => {
    const where = { tenantId, id, state: "checking" };
    const { count } = await tx.evidenceFile.updateMany({ where, data: { checks: { increment: 1 } } });
    return count === 0 ? null : tx.evidenceFile.findUnique({ where: { tenantId_id: { tenantId, id } } });
  });
}

const asItWas = ({ tenantId, id }: EvidenceRow) => ({ tenantId, id, state: "checking" });

/** Only whoever refuses the row removes its file: another check may have found it good. */
async function refuse(ctx: Ctx, row: EvidenceRow, reason: EvidenceRefusal): Promise<void> {
  if (await inTenant(ctx, (tx) => noteRefused(tx, ctx, row, reason))) await evidenceFilesOf().remove(row.fileKey);
}

/** Refuses a file that waits for its look, with its event, and says whether it still waited. The purge finds the file of it. */
export async function noteRefused(tx: Tx, ctx: Ctx, row: EvidenceRow, reason: EvidenceRefusal): Promise<boolean> {
  const { id: evidenceId, leadId, type } = row;
  const data = {
    state: "refused",
    problem: wordsOf(reason, type as EvidenceType),
    dueAt: new Date(ctx.clock.now().getTime() + REFUSAL_KEPT_MS),
  };
  const { count } = await tx.evidenceFile.updateMany({ where: asItWas(row), data });
  if (count > 0) await recordEvent(tx, ctx, { type: "evidence.refused", leadId, data: { evidenceId, reason } });
  return count > 0;
}

function wordsOf(reason: EvidenceRefusal, type: EvidenceType): string {
  const { name, maxBytes } = EVIDENCE_TYPES[type];
  const words: Record<EvidenceRefusal, string> = {
    empty: "The file is empty.",
    too_large: `The file is larger than ${megabytes(maxBytes)}.`,
    other_size: "The file that arrived is not the size of the one that was chosen. Add it again.",
    other_type: `The name says ${name}, but the content is something else.`,
    not_text: "The file is not plain text (UTF-8).",
    unreadable: "The file could not be read. Add it again.",
  };
  return words[reason];
}
