import type pg from "pg";
import { suppressionDigest } from "@/lib/domain/leads/suppression";
import { refusedLeads } from "./refused-leads";
import { readTrace, recordsFor } from "./trace";

/** A lead as `person find` shows one. */
export type AlikeLead = { id: string; source: string; arrested: string | null };

/** The leads of a firm that would go along with these: they say the same of the same person, or the same as one that does. Changes nothing. */
export async function alikeLeads(client: pg.Client, tenantId: string, named: readonly string[]): Promise<AlikeLead[]> {
  const refused = new Set<string>();
  const known = new Set(named);
  for (let fresh = [...named]; fresh.length > 0; ) {
    for (const id of fresh) {
      const trace = await readTrace(client, tenantId, id);
      for (const { source, sourceId } of trace ? recordsFor(tenantId, trace) : [])
        refused.add(suppressionDigest(tenantId, source, sourceId));
    }
    fresh = (await refusedLeads(client, tenantId, refused)).flatMap(({ id }) => (known.has(id) ? [] : [id]));
    for (const id of fresh) known.add(id);
  }
  const { rows } = await client.query<AlikeLead>(
    `SELECT id, source, to_char(arrested_at, 'YYYY-MM-DD') AS arrested FROM lead
     WHERE tenant_id = $1 AND id = ANY ($2) AND id <> ALL ($3) ORDER BY id`,
    [tenantId, [...known], named],
  );
  return rows;
}
