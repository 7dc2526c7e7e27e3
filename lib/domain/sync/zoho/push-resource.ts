import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import type { SyncResource } from "../sync-provider";
import { type CreditMemory, mayAsk, remember } from "./credits";
import { openCrm } from "./crm";
import { pushLeads } from "./push-leads";

/** `sequence`: the last sealed event that was looked at; `after`: the last lead of the first walk, while it lasts. */
type PushPosition = CreditMemory & { sequence: number; after?: string | null };

const BATCH = 100;
/** Events looked at in one turn. */
const EVENTS = 2000;
const MINUTE = 60_000;

/** What is said of a lead without changing what a CRM is told of it. */
const SILENT = ["lead.viewed", "lead.exported", "lead.rescored", "sync.written", "sync.fetched", "sync.field_decided"];

type Portion = { leadIds: string[]; position: PushPosition; isDone: boolean; count?: number };

/**
 * Leads with something new. The first walk goes through everybody who answered; after it the firm's sealed history says which leads to look at: its numbers have
 * no gaps, so nothing is missed, and a crash begins where it was.
 */
export const PUSH: SyncResource = {
  name: "push",
  everyMs: MINUTE,
  async pull(ctx, turn) {
    const at = turn.position as PushPosition | null;
    const portion = await inTenant(ctx, async (tx) => {
      const from = at ?? { sequence: await headOf(tx, ctx), after: null };
      return from.after === undefined ? fromHistory(tx, ctx, from, turn.connectionId) : firstWalk(tx, ctx, from);
    });
    const { leadIds, isDone } = portion;
    if (leadIds.length === 0) {
      await inTenant(ctx, (tx) => turn.advance(tx, { position: portion.position, isDone }));
      return;
    }
    if (!(await mayAsk(ctx, turn, portion.position))) {
      const position = at ?? portion.position;
      await inTenant(ctx, (tx) => turn.advance(tx, { position, isDone: true }));
      return;
    }
    const crm = await openCrm(ctx);
    await pushLeads(ctx, crm, leadIds, (tx, { creditsLeft }) => {
      const position = { ...portion.position, ...remember(ctx, portion.position, creditsLeft) };
      const progress = portion.count === undefined ? {} : { progress: { done: portion.count, total: null } };
      return turn.advance(tx, { position, isDone, ...progress });
    });
  },
};

async function headOf(tx: Tx, { tenantId }: Ctx): Promise<number> {
  const [row] = await tx.$queryRaw<{ head: bigint | null }[]>(
    Prisma.sql`SELECT max(sequence) AS head FROM event_seal WHERE tenant_id = ${tenantId}::uuid`,
  );
  return Number(row?.head ?? 0);
}

async function firstWalk(tx: Tx, { tenantId }: Ctx, from: PushPosition): Promise<Portion> {
  const after = from.after ?? "00000000-0000-0000-0000-000000000000";
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT id FROM lead l WHERE tenant_id = ${tenantId}::uuid AND id > ${after}::uuid
      AND (status IN ('responded', 'consultation', 'retained')
        OR EXISTS (SELECT FROM consultation c WHERE c.tenant_id = l.tenant_id AND c.lead_id = l.id))
    ORDER BY id LIMIT ${BATCH}`);
  const leadIds = rows.map(({ id }) => id);
  const isDone = leadIds.length < BATCH;
  const { after: _walked, ...rest } = from;
  return { leadIds, position: isDone ? rest : { ...rest, after: leadIds.at(-1) ?? null }, isDone };
}

async function fromHistory(tx: Tx, ctx: Ctx, from: PushPosition, connectionId: string): Promise<Portion> {
  const { tenantId } = ctx;
  const due = await tx.$queryRaw<{ leadId: string }[]>(Prisma.sql`
    SELECT lead_id AS "leadId" FROM sync_link WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid
      AND kind = 'crm_lead' AND state <> 'removed' AND next_attempt_at <= ${ctx.clock.now()}
      AND (claimed_until IS NULL OR claimed_until <= ${ctx.clock.now()}) ORDER BY next_attempt_at LIMIT ${BATCH / 2}`);
  const events = await tx.$queryRaw<{ sequence: bigint; leadId: string | null }[]>(Prisma.sql`
    SELECT s.sequence, CASE WHEN e.type <> ALL(${SILENT}) THEN e.lead_id END AS "leadId"
    FROM event_seal s JOIN event e ON e.tenant_id = s.tenant_id AND e.id = s.event_id
    WHERE s.tenant_id = ${tenantId}::uuid AND s.sequence > ${from.sequence} ORDER BY s.sequence LIMIT ${EVENTS}`);
  const leadIds = new Set(due.map(({ leadId }) => leadId));
  let { sequence } = from;
  for (const event of events) {
    if (event.leadId !== null && !leadIds.has(event.leadId)) {
      if (leadIds.size >= BATCH) return { leadIds: [...leadIds], position: { ...from, sequence }, isDone: false };
      leadIds.add(event.leadId);
    }
    sequence = Number(event.sequence);
  }
  return {
    leadIds: [...leadIds],
    position: { ...from, sequence },
    isDone: events.length < EVENTS && due.length < BATCH / 2,
  };
}
