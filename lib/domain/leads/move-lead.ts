import { movesBetween } from "@/lib/core/consultation-status";
import type { LeadStatus } from "@/lib/core/lead-status";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import type { AnyEvent } from "../events/catalog";
import { insertOfEvents } from "../events/record-events";
import { inScope } from "./in-scope";
import { insertOfNotes, noteOf } from "./lead-notes";

/** What has to be known of a lead to move it. */
export type MovingLead = { id: string; status: LeadStatus };

/**
 * Leads held until the transaction ends, taken in the order of their ids as everyone does who writes several (contact-state.ts); by id. Those that are not the
 * firm's, or outside the member's scope, are not there.
 */
export async function holdLeads(tx: Tx, ctx: Ctx, ids: readonly string[]): Promise<Map<string, MovingLead>> {
  const rows = await tx.$queryRaw<MovingLead[]>(Prisma.sql`
    SELECT id, status FROM lead WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ANY (${[...ids]}::uuid[]) AND ${inScope(ctx)}
    ORDER BY id FOR NO KEY UPDATE`);
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * Moves a held lead by the fewest moves of the table, each with its event; the same status again does nothing. For what other verbs decide: a person's own
 * move is changeLeadStatus. `reason` is kept sealed beside the lead and named by the last move.
 */
export async function moveLead(
  tx: Tx,
  ctx: Ctx,
  { id, status }: MovingLead,
  to: LeadStatus,
  reason?: string,
): Promise<void> {
  const moves = movesBetween(status, to);
  if (moves.length === 0) return;
  const note = noteOf("reason", reason);
  const events = moves.map((next, i): AnyEvent => {
    const reasonId = i === moves.length - 1 ? (note?.id ?? null) : null;
    return {
      type: "lead.status_changed",
      leadId: id,
      data: { from: moves[i - 1] ?? status, to: next, reasonId, noteId: null },
    };
  });
  const noted = note ? Prisma.sql`, noted AS (${insertOfNotes(ctx, id, [note])})` : Prisma.empty;
  await tx.$executeRaw`
    WITH recorded AS (${insertOfEvents(ctx, events)})${noted}
    UPDATE lead SET status = ${to}, version = version + ${moves.length}
    WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${id}::uuid`;
}
