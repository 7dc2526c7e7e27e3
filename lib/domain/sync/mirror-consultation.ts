import type { ConnectorName } from "@/lib/core/connectors";
import { AppError, VendorError } from "@/lib/core/errors";
import { Prisma } from "@/lib/platform/db";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../context/ctx";
import { enqueue } from "../context/enqueue";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { type Askable, findAskable } from "./askable";
import { findPause, pauseConnection } from "./pause";
import { SYNC_PROVIDERS } from "./providers";
import { isOutage, retryAt } from "./retry-at";
import type { Mirrored, SyncProvider, SyncProviders } from "./sync-provider";

/** Zoom first: its link goes into the calendar. */
const IN_ORDER: readonly ConnectorName[] = ["zoom", "google", "zoho", "acuity"];

/**
 * Brings everything that stands for a consultation elsewhere up to date. One service's failure does not stop the others: it is kept with the link, or with a
 * later job, and only a fault of ours is thrown, after all of them were tried. While a service does not answer, it is not asked: the consultation
 * comes back when its pause is over. Safe to run twice.
 */
export async function mirrorConsultation(
  ctx: Ctx,
  consultationId: string,
  providers: SyncProviders = SYNC_PROVIDERS,
): Promise<void> {
  requirePermission(ctx, "connections:manage");
  const row = await inTenant(ctx, (tx) =>
    tx.consultation.findUnique({
      where: { tenantId_id: { tenantId: ctx.tenantId, id: consultationId } },
      select: { leadId: true },
    }),
  );
  if (!row) return;
  const mirrored = { consultationId, leadId: row.leadId };
  const faults: unknown[] = [];
  for (const name of IN_ORDER) {
    const provider = providers[name];
    if (!provider?.mirror) continue;
    const fault = await mirrorAt(ctx, provider, mirrored);
    if (fault !== undefined) faults.push(fault);
  }
  if (faults.length > 0) throw faults[0];
}

/** Gives what went wrong on our side; what a service may do is dealt with here. */
async function mirrorAt(ctx: Ctx, provider: SyncProvider, mirrored: Mirrored): Promise<unknown> {
  const open = await inTenant(ctx, async (tx) => {
    const found = await findAskable(tx, ctx, { provider: provider.name });
    const until = found && (await findPause(tx, ctx, found.connectionId));
    if (until) await enqueue(tx, "sync.consultation", [jobOf(ctx, mirrored)], { startAfter: until });
    return until ? null : found;
  });
  if (!open) return undefined;
  try {
    await provider.mirror?.(ctx, mirrored);
    return undefined;
  } catch (error) {
    const fields = { tenantId: ctx.tenantId, provider: provider.name };
    if (!(error instanceof VendorError) && !(error instanceof AppError)) {
      log.error("a counterpart failed on our side", { ...fields, ...failureFields(error) });
      return error;
    }
    log.warn("a counterpart was not brought up to date", { ...fields, ...failureFields(error) });
    await comeBack(ctx, open, mirrored, error);
    return undefined;
  }
}

/** Usually the link knows when it is due again. What failed before there was one gets a job. */
async function comeBack(ctx: Ctx, { connectionId }: Askable, mirrored: Mirrored, error: unknown): Promise<void> {
  const { tenantId } = ctx;
  await inTenant(ctx, async (tx) => {
    const known = await tx.$queryRaw<unknown[]>(Prisma.sql`
      SELECT 1 FROM sync_link WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND problem IS NOT NULL
        AND (consultation_id = ${mirrored.consultationId}::uuid OR (consultation_id IS NULL AND lead_id = ${mirrored.leadId}::uuid))`);
    if (known.length > 0) return;
    const { problem, at } = retryAt(error, 3, ctx.clock.now());
    if (!at) return;
    await enqueue(tx, "sync.consultation", [jobOf(ctx, mirrored)], { startAfter: at });
    if (isOutage(error)) await pauseConnection(tx, ctx, connectionId, { problem, until: at });
  });
}

const jobOf = ({ tenantId }: Ctx, { consultationId }: Mirrored) => ({ tenantId, consultationId });
