import type { DriftReport } from "@/lib/contracts/connections";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { recordEvent } from "../events/record-events";
import { findAskable } from "./askable";
import { SYNC_PROVIDERS } from "./providers";
import type { SyncProviders } from "./sync-provider";

/** A report names so many differences; the counts hold for all of them. */
const MAX_ITEMS = 100;

/**
 * Compares ours with theirs and keeps the report in the place of the one before, with its event. Null when the service may not be asked. Safe to run twice.
 * @throws VendorError as the provider's `compare` does.
 */
export async function compareConnection(
  ctx: Ctx,
  connectionId: string,
  providers: SyncProviders = SYNC_PROVIDERS,
): Promise<DriftReport | null> {
  requirePermission(ctx, "connections:manage");
  const found = await inTenant(ctx, (tx) => findAskable(tx, ctx, { connectionId }));
  const provider = found && providers[found.provider];
  if (!provider) return null;
  const seen = await provider.compare(ctx, connectionId);
  const report = { ...seen, items: seen.items.slice(0, MAX_ITEMS), checkedAt: ctx.clock.now().toISOString() };
  await inTenant(ctx, async (tx) => {
    // Disconnected while we looked: there is nothing to report on.
    if (!(await findAskable(tx, ctx, { connectionId }))) return;
    await keep(tx, ctx, connectionId, report);
    const { ours, theirs, onlyOurs, onlyTheirs, different } = report;
    await recordEvent(tx, ctx, {
      type: "sync.compared",
      data: { connectionId, provider: provider.name, ours, theirs, onlyOurs, onlyTheirs, different },
    });
  });
  return report;
}

async function keep(tx: Tx, { tenantId, clock }: Ctx, connectionId: string, report: DriftReport): Promise<void> {
  const { ours, theirs, onlyOurs, onlyTheirs, different, items } = report;
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO drift_report (tenant_id, connection_id, checked_at, ours, theirs, only_ours, only_theirs, different, items)
    VALUES (${tenantId}::uuid, ${connectionId}::uuid, ${clock.now()}, ${ours}, ${theirs}, ${onlyOurs}, ${onlyTheirs}, ${different},
      ${JSON.stringify(items)}::jsonb)
    ON CONFLICT (tenant_id, connection_id) DO UPDATE SET checked_at = EXCLUDED.checked_at, ours = EXCLUDED.ours, theirs = EXCLUDED.theirs,
      only_ours = EXCLUDED.only_ours, only_theirs = EXCLUDED.only_theirs, different = EXCLUDED.different, items = EXCLUDED.items`);
}
