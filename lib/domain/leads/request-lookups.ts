import { PROVIDER_NAMES, PROVIDERS } from "@/lib/contracts/providers";
import { newId } from "@/lib/core/ids";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { enqueue } from "../context/enqueue";
import type { AnyEvent } from "../events/catalog";
import { recordEvents } from "../events/record-events";
import { lockLeads, refreshContactStates } from "./contact-state";
import { answerWords } from "./enrichment-words";

/** Which contacts are asked for, and how urgently. */
export type LookupOptions = {
  /** Only these contacts of the leads. */
  contactIds?: readonly string[];
  /** Ask again although the answer we have is fresh. */
  force?: boolean;
  /** A person asks now: what waits for its next try is tried at once, and what rests after a failure is asked again. */
  hurry?: boolean;
};

/** What was done for a lead: `waiting` checks were under way already. */
export type LookupTally = { queued: number; reused: number; waiting: number; contacts: number };

/** Lookups that a person waits for go before those of a batch. */
const PRIORITY = { hurry: 10, usual: 0 };

type Candidate = {
  contact_id: string;
  lead_id: string;
  provider: string;
  value_index: string;
  pending_id: string | null;
  pending_waits: boolean;
  resting: boolean;
  fresh_contact_id: string | null;
  fresh_state: "found" | "not_found";
  fresh_result: unknown;
  fresh_checked_at: Date | null;
  fresh_expires_at: Date | null;
};

type NewRow = {
  id: string;
  lead_id: string;
  contact_id: string;
  provider: string;
  value_index: string;
  state: string;
  result: unknown;
  checked_at: Date | null;
  expires_at: Date | null;
};

/**
 * Asks for a check of every contact of these leads that has no fresh answer and none under way: the row, its event and its job, in the caller's
 * transaction. A fresh answer for the same value on another lead of the firm is copied instead of paid again. A constant number of statements,
 * also for 1,000 leads; repeating it changes nothing.
 */
export async function requestLookups(
  tx: Tx,
  ctx: Ctx,
  leadIds: readonly string[],
  options: LookupOptions = {},
): Promise<Map<string, LookupTally>> {
  const tally = new Map(
    leadIds.map((id): [string, LookupTally] => [id, { queued: 0, reused: 0, waiting: 0, contacts: 0 }]),
  );
  await lockLeads(tx, ctx, leadIds);
  const candidates = await findCandidates(tx, ctx, leadIds, options.contactIds);
  if (candidates.length === 0) return tally;

  const rows: NewRow[] = [];
  const hurried: { id: string; leadId: string }[] = [];
  for (const candidate of candidates) {
    const counts = tally.get(candidate.lead_id);
    if (!counts) continue;
    counts.contacts += 1;
    if (candidate.pending_id !== null) {
      if (options.hurry && candidate.pending_waits) {
        hurried.push({ id: candidate.pending_id, leadId: candidate.lead_id });
        counts.queued += 1;
      } else counts.waiting += 1;
    } else if (candidate.fresh_contact_id !== null && !options.force) {
      counts.reused += 1;
      if (candidate.fresh_contact_id !== candidate.contact_id) rows.push(copyOf(candidate));
    } else if (!candidate.resting || options.hurry || options.force) {
      rows.push(pendingOf(candidate));
      counts.queued += 1;
    }
  }
  const inserted = await insertRows(tx, ctx, rows);
  await bringForward(tx, ctx, hurried);
  await recordEvents(tx, ctx, inserted.map(eventOf));
  const ids = [...inserted.filter((row) => row.state === "pending"), ...hurried].map((row) => row.id);
  await enqueue(
    tx,
    "enrichment.lookup",
    ids.map((enrichmentId) => ({ tenantId: ctx.tenantId, enrichmentId })),
    { priority: options.hurry ? PRIORITY.hurry : PRIORITY.usual },
  );
  await refreshContactStates(tx, ctx, [...new Set(inserted.map((row) => row.lead_id))]);
  return tally;
}

const providerKinds = JSON.stringify(PROVIDER_NAMES.map((provider) => ({ provider, kind: PROVIDERS[provider].kind })));

function findCandidates(
  tx: Tx,
  ctx: Ctx,
  leadIds: readonly string[],
  contactIds?: readonly string[],
): Promise<Candidate[]> {
  const now = ctx.clock.now();
  const only = contactIds ? Prisma.sql`AND c.id = ANY(${contactIds}::uuid[])` : Prisma.empty;
  return tx.$queryRaw<Candidate[]>(Prisma.sql`
    SELECT c.id AS contact_id, c.lead_id, p.provider, c.value_index,
      w.id AS pending_id, coalesce(w.next_attempt_at > ${now}, false) AS pending_waits,
      coalesce(last.state IN ('failed', 'refused') AND coalesce(last.next_attempt_at, 'infinity') > ${now}, false) AS resting,
      f.contact_id AS fresh_contact_id, f.state AS fresh_state, f.result AS fresh_result,
      f.checked_at AS fresh_checked_at, f.expires_at AS fresh_expires_at
    FROM contact_point c
    JOIN jsonb_to_recordset(${providerKinds}::jsonb) AS p(provider text, kind text) ON p.kind = c.kind
    LEFT JOIN enrichment w ON w.tenant_id = c.tenant_id AND w.contact_id = c.id AND w.provider = p.provider AND w.state = 'pending'
    LEFT JOIN LATERAL (SELECT e.state, e.next_attempt_at FROM enrichment e
      WHERE e.tenant_id = c.tenant_id AND e.contact_id = c.id AND e.provider = p.provider
      ORDER BY e.requested_at DESC, e.id DESC LIMIT 1) last ON true
    LEFT JOIN LATERAL (SELECT e.contact_id, e.state, e.result, e.checked_at, e.expires_at FROM enrichment e
      WHERE e.tenant_id = c.tenant_id AND e.provider = p.provider AND e.value_index = c.value_index
        AND e.state IN ('found', 'not_found') AND e.expires_at > ${now}
      ORDER BY e.contact_id = c.id DESC, e.checked_at DESC LIMIT 1) f ON true
    WHERE c.tenant_id = ${ctx.tenantId}::uuid AND c.lead_id = ANY(${leadIds}::uuid[]) ${only}
    ORDER BY c.lead_id, c.id`);
}

const placeOf = ({ lead_id, contact_id, provider, value_index }: Candidate) => ({
  id: newId(),
  lead_id,
  contact_id,
  provider,
  value_index,
});

const pendingOf = (candidate: Candidate): NewRow => ({
  ...placeOf(candidate),
  state: "pending",
  result: null,
  checked_at: null,
  expires_at: null,
});

const copyOf = (candidate: Candidate): NewRow => ({
  ...placeOf(candidate),
  state: candidate.fresh_state,
  result: candidate.fresh_result,
  checked_at: candidate.fresh_checked_at,
  expires_at: candidate.fresh_expires_at,
});

async function insertRows(tx: Tx, ctx: Ctx, rows: readonly NewRow[]): Promise<NewRow[]> {
  if (rows.length === 0) return [];
  // Another transaction may have asked for the same contact a moment ago: its row stands and ours is not written.
  const kept = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    INSERT INTO enrichment (tenant_id, id, lead_id, contact_id, provider, value_index, state, result, requested_at, checked_at, expires_at)
    SELECT ${ctx.tenantId}::uuid, r.id, r.lead_id, r.contact_id, r.provider, r.value_index, r.state, r.result,
      ${ctx.clock.now()}, r.checked_at, r.expires_at
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, lead_id uuid, contact_id uuid, provider text,
      value_index text, state text, result jsonb, checked_at timestamptz, expires_at timestamptz)
    ON CONFLICT (tenant_id, contact_id, provider) WHERE state = 'pending' DO NOTHING RETURNING id`);
  const ids = new Set(kept.map((row) => row.id));
  return rows.filter((row) => ids.has(row.id));
}

async function bringForward(tx: Tx, ctx: Ctx, hurried: readonly { id: string }[]): Promise<void> {
  if (hurried.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE enrichment SET next_attempt_at = ${ctx.clock.now()}
    WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ANY(${hurried.map(({ id }) => id)}::uuid[]) AND state = 'pending'`);
}

function eventOf(row: NewRow): AnyEvent {
  const data = { provider: row.provider, contactId: row.contact_id, enrichmentId: row.id };
  if (row.state !== "found" && row.state !== "not_found") {
    return { type: "lead.enrichment_requested", leadId: row.lead_id, data };
  }
  const words = answerWords(row.provider, row.state, row.result);
  return { type: "lead.enriched", leadId: row.lead_id, data: { ...data, state: row.state, words } };
}
