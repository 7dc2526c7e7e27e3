import type pg from "pg";
import { likenessDigest, suppressionDigest } from "@/lib/domain/leads/suppression";
import { FACT_COLUMNS, type FactRow, factsOf } from "./lead-facts";
import type { SourceRecord } from "./trace";

type Row = FactRow & SourceRecord & { id: string };

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
      `SELECT id, source, source_id AS "sourceId", ${FACT_COLUMNS}
       FROM lead WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT ${AT_ONCE}`,
      [tenantId, after],
    );
    for (const { id, source, sourceId, ...facts } of rows) {
      const digests = [suppressionDigest(tenantId, source, sourceId), likenessDigest(tenantId, source, factsOf(facts))];
      const tombstone = digests.find((digest) => digest !== null && refused.has(digest));
      if (tombstone) found.push({ id, tombstone });
    }
    if (rows.length < AT_ONCE) return found;
    after = rows.at(-1)?.id ?? after;
  }
}
