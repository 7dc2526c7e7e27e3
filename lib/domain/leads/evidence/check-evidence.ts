import type { EvidenceRefusal } from "@/lib/contracts/evidence";
import { EVIDENCE_TYPES, type EvidenceType, megabytes } from "@/lib/core/evidence-types";
import { evidenceFilesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";
import { type EvidenceRow, REFUSAL_KEPT_MS } from "./evidence-row";
import { inspectFile } from "./inspect-file";

/**
 * Looks at the bytes of an uploaded file before anybody may open it: that it has the size that was said and is what its name says. A good one is `ready`, with the
 * version that was looked at; any other is removed and says why. Two checks at once do no harm: the first that ends decides.
 */
export async function checkEvidence(ctx: Ctx, id: string): Promise<void> {
  const { tenantId } = ctx;
  const row = await inTenant(ctx, (tx) => tx.evidenceFile.findUnique({ where: { tenantId_id: { tenantId, id } } }));
  if (row?.state !== "checking") return;
  const file = await evidenceFilesOf().open(row.fileKey);
  if (!file) return refuse(ctx, row, "empty");
  const said = { type: row.type as EvidenceType, bytes: Number(row.bytes) };
  const inspected = await inspectFile(file.stream, said).finally(() => file.stream.cancel().catch(() => {}));
  if (inspected.refusal !== null) return refuse(ctx, row, inspected.refusal);
  const { sha256 } = inspected;
  const data = { state: "ready", sha256, fileVersion: file.version, readyAt: ctx.clock.now() };
  await inTenant(ctx, (tx) => tx.evidenceFile.updateMany({ where: asItWas(row), data }));
}

const asItWas = ({ tenantId, id }: EvidenceRow) => ({ tenantId, id, state: "checking" });

/** Only whoever refuses the row removes its file: another check may have found it good. */
async function refuse(ctx: Ctx, row: EvidenceRow, reason: EvidenceRefusal): Promise<void> {
  const { id: evidenceId, leadId, type } = row;
  const isOurs = await inTenant(ctx, async (tx) => {
    const data = {
      state: "refused",
      problem: wordsOf(reason, type as EvidenceType),
      dueAt: new Date(ctx.clock.now().getTime() + REFUSAL_KEPT_MS),
    };
    const { count } = await tx.evidenceFile.updateMany({ where: asItWas(row), data });
    if (count > 0) await recordEvent(tx, ctx, { type: "evidence.refused", leadId, data: { evidenceId, reason } });
    return count > 0;
  });
  if (isOurs) await evidenceFilesOf().remove(row.fileKey);
}

function wordsOf(reason: EvidenceRefusal, type: EvidenceType): string {
  const { name, maxBytes } = EVIDENCE_TYPES[type];
  const words: Record<EvidenceRefusal, string> = {
    empty: "The file came without a byte.",
    too_large: `The file has more than ${megabytes(maxBytes)}.`,
    other_size: "The file that came has another size than the one that was chosen. Add it again.",
    other_type: `The file is called ${name} and is something else inside.`,
    not_text: "The file is called text and holds bytes that are no text in UTF-8.",
  };
  return words[reason];
}
