import type { LeadFilter } from "@/lib/contracts/leads";
import { blindIndex } from "@/lib/platform/crypto";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import type { AnyEvent } from "../events/catalog";
import { recordEvent } from "../events/record-events";

const LISTED_EVERY_MS = 5 * 60_000;
const VIEWED_EVERY_MS = 15 * 60_000;

/** A filter as history may keep it: the words searched for are often a person's name, so only their keyed digest stays. */
export function filterForHistory(ctx: Ctx, { q, ...filter }: LeadFilter) {
  return { ...filter, qDigest: q ? blindIndex(q, { tenantId: ctx.tenantId, purpose: "search" }) : null };
}

/** Records that a list was read: once per reader and filter in 5 minutes. */
export async function noteListing(tx: Tx, ctx: Ctx, filter: LeadFilter): Promise<void> {
  const data = { filter: filterForHistory(ctx, filter) };
  await recordThinned(tx, ctx, { type: "leads.listed", data }, LISTED_EVERY_MS);
}

/** Records that a lead was opened: once per reader and lead in 15 minutes. */
export const noteViewing = (tx: Tx, ctx: Ctx, leadId: string): Promise<void> =>
  recordThinned(tx, ctx, { type: "lead.viewed", leadId, data: {} }, VIEWED_EVERY_MS);

async function recordThinned(tx: Tx, ctx: Ctx, event: AnyEvent, everyMs: number): Promise<void> {
  const since = new Date(ctx.clock.now().getTime() - everyMs);
  const [recent] = await tx.$queryRaw<{ one: number }[]>`
    SELECT 1 AS one FROM event WHERE tenant_id = ${ctx.tenantId}::uuid AND type = ${event.type} AND occurred_at > ${since}
      AND actor_id = ${ctx.actor.id} AND lead_id IS NOT DISTINCT FROM ${event.leadId ?? null}::uuid
      AND data = ${JSON.stringify(event.data)}::jsonb LIMIT 1`;
  if (!recent) await recordEvent(tx, ctx, event);
}
