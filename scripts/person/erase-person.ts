import type pg from "pg";
import { type Clock, systemClock } from "@/lib/core/clock";
import type { ErasureReason } from "@/lib/core/erasure";
import { newId } from "@/lib/core/ids";
import { EVENTS } from "@/lib/domain/events/catalog";
import { incomingFolderOf, leadFolderOf } from "@/lib/domain/leads/evidence/evidence-keys";
import { UPLOAD_SECONDS } from "@/lib/domain/leads/evidence/evidence-row";
import { LATE_MS } from "@/lib/domain/leads/evidence/sweep-evidence";
import { env } from "@/lib/platform/env";
import { withClient } from "../bootstrap-database";
import { readElsewhere, readTaken } from "./around";
import type { Certificate, ErasureRow } from "./certificate";
import { type FilesLeft, writeLeft } from "./files-left";
import { finishErasure } from "./finish-erasure";
import { searchRows } from "./search-rows";
import { GOES } from "./tables";
import { keepTombstones, lockSources } from "./tombstones";
import { readTrace, recordsFor, type Trace } from "./trace";

/** A firm as these commands know it. */
export type Firm = { id: string; slug: string };

/** An erasure that was asked for. */
export type Erasure = {
  /** The owner's address: no role of the product may do this. */
  ownerUrl: string;
  firm: Firm;
  because: ErasureReason;
  /** What the order is filed under. */
  order: string | null;
  /** Who does it, for the certificate. */
  by: string;
  clock?: Clock;
};

/** Postgres ends one of two that wait for each other; whoever is ended begins again. */
const DEADLOCK = "40P01";
const TRIES = 3;

/**
 * Erases one lead of one firm with everything that names its person. One transaction writes the tombstones, deletes, and records `lead.erased`; then the files go.
 * It may break off at any point and be run again: what is done already gives the certificate that was made. `isNew` is false for that.
 * @throws Error with a sentence for the operator, when the firm has and had no such lead.
 */
export function erasePerson(erasure: Erasure, leadId: string): Promise<{ certificate: Certificate; isNew: boolean }> {
  const { firm } = erasure;
  return withClient(erasure.ownerUrl, async (client) => {
    await bind(client, firm);
    let isNew = false;
    for (let tries = 1; ; tries++) {
      try {
        isNew = await eraseRows(client, erasure, leadId);
        break;
      } catch (error) {
        await client.query("ROLLBACK");
        if ((error as { code?: string }).code !== DEADLOCK || tries === TRIES) throw error;
      }
    }
    const { rows } = await client.query<ErasureRow>(
      "SELECT * FROM person_erasure WHERE tenant_id = $1 AND erased_lead_id = $2",
      [firm.id, leadId],
    );
    if (!rows[0]) throw new Error(`${firm.slug} has no lead ${leadId}, and no certificate of one.`);
    return { certificate: await finishErasure(client, firm, rows[0], erasure.clock ?? systemClock), isNew };
  });
}

/** Row-level security binds the owner too. */
export const bind = (client: pg.Client, { id }: Firm): Promise<unknown> =>
  client.query("SELECT set_config('app.tenant_id', $1, false)", [id]);

/** False when there is no such lead. */
async function eraseRows(client: pg.Client, erasure: Erasure, leadId: string): Promise<boolean> {
  const { id: tenantId } = erasure.firm;
  await client.query("BEGIN");
  await lockSources(client, tenantId);
  // From here on nothing can be added that points to it.
  await client.query("SELECT FROM lead WHERE tenant_id = $1 AND id = $2 FOR UPDATE", [tenantId, leadId]);
  const trace = await readTrace(client, tenantId, leadId);
  if (!trace) {
    await client.query("COMMIT");
    return false;
  }
  const digests = await keepTombstones(client, tenantId, recordsFor(tenantId, trace), erasure.because);
  const facts = {
    elsewhere: await readElsewhere(client, tenantId, leadId),
    takenOut: await readTaken(client, tenantId, trace.firstSeenAt),
  };
  const searched = await searchRows({ client, tenantId, trace });
  const uploadUntil = await lastUpload(client, tenantId, leadId);
  const jobs = await eraseJobs(client, tenantId, [...trace.ids, ...searched.ids]);
  const gone = await eraseTables(client, tenantId, leadId);
  const counts = withoutNone({ ...gone, ...searched.counts, "pgboss.job": jobs });
  const files: FilesLeft[] = [
    ...searched.files.map((prefix) => ({ store: "files" as const, prefix, until: null })),
    // Also without a row: what a removal or an upload that was killed has left.
    { store: "evidence", prefix: incomingFolderOf(tenantId, leadId), until: uploadUntil },
    { store: "evidence", prefix: leadFolderOf(tenantId, leadId), until: null },
  ];
  await certify(client, erasure, trace, {
    digests,
    counts,
    files: files.map(writeLeft),
    facts: { ...facts, files: searched.files.length + (gone.evidence_file ? 1 : 0) },
  });
  await client.query("COMMIT");
  return true;
}

async function eraseTables(client: pg.Client, tenantId: string, leadId: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  // A parameter that a statement does not use has no type: every one names both.
  for (const [table, rows] of Object.entries(GOES)) {
    const sql = `DELETE FROM ${table} WHERE tenant_id = $1::uuid AND $2::uuid IS NOT NULL AND (${rows})`;
    counts[table] = (await client.query(sql, [tenantId, leadId])).rowCount ?? 0;
  }
  return counts;
}

/**
 * Until when a file may still be put there; null when none may. Our own route takes none for a row that has its file, or is gone. A form of the bucket can be posted
 * again until its time is over, whatever became of its row.
 */
async function lastUpload(client: pg.Client, tenantId: string, leadId: string): Promise<Date | null> {
  const { rows } = await client.query<{ until: Date | null }>(
    `SELECT max(given_at) + make_interval(secs => $4) AS until FROM (
       SELECT created_at AS given_at FROM evidence_file WHERE tenant_id = $1 AND lead_id = $2 AND (state = 'uploading' OR $3)
       UNION ALL SELECT occurred_at FROM event WHERE tenant_id = $1 AND lead_id = $2 AND type = 'evidence.removed' AND $3) AS forms`,
    [tenantId, leadId, env().EVIDENCE_BUCKET !== undefined, UPLOAD_SECONDS + LATE_MS / 1000],
  );
  return rows[0]?.until ?? null;
}

/** Jobs carry ids only, and one without its rows does nothing; none is left all the same. */
async function eraseJobs(client: pg.Client, tenantId: string, ids: readonly string[]): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM pgboss.job WHERE data->>'tenantId' = $1::text
       AND EXISTS (SELECT FROM jsonb_each_text(data::jsonb) AS each WHERE each.value = ANY ($2::text[]))`,
    [tenantId, ids],
  );
  return rowCount ?? 0;
}

const withoutNone = (counts: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

type Done = { digests: string[]; counts: Record<string, number>; files: string[]; facts: ErasureRow["facts"] };

async function certify(
  client: pg.Client,
  { firm, because, order, by }: Erasure,
  { leadId }: Trace,
  { digests, counts, files, facts }: Done,
): Promise<void> {
  const [erasureId, eventId] = [newId(), newId()];
  const rows = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const data = EVENTS["lead.erased"].parse({ erasureId, because, rows, files: facts.files });
  await client.query(
    `INSERT INTO person_erasure (tenant_id, id, erased_lead_id, reason, order_ref, digests, counts, facts, files_left, event_id, head_sequence, head_hash,
       erased_by, began_at)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, coalesce(last.sequence, 0), coalesce(last.hash, ''), $11, now()
     FROM (SELECT 1) AS one LEFT JOIN LATERAL (
       SELECT sequence, hash FROM event_seal WHERE tenant_id = $1 ORDER BY sequence DESC LIMIT 1) AS last ON true
     ON CONFLICT (tenant_id, erased_lead_id) DO UPDATE SET id = EXCLUDED.id, digests = EXCLUDED.digests, counts = EXCLUDED.counts, facts = EXCLUDED.facts,
       files_left = EXCLUDED.files_left, event_id = EXCLUDED.event_id, head_sequence = EXCLUDED.head_sequence, head_hash = EXCLUDED.head_hash,
       erased_by = EXCLUDED.erased_by, began_at = EXCLUDED.began_at, finished_at = NULL`,
    [firm.id, erasureId, leadId, because, order, digests, counts, facts, files, eventId, by],
  );
  await client.query(
    `INSERT INTO event (tenant_id, id, type, lead_id, actor_type, actor_id, request_id, data, occurred_at)
     VALUES ($1, $2, 'lead.erased', $3, 'service', 'operator', $4, $5, clock_timestamp())`,
    [firm.id, eventId, leadId, newId(), data],
  );
}
