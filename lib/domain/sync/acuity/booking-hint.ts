import { newId } from "@/lib/core/ids";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";

/** Which appointment somebody says has changed. */
export type BookingHint = { connectionId: string; sourceId: string };

const keyOf = ({ connectionId, sourceId }: BookingHint) => `${connectionId}:appointment:${sourceId}`;

/**
 * Notes that an appointment may have changed, and enqueues a look at it, in the caller's transaction. There is one row per appointment: while it is open, the look
 * that it asked for has not begun and will see this change as well, so nothing is added; should its job be lost, `syncDue` finds the open row. Says whether
 * a look was enqueued.
 */
export async function noteHint(tx: Tx, ctx: Ctx, hint: BookingHint): Promise<boolean> {
  const { tenantId } = ctx;
  const now = ctx.clock.now();
  const opened = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    INSERT INTO webhook_delivery AS d (tenant_id, id, connection_id, provider, delivery_key, received_at)
    VALUES (${tenantId}::uuid, ${newId()}::uuid, ${hint.connectionId}::uuid, 'acuity', ${keyOf(hint)}, ${now})
    ON CONFLICT (tenant_id, provider, delivery_key) DO UPDATE SET received_at = EXCLUDED.received_at, handled_at = NULL
    WHERE d.handled_at IS NOT NULL
    RETURNING d.id`);
  if (opened.length === 0) return false;
  const { connectionId, sourceId } = hint;
  await enqueue(tx, "booking.look", [{ tenantId, connectionId, sourceId }]);
  return true;
}

/**
 * Closes the hint of an appointment, in the transaction that begins the look and before anything is asked: whoever tells of a change after this moment opens it
 * again and gets a look of their own. Closed after the look instead, a change that came while it ran would be lost.
 */
export async function closeHint(tx: Tx, ctx: Ctx, hint: BookingHint): Promise<void> {
  await tx.webhookDelivery.updateMany({
    where: { tenantId: ctx.tenantId, provider: "acuity", deliveryKey: keyOf(hint), handledAt: null },
    data: { handledAt: ctx.clock.now() },
  });
}

/** The appointment that a stored delivery is about; null for a row of another make. */
export const sourceOfHint = (deliveryKey: string): string | null =>
  /^[^:]+:appointment:(\d{1,20})$/.exec(deliveryKey)?.[1] ?? null;
