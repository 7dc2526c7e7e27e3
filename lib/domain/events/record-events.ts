import { newId } from "@/lib/core/ids";
import { afterCommit, Prisma, type Tx } from "@/lib/platform/db";
import { countMetrics } from "@/lib/platform/metrics";
import type { Ctx } from "../context/ctx";
import { type AnyEvent, EVENTS } from "./catalog";
import { numbersOf } from "./numbers-of";

/** `requestId` when the event is due to another request than the work under way, as in a batch of jobs. */
type Recorded = AnyEvent & { requestId?: string | undefined };

/**
 * The INSERT of events, for a statement of the caller's own (`WITH recorded AS (...)`), so that a row and its event are one round trip. Data is checked
 * against the catalogue, so an event that carries anything else never reaches the table.
 */
export function insertOfEvents(ctx: Ctx, events: readonly Recorded[]): Prisma.Sql {
  const rows = events.map((event) => ({
    id: newId(),
    type: event.type,
    lead_id: event.leadId ?? null,
    request_id: event.requestId ?? ctx.requestId,
    data: EVENTS[event.type].parse(event.data),
  }));
  return Prisma.sql`
    INSERT INTO event (tenant_id, id, type, lead_id, actor_type, actor_id, request_id, data, occurred_at)
    SELECT ${ctx.tenantId}::uuid, r.id, r.type, r.lead_id, ${ctx.actor.type}, ${ctx.actor.id}, r.request_id, r.data, ${ctx.clock.now()}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, type text, lead_id uuid, request_id text, data jsonb)`;
}

/** Writes events in the caller's transaction, in one statement whatever their number; if they cannot be written, the change is not either. */
export async function recordEvents(tx: Tx, ctx: Ctx, events: readonly Recorded[]): Promise<void> {
  if (events.length === 0) return;
  await tx.$executeRaw(insertOfEvents(ctx, events));
  const numbers = numbersOf(events);
  if (numbers) afterCommit(tx, () => countMetrics(numbers));
}

/** One event: see `recordEvents`. */
export const recordEvent = (tx: Tx, ctx: Ctx, event: AnyEvent): Promise<void> => recordEvents(tx, ctx, [event]);
