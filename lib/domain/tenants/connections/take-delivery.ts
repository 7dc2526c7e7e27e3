import type { ConnectorName } from "@/lib/core/connectors";
import { newId } from "@/lib/core/ids";
import { decryptField, encryptField } from "@/lib/platform/crypto";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";

/** A delivery whose signature was proven. `deliveryKey` tells it from every other, and a repeated one by being the same. */
export type ProvenDelivery = { provider: ConnectorName; connectionId: string; deliveryKey: string; body?: string };

/** Where the body of a delivery is sealed for. */
const bodyPlace = (tenantId: string, rowId: string) =>
  ({ tenantId, table: "webhook_delivery", column: "body_cipher", rowId }) as const;

/**
 * Stores a delivery once, sealed, with the job that handles it, in the caller's transaction. The same one again changes nothing: `isNew` is false, and the answer
 * is the same 2xx.
 */
export async function takeDelivery(
  tx: Tx,
  ctx: Ctx,
  { provider, connectionId, deliveryKey, body }: ProvenDelivery,
): Promise<{ isNew: boolean }> {
  const { tenantId } = ctx;
  const id = newId();
  const sealed = body === undefined ? null : encryptField(body, bodyPlace(tenantId, id));
  const added = await tx.$executeRaw(Prisma.sql`
    INSERT INTO webhook_delivery (tenant_id, id, connection_id, provider, delivery_key, body_cipher, received_at)
    VALUES (${tenantId}::uuid, ${id}::uuid, ${connectionId}::uuid, ${provider}, ${deliveryKey}, ${sealed}, ${ctx.clock.now()})
    ON CONFLICT (tenant_id, provider, delivery_key) DO NOTHING`);
  if (added === 0) return { isNew: false };
  await enqueue(tx, "webhook.handle", [{ tenantId, deliveryId: id }]);
  return { isNew: true };
}

/** The body as it came. */
export const openBody = (tenantId: string, row: { id: string; bodyCipher: string | null }): string | null =>
  row.bodyCipher === null ? null : decryptField(row.bodyCipher, bodyPlace(tenantId, row.id));
