import { AppError, VendorError } from "@/lib/core/errors";
import { Prisma } from "@/lib/platform/db";
import { log } from "@/lib/platform/log";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { openBody } from "../tenants/connections/take-delivery";
import { SYNC_PROVIDERS } from "./providers";
import type { SyncProviders } from "./sync-provider";

type DeliveryRow = {
  id: string;
  connectionId: string;
  provider: keyof SyncProviders;
  deliveryKey: string;
  bodyCipher: string | null;
  receivedAt: Date;
  firmStatus: string;
};

/**
 * Handles one stored delivery and drops its body. Safe to run twice: one that is handled, or another firm's, is left alone, and a provider's `handle` may be
 * repeated. A firm that is shut gets nothing done but what erases. When the service does not answer the delivery stays as it is, and `syncDue` comes back to it ever more seldom.
 */
export async function handleDelivery(
  ctx: Ctx,
  deliveryId: string,
  providers: SyncProviders = SYNC_PROVIDERS,
): Promise<void> {
  requirePermission(ctx, "connections:manage");
  const { tenantId } = ctx;
  const [row] = await inTenant(ctx, (tx) =>
    tx.$queryRaw<DeliveryRow[]>(Prisma.sql`
      SELECT d.id, d.connection_id AS "connectionId", d.provider, d.delivery_key AS "deliveryKey", d.body_cipher AS "bodyCipher",
        d.received_at AS "receivedAt", t.status AS "firmStatus"
      FROM webhook_delivery d JOIN tenant t ON t.id = d.tenant_id
      WHERE d.tenant_id = ${tenantId}::uuid AND d.id = ${deliveryId}::uuid AND d.handled_at IS NULL`),
  );
  if (!row) return;
  const { id, connectionId, provider, deliveryKey, receivedAt, firmStatus } = row;
  const delivery = { id, connectionId, deliveryKey, receivedAt, body: openBody(tenantId, row) };
  const handler = providers[provider];
  if (firmStatus !== "active" && !handler?.isErasing?.(delivery)) return;
  try {
    await handler?.handle?.(ctx, delivery);
  } catch (error) {
    // A provider may close a delivery before it asks, so that a later one opens it again; nothing came of this one.
    await inTenant(ctx, (tx) =>
      tx.webhookDelivery.updateMany({ where: { tenantId, id: deliveryId }, data: { handledAt: null } }),
    );
    if (!(error instanceof VendorError) && !(error instanceof AppError)) throw error;
    log.warn("a delivery could not be handled yet", { tenantId, provider });
    return;
  }
  await inTenant(ctx, (tx) =>
    tx.webhookDelivery.updateMany({
      where: { tenantId, id: deliveryId, handledAt: null },
      data: { handledAt: ctx.clock.now(), bodyCipher: null },
    }),
  );
}
