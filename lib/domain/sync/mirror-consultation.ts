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
  const ends: End[] = [];
  for (const name of IN_ORDER) {
    const provider = providers[name];
    if (provider?.mirror) ends.push(await mirrorAt(ctx, provider, mirrored));
  }
  // One job for all that wait: each would try them all again, and two for one would double with every pause.
  const [startAfter] = ends.flatMap(({ at }) => at ?? []).sort((a, b) => a.getTime() - b.getTime());
  if (startAfter) {
    const { tenantId } = ctx;
    await inTenant(ctx, (tx) => enqueue(tx, "sync.consultation", [{ tenantId, consultationId }], { startAfter }));
  }
  const failed = ends.find(({ fault }) => fault !== undefined);
  if (failed) throw failed.fault;
}

/** `fault`: what went wrong on our side; what a service may do is dealt with here. `at`: when to come back for it. */
type End = { fault?: unknown; at?: Date | null };

async function mirrorAt(ctx: Ctx, provider: SyncProvider, mirrored: Mirrored): Promise<End> {
  const { found: open, until } = await inTenant(ctx, async (tx) => {
    const found = await findAskable(tx, ctx, { provider: provider.name });
    return { found, until: found && (await findPause(tx, ctx, found.connectionId)) };
  });
  if (!open || until) return { at: until };
  try {
    await provider.mirror?.(ctx, mirrored);
    return {};
  } catch (error) {
    const fields = { tenantId: ctx.tenantId, provider: provider.name };
    if (!(error instanceof VendorError) && !(error instanceof AppError)) {
      log.error("a counterpart failed on our side", { ...fields, ...failureFields(error) });
      return { fault: error };
    }
    log.warn("a counterpart was not brought up to date", { ...fields, ...failureFields(error) });
    return { at: await comeBack(ctx, open, mirrored, error) };
  }
}

/** Usually the link knows when it is due again. What failed before there was one gets a job. */
async function comeBack(ctx: Ctx, { connectionId }: Askable, mirrored: Mirrored, error: unknown): Promise<Date | null> {
  const { tenantId } = ctx;
  return inTenant(ctx, async (tx) => {
    const known = await tx.$queryRaw<unknown[]>(Prisma.sql`
      SELECT 1 FROM sync_link WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND problem IS NOT NULL
        AND (consultation_id = ${mirrored.consultationId}::uuid OR (consultation_id IS NULL AND lead_id = ${mirrored.leadId}::uuid))`);
    if (known.length > 0) return null;
    const { problem, at } = retryAt(error, 3, ctx.clock.now());
    if (at && isOutage(error)) await pauseConnection(tx, ctx, connectionId, { problem, until: at });
    return at;
  });
}
