import type { LeadFilter } from "@/lib/contracts/leads";
import { blindIndex } from "@/lib/platform/crypto";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { recordThinned } from "../events/record-thinned";

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
