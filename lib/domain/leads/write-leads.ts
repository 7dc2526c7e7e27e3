import { Prisma, type Tx } from "@/lib/platform/db";
import type { ChargeColumns, LeadColumns } from "./lead-columns";

// Every statement takes one JSON parameter, whatever the number of rows: a batch costs a handful of statements, not a handful per lead. Wide rows
// are read as json, which costs a tenth less than building a jsonb first; rows that hold a jsonb column are read as jsonb.

const LEAD_RECORD =
  Prisma.raw(`id uuid, source_id text, source_url text, name text, first_name text, middle_name text, last_name text,
  suffix text, date_of_birth date, county text, arrested_at timestamptz, magistrated_at timestamptz, magistrate text, custody_status text,
  labels text[], content_hash text, next_observe_at timestamptz, charge_count integer, top_offense text, top_class text, offenses text,
  cause_numbers text, bail_total_cents bigint, bail_bonds integer, bail_type text, bail_denied integer, bail_not_set integer,
  bail_blank integer, bail_previous_cents bigint, bail_changed_at timestamptz, search_text text, sort_arrested_at timestamptz,
  sort_bail_cents bigint, score integer, band text, score_reasons jsonb, score_changes_at timestamptz`);

/** Columns that a new look at a form replaces. */
const REPLACED = [
  "source_url",
  "name",
  "first_name",
  "middle_name",
  "last_name",
  "suffix",
  "date_of_birth",
  "county",
  "arrested_at",
  "magistrated_at",
  "magistrate",
  "custody_status",
  "labels",
  "content_hash",
  "next_observe_at",
  "charge_count",
  "top_offense",
  "top_class",
  "offenses",
  "cause_numbers",
  "bail_total_cents",
  "bail_bonds",
  "bail_type",
  "bail_denied",
  "bail_not_set",
  "bail_blank",
  "bail_previous_cents",
  "bail_changed_at",
  "search_text",
  "sort_arrested_at",
  "sort_bail_cents",
  "score",
  "band",
  "score_reasons",
  "score_changes_at",
] as const satisfies readonly (keyof LeadColumns)[];
const COLUMN_LIST = Prisma.raw(REPLACED.join(", "));
const FROM_INPUT = Prisma.raw(REPLACED.map((column) => `r.${column}`).join(", "));
const ASSIGNMENTS = Prisma.raw(REPLACED.map((column) => `${column} = r.${column}`).join(", "));

type At = { tenantId: string; source: string; observedAt: Date; now: Date };

/** Inserts new leads. */
export async function insertLeads(tx: Tx, leads: LeadColumns[], at: At): Promise<void> {
  if (leads.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO lead (tenant_id, source, id, source_id, ${COLUMN_LIST}, observed_at, first_seen_at, last_seen_at)
    SELECT ${at.tenantId}::uuid, ${at.source}, r.id, r.source_id, ${FROM_INPUT}, ${at.observedAt}, ${at.observedAt}, ${at.observedAt}
    FROM json_to_recordset(${JSON.stringify(leads)}::json) AS r(${LEAD_RECORD})`);
}

/** Gives known leads their newer facts and drops their charges, which `insertCharges` writes anew. */
export async function updateLeads(tx: Tx, leads: LeadColumns[], at: At): Promise<void> {
  if (leads.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE lead l SET ${ASSIGNMENTS}, observed_at = ${at.observedAt}, last_seen_at = ${at.observedAt},
      seen_count = l.seen_count + 1, observe_step = 0, withdrawn_at = NULL
    FROM json_to_recordset(${JSON.stringify(leads)}::json) AS r(${LEAD_RECORD})
    WHERE l.tenant_id = ${at.tenantId}::uuid AND l.id = r.id`);
  const ids = leads.map((lead) => lead.id);
  await tx.$executeRaw`DELETE FROM charge WHERE tenant_id = ${at.tenantId}::uuid AND lead_id = ANY (${ids}::uuid[])`;
}

/** Writes charges of leads that have none. */
export async function insertCharges(tx: Tx, charges: ChargeColumns[], tenantId: string): Promise<void> {
  if (charges.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO charge (tenant_id, lead_id, ordinal, offense, level, class, bail_type, bail_type_printed, bail_cents, cause_number)
    SELECT ${tenantId}::uuid, r.* FROM json_to_recordset(${JSON.stringify(charges)}::json)
      AS r(lead_id uuid, ordinal integer, offense text, level text, class text, bail_type text, bail_type_printed text, bail_cents bigint,
           cause_number text)`);
}

/** Notes that forms were seen again and said nothing new. Touches no indexed column, so it stays cheap. */
export async function touchLeads(
  tx: Tx,
  rows: { id: string; step: number; next_observe_at: string }[],
  at: At,
): Promise<void> {
  if (rows.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE lead l SET last_seen_at = ${at.observedAt}, observed_at = ${at.observedAt}, seen_count = l.seen_count + 1,
      observe_step = r.step, next_observe_at = r.next_observe_at
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, step integer, next_observe_at timestamptz)
    WHERE l.tenant_id = ${at.tenantId}::uuid AND l.id = r.id`);
}

/** Marks forms that left the source's list. */
export async function withdrawLeads(tx: Tx, rows: { id: string; withdrawn_at: string }[], at: At): Promise<void> {
  if (rows.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE lead l SET withdrawn_at = r.withdrawn_at, observed_at = ${at.observedAt}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, withdrawn_at timestamptz)
    WHERE l.tenant_id = ${at.tenantId}::uuid AND l.id = r.id`);
}

/** Makes leads new again that an undone import had closed: the one move that ingest makes, and only of what nobody has moved since. */
export async function reopenLeads(tx: Tx, ids: string[], tenantId: string): Promise<void> {
  if (ids.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE lead SET status = 'new', version = version + 1 WHERE tenant_id = ${tenantId}::uuid AND id = ANY (${ids}::uuid[])`);
}

/** One look at a form, under the names of the table. */
export type ObservationColumns = { id: string; lead_id: string; content_hash: string; payload: object };

/** Keeps what the source showed. The same look posted twice is kept once. */
export async function insertObservations(tx: Tx, rows: ObservationColumns[], batchId: string, at: At): Promise<void> {
  if (rows.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO observation (tenant_id, id, lead_id, batch_id, observed_at, received_at, content_hash, payload)
    SELECT ${at.tenantId}::uuid, r.id, r.lead_id, ${batchId}::uuid, ${at.observedAt}, ${at.now}, r.content_hash, r.payload
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, lead_id uuid, content_hash text, payload jsonb)
    ON CONFLICT (tenant_id, lead_id, observed_at, content_hash) DO NOTHING`);
}
