import { newId } from "@/lib/core/ids";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { type AnyEvent, EVENTS } from "./catalog";

/**
 * The INSERT of events, for a statement of the caller's own (`WITH recorded AS (...)`), so that a row and its event are one round trip. Data is checked
 * against the catalogue, so an event that carries anything else never reaches the table.
 */
export function insertOfEvents(ctx: Ctx, events: readonly AnyEvent[]): Prisma.Sql {
  const rows = events.map((event) => ({
    id: newId(),
    type: event.type,
    lead_id: event.leadId ?? null,
    data: EVENTS[event.type].parse(event.data),
  }));
  return Prisma.sql`
    INSERT INTO event (tenant_id, id, type, lead_id, actor_type, actor_id, request_id, data, occurred_at)
    SELECT ${ctx.tenantId}::uuid, r.id, r.type, r.lead_id, ${ctx.actor.type}, ${ctx.actor.id}, ${ctx.requestId}, r.data, ${ctx.clock.now()}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, type text, lead_id uuid, data jsonb)`;
}

/** Writes events in the caller's transaction, in one statement whatever their number; if they cannot be written, the change is not either. */
export async function recordEvents(tx: Tx, ctx: Ctx, events: readonly AnyEvent[]): Promise<void> {
  if (events.length > 0) await tx.$executeRaw(insertOfEvents(ctx, events));
}

/** One event: see `recordEvents`. */
export const recordEvent = (tx: Tx, ctx: Ctx, event: AnyEvent): Promise<void> => recordEvents(tx, ctx, [event]);
