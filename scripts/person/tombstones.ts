import type pg from "pg";
import type { ErasureReason } from "@/lib/core/erasure";
import { ingestKeyOf } from "@/lib/domain/leads/known-leads";
import { suppressionDigest } from "@/lib/domain/leads/suppression";
import type { SourceRecord } from "./trace";

/**
 * Takes the turn of every source of a firm at once, also of those that never came here, until the transaction ends (lib/domain/leads/known-leads.ts): batches under
 * way end first, and the next ones meet the tombstones.
 */
export async function lockSources(client: pg.Client, tenantId: string): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 2))", [ingestKeyOf(tenantId)]);
}

/** Tells a firm not to take records, in the caller's transaction. Gives their digests. */
export async function keepTombstones(
  client: pg.Client,
  tenantId: string,
  records: readonly SourceRecord[],
  because: ErasureReason,
): Promise<string[]> {
  const digests = records.map(({ source, sourceId }) => suppressionDigest(tenantId, source, sourceId));
  await keepDigests(client, tenantId, digests, because);
  return digests;
}

/** The same where the digests are known. Says how many were missing. */
export async function keepDigests(
  client: pg.Client,
  tenantId: string,
  digests: readonly string[],
  because: ErasureReason,
): Promise<number> {
  const { rowCount } = await client.query(
    `INSERT INTO suppression (tenant_id, digest, reason) SELECT $1, digest, $3 FROM unnest($2::text[]) AS digest ON CONFLICT DO NOTHING`,
    [tenantId, digests, because],
  );
  return rowCount ?? 0;
}
