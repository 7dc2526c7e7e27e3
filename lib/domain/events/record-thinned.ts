import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import type { AnyEvent } from "./catalog";
import { recordEvent } from "./record-events";

/** Records a reading unless the same person read the same thing within `everyMs`: history says who looked, not how often they reloaded. */
export async function recordThinned(tx: Tx, ctx: Ctx, event: AnyEvent, everyMs: number): Promise<void> {
  const since = new Date(ctx.clock.now().getTime() - everyMs);
  const [recent] = await tx.$queryRaw<{ one: number }[]>`
    SELECT 1 AS one FROM event WHERE tenant_id = ${ctx.tenantId}::uuid AND type = ${event.type} AND occurred_at > ${since}
      AND actor_id = ${ctx.actor.id} AND lead_id IS NOT DISTINCT FROM ${event.leadId ?? null}::uuid
      AND data = ${JSON.stringify(event.data)}::jsonb LIMIT 1`;
  if (!recent) await recordEvent(tx, ctx, event);
}
