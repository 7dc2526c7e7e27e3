import type { AuditChain } from "@/lib/contracts/audit";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { findWatch } from "../../events/audit-watch";
import { CHAIN_PROBLEMS, type ChainProblem } from "../../events/verify-chain";

/** How far the firm's chain is sealed, signed and verified, as it was noted last. Needs `audit:read`. */
export function readChain(ctx: Ctx): Promise<AuditChain> {
  requirePermission(ctx, "audit:read");
  return inTenant(ctx, async (tx) => {
    const last = await tx.eventSeal.findFirst({
      where: { tenantId: ctx.tenantId },
      orderBy: { sequence: "desc" },
      select: { sequence: true, sealedAt: true },
    });
    const watch = await findWatch(tx, ctx);
    return {
      sealed: stepOf(last?.sequence, last?.sealedAt),
      signed: stepOf(watch?.headSequence, watch?.headAt),
      verified: stepOf(watch?.verifiedSequence, watch?.verifiedAt),
      problem:
        watch?.problem && watch.problemSince
          ? {
              sequence: watch.problemSequence === null ? null : Number(watch.problemSequence),
              words: CHAIN_PROBLEMS[watch.problem as ChainProblem] ?? watch.problem,
              since: watch.problemSince.toISOString(),
            }
          : null,
    };
  });
}

const stepOf = (sequence: bigint | null | undefined, at: Date | null | undefined): AuditChain["sealed"] =>
  sequence == null || !at ? null : { sequence: Number(sequence), at: at.toISOString() };
