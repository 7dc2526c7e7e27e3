import { asOwner } from "@/tests/setup/firms";
import { type Reply, request } from "@/tests/setup/http";
import { batchOf } from "./batch-of";

/** Posts it under its name as the idempotency key. */
export const postBatch = (baseUrl: string, key: string, name: string, size: number): Promise<Reply> =>
  request(`${baseUrl}/api/leads/ingest`, {
    headers: { authorization: `Bearer ${key}`, "idempotency-key": name },
    body: batchOf(name, size),
  });

/** What the database holds of one batch. */
export type StoredBatch = { name: string; leads: number; charges: number; events: number; observations: number };

/** Everything that a firm's database holds of batches, batch by batch. */
export async function storedBatches(firmId: string): Promise<StoredBatch[]> {
  const { rows } = await asOwner(firmId, (client) =>
    client.query<StoredBatch>(`
      SELECT regexp_replace(l.source_id, '-[0-9]+$', '') AS name, count(*)::int AS leads,
        sum((SELECT count(*) FROM charge c WHERE c.lead_id = l.id))::int AS charges,
        sum((SELECT count(*) FROM event e WHERE e.lead_id = l.id AND e.type = 'lead.ingested'))::int AS events,
        sum((SELECT count(*) FROM observation o WHERE o.lead_id = l.id))::int AS observations
      FROM lead l GROUP BY 1`),
  );
  return rows;
}

/** `lost`: acknowledged batches that are not all there. `partial`: any that are there in part, or without what belongs to them. */
export function judgeBatches(
  stored: readonly StoredBatch[],
  acknowledged: ReadonlySet<string>,
  size: number,
): { acknowledged: number; lost: number; partial: number } {
  const whole = new Set(
    stored
      .filter((row) => [row.leads, row.charges, row.events, row.observations].every((count) => count === size))
      .map(({ name }) => name),
  );
  return {
    acknowledged: acknowledged.size,
    lost: [...acknowledged].filter((name) => !whole.has(name)).length,
    partial: stored.length - whole.size,
  };
}
