import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import type { BadRow } from "./verify-chain";

/** What is known of a firm's chain: see prisma/schema/audit.prisma. Columns that are not given stay as they are. */
type Findings = {
  watchedAt?: Date;
  unsealedSince?: Date | null;
  headSequence?: number;
  headAt?: Date;
  headDueSince?: Date | null;
  verifiedSequence?: number;
  verifiedHash?: string;
  verifiedAt?: Date;
  fullyVerifiedAt?: Date;
  problem?: string | null;
  problemSequence?: number | null;
  problemEventId?: string | null;
  problemSince?: Date | null;
};

/** The firm's row, or null before the first look. */
export const findWatch = (tx: Tx, { tenantId }: Ctx) => tx.auditWatch.findUnique({ where: { tenantId } });

/** Keeps what was found; the row is made at the first look. */
export async function noteFindings(tx: Tx, { tenantId }: Ctx, findings: Findings): Promise<void> {
  await tx.auditWatch.upsert({ where: { tenantId }, create: { tenantId, ...findings }, update: findings });
}

/** Keeps the first bad row; the moment of the first report of it stays. */
export async function noteProblem(tx: Tx, ctx: Ctx, bad: BadRow): Promise<void> {
  const known = await findWatch(tx, ctx);
  await noteFindings(tx, ctx, {
    problem: bad.problem,
    problemSequence: bad.sequence,
    problemEventId: bad.eventId,
    problemSince: known?.problemSince ?? ctx.clock.now(),
  });
}
