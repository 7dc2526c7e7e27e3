import { VendorError } from "@/lib/core/errors";
import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { isOutage } from "../retry-at";
import type { Turn } from "../sync-provider";
import { collectNow, postpone } from "./collect-attendance";

const PORTION = 10;
const MINUTE = 60_000;
/** When a meeting is over, its webhooks and its own job have had their time. */
const AFTER_MS = 20 * MINUTE;
/** What is older, Zoom's report was asked for often enough. */
const FOR_MS = 7 * 24 * 60 * MINUTE;
/** A job that was due so long ago is taken for lost. */
const LATE_MS = 30 * MINUTE;

/**
 * Collects the attendance of consultations that are over and whose webhooks, or jobs, were lost. What was asked for has its next time noted with its link, so
 * that the next portion finds others.
 */
export async function sweepAttendance(ctx: Ctx, turn: Turn): Promise<void> {
  const { tenantId } = ctx;
  const now = ctx.clock.now().getTime();
  const at = (ms: number) => new Date(now - ms);
  const rows = await inTenant(ctx, (tx) =>
    tx.$queryRaw<{ id: string }[]>(Prisma.sql`
      SELECT c.id FROM sync_link s JOIN consultation c ON c.tenant_id = s.tenant_id AND c.id = s.consultation_id
      WHERE s.tenant_id = ${tenantId}::uuid AND s.connection_id = ${turn.connectionId}::uuid AND s.kind = 'meeting' AND s.external_id IS NOT NULL
        AND c.state <> 'canceled' AND c.ends_at <= ${at(AFTER_MS)} AND c.ends_at > ${at(FOR_MS)}
        AND s.details->>'settledAt' IS NULL AND coalesce((s.details->>'collectAt')::timestamptz, '-infinity') <= ${at(LATE_MS)}
      ORDER BY c.ends_at, c.id LIMIT ${PORTION}`),
  );
  for (const { id } of rows) await collectOne(ctx, id);
  const isDone = rows.length < PORTION;
  await inTenant(ctx, (tx) => turn.advance(tx, { position: {}, isDone }));
}

/** What Zoom refuses of one meeting holds up no other; while it does not answer at all, everything waits. */
async function collectOne(ctx: Ctx, consultationId: string): Promise<void> {
  try {
    await collectNow(ctx, consultationId);
  } catch (error) {
    if (isOutage(error) || !(error instanceof VendorError)) throw error;
    await postpone(ctx, consultationId, error);
  }
}
