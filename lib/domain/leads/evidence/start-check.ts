import type { EvidenceType } from "@/lib/core/evidence-types";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";
import { recordEvent } from "../../events/record-events";
import { CHECK_LOST_MS, type EvidenceRow } from "./evidence-row";

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
