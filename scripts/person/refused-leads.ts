import type pg from "pg";
import type { Told } from "@/lib/domain/leads/imports/row-id";
import { likenessDigest, suppressionDigest } from "@/lib/domain/leads/suppression";

type Row = Omit<Told, "charges"> & { id: string; source: string; sourceId: string; causes: (string | null)[] };

const AT_ONCE = 2000;
const NO_ID = "00000000-0000-0000-0000-000000000000";

/** A lead, and by which of the tombstones it is refused. */
export type RefusedLead = { id: string; tombstone: string };

/**
 * The leads of a firm that these tombstones stand for, as ingest would refuse them: by their own ids, or because they say what a destroyed record said. Nothing but a
 * key tells one from the other, so every lead is looked at.
 */
export async function refusedLeads(
  client: pg.Client,
  tenantId: string,
  tombstones: Iterable<string>,
): Promise<RefusedLead[]> {
  const refused = new Set(tombstones);
  const found: RefusedLead[] = [];
  for (let after = NO_ID; ; ) {
    const { rows } = await client.query<Row>(
      `SELECT id, source, source_id AS "sourceId", name, first_name AS "firstName", middle_name AS "middleName", last_name AS "lastName", suffix,
         date_of_birth::text AS "dateOfBirth", county, to_char(arrested_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "arrestedAt",
         ARRAY(SELECT cause_number FROM charge WHERE charge.tenant_id = $1 AND charge.lead_id = lead.id) AS causes
       FROM lead WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT ${AT_ONCE}`,
      [tenantId, after],
    );
    for (const { id, source, sourceId, causes, ...facts } of rows) {
      const told = { ...facts, charges: causes.map((causeNumber) => ({ causeNumber })) };
      const digests = [suppressionDigest(tenantId, source, sourceId), likenessDigest(tenantId, source, told)];
      const tombstone = digests.find((digest) => digest !== null && refused.has(digest));
      if (tombstone) found.push({ id, tombstone });
    }
    if (rows.length < AT_ONCE) return found;
    after = rows.at(-1)?.id ?? after;
  }
}
