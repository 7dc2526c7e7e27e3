import { JOBS } from "@/lib/contracts/jobs";
import { evidenceFilesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";
import { inTenant } from "../../context/in-tenant";
import { noteRefused } from "./check-evidence";
import { CHECK_LOST_MS, type EvidenceRow, MOST_CHECKS } from "./evidence-row";
import { startCheck } from "./start-check";

/** What began to be sent in time may still be on its way. */
export const LATE_MS = 5 * 60_000;
const AT_ONCE = 200;

/**
 * Goes through files whose time has come: a look that lost its job gets another one, until so many failed that the file is refused; a file that came and of which
 * nobody told is looked at; what never came and refusals that could be read for a day are forgotten. Says how many there were.
 */
export async function sweepEvidence(ctx: Ctx): Promise<number> {
  const { tenantId } = ctx;
  const now = ctx.clock.now();
  const rows = await inTenant(ctx, (tx) =>
    tx.evidenceFile.findMany({
      where: {
        tenantId,
        OR: [
          { state: { in: ["checking", "refused"] }, dueAt: { lte: now } },
          { state: "uploading", dueAt: { lte: new Date(now.getTime() - LATE_MS) } },
        ],
      },
      orderBy: { dueAt: "asc" },
      take: AT_ONCE,
    }),
  );
  for (const row of rows) await sweepOne(ctx, row);
  return rows.length;
}

async function sweepOne(ctx: Ctx, row: EvidenceRow): Promise<void> {
  const { tenantId, id, state, dueAt } = row;
  const hasCome = state === "uploading" && (await evidenceFilesOf().size(row.fileKey)) !== null;
  await inTenant(ctx, async (tx) => {
    await tx.$executeRaw`SELECT FROM evidence_file WHERE tenant_id = ${tenantId}::uuid AND id = ${id}::uuid FOR UPDATE`;
    const asItWas = { tenantId, id, state, dueAt };
    if ((await tx.evidenceFile.count({ where: asItWas })) === 0) return;
    if (hasCome) await startCheck(tx, ctx, row, row.fileKey);
    else if (state === "checking" && row.checks >= MOST_CHECKS) await noteRefused(tx, ctx, row, "unreadable");
    else if (state === "checking") {
      // From now on it waits again, the longer the more looks came to nothing: the next sweep must not add a job each minute while the queue is merely long.
      const waitMs = CHECK_LOST_MS * 2 ** Math.floor(row.checks / JOBS["evidence.check"].attempts);
      const again = new Date(ctx.clock.now().getTime() + waitMs);
      await tx.evidenceFile.updateMany({ where: asItWas, data: { dueAt: again } });
      await enqueue(tx, "evidence.check", [{ tenantId, evidenceId: id }]);
    } else await tx.evidenceFile.deleteMany({ where: asItWas });
  });
}
