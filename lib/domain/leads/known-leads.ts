import type { BailType } from "@/lib/core/bail";
import type { Band, BandThresholds } from "@/lib/core/band";
import type { LeadCounty } from "@/lib/core/county";
import type { OffenseClass } from "@/lib/core/offense";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { ComparedFacts } from "./diff-lead";

/** What the firm holds of a form when a batch arrives. */
export type KnownLead = ComparedFacts & {
  id: string;
  contentHash: string;
  observedAt: Date;
  withdrawnAt: Date | null;
  /** Dismissed by the undo of an import, and not moved by anybody since: what the source shows again is as new as it was. */
  isTakenBack: boolean;
  observeStep: number;
  /** What it was in the firm's lists until now. */
  band: Band;
  bailTotalCents: number | null;
  bailPreviousCents: number | null;
  bailChangedAt: Date | null;
};

type Row = {
  id: string;
  source_id: string;
  content_hash: string;
  observed_at: Date;
  withdrawn_at: Date | null;
  is_taken_back: boolean;
  observe_step: number;
  band: Band;
  bail_total_cents: bigint | null;
  bail_previous_cents: bigint | null;
  bail_changed_at: Date | null;
  name: string;
  date_of_birth: Date | null;
  county: LeadCounty;
  arrested_at: Date | null;
  magistrated_at: Date | null;
  magistrate: string | null;
  custody_status: string | null;
  labels: string[];
  charges: Array<{
    offense: string;
    level: string | null;
    class: OffenseClass;
    bail_type: BailType;
    bail_type_printed: string | null;
    bail_cents: number | null;
    cause_number: string | null;
  }> | null;
};

const cents = (value: bigint | null): number | null => (value === null ? null : Number(value));

/** What is shared by all who write leads of a firm, and taken alone by whoever erases one (scripts/person/tombstones.ts). */
export const ingestKeyOf = (tenantId: string): string => `${tenantId}|ingest`;

/**
 * Waits for its turn to write this source of this firm, until the transaction ends. Two batches of one source then never race for one form, those of two sources go
 * side by side, and none goes beside an erasure, which must know what came before it. The lock timeout turns a long wait into a 503 that the caller repeats.
 */
export async function lockSource(tx: Tx, tenantId: string, source: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock_shared(hashtextextended(${ingestKeyOf(tenantId)}, 2)),
    pg_advisory_xact_lock(hashtextextended(${`${tenantId}|${source}`}, 1))`;
}

/**
 * The firm's leads of these source ids with their charges, by source id. One statement. Call under `lockSource`. The rows stay locked, taken in
 * the order of their ids as everyone does who writes several leads (contact-state.ts): an UPDATE alone takes them in any order, and two of them
 * would end as a deadlock.
 */
export async function findKnownLeads(tx: Tx, tenantId: string, source: string, ids: string[]) {
  const rows = await tx.$queryRaw<Row[]>(Prisma.sql`
    SELECT l.id, l.source_id, l.content_hash, l.observed_at, l.withdrawn_at, l.observe_step, l.band, l.bail_total_cents,
      l.bail_previous_cents, l.bail_changed_at, l.name, l.date_of_birth, l.county, l.arrested_at, l.magistrated_at, l.magistrate,
      l.custody_status, l.labels, c.charges,
      CASE WHEN l.status = 'dismissed' THEN EXISTS (SELECT FROM event e WHERE e.tenant_id = l.tenant_id AND e.lead_id = l.id
        AND e.type = 'lead.status_changed' AND (e.data->'takenBack'->>'version')::int = l.version) ELSE false END AS is_taken_back
    FROM lead l
    LEFT JOIN LATERAL (
      SELECT jsonb_agg(jsonb_build_object('offense', offense, 'level', level, 'class', class, 'bail_type', bail_type,
        'bail_type_printed', bail_type_printed, 'bail_cents', bail_cents, 'cause_number', cause_number) ORDER BY ordinal) AS charges
      FROM charge WHERE charge.tenant_id = l.tenant_id AND charge.lead_id = l.id) c ON true
    WHERE l.tenant_id = ${tenantId}::uuid AND l.source = ${source} AND l.source_id = ANY (${ids})
    ORDER BY l.id FOR NO KEY UPDATE OF l`);
  return new Map(rows.map((row): [string, KnownLead] => [row.source_id, toKnownLead(row)]));
}

const toKnownLead = (row: Row): KnownLead => ({
  id: row.id,
  contentHash: row.content_hash,
  observedAt: row.observed_at,
  withdrawnAt: row.withdrawn_at,
  isTakenBack: row.is_taken_back,
  observeStep: row.observe_step,
  band: row.band,
  bailTotalCents: cents(row.bail_total_cents),
  bailPreviousCents: cents(row.bail_previous_cents),
  bailChangedAt: row.bail_changed_at,
  name: row.name,
  dateOfBirth: row.date_of_birth?.toISOString().slice(0, 10) ?? null,
  county: row.county,
  arrestedAt: row.arrested_at?.toISOString() ?? null,
  magistratedAt: row.magistrated_at?.toISOString() ?? null,
  magistrate: row.magistrate,
  custodyStatus: row.custody_status,
  labels: row.labels,
  charges: (row.charges ?? []).map((charge) => ({
    offense: charge.offense,
    level: charge.level,
    class: charge.class,
    bailType: charge.bail_type,
    bailTypePrinted: charge.bail_type_printed,
    bailCents: charge.bail_cents,
    causeNumber: charge.cause_number,
  })),
});

/** The firm's thresholds of hot and warm. */
export async function findThresholds(tx: Tx, tenantId: string): Promise<BandThresholds> {
  const firm = await tx.tenant.findUniqueOrThrow({
    where: { id: tenantId },
    select: { hotFrom: true, warmFrom: true },
  });
  return firm;
}
