import pg from "pg";
import type { ReadingPlace } from "@/lib/domain/leads/visit";

/** From where somebody without a limit reads a firm of tests. */
export const READING_PLACE: ReadingPlace = {
  timeZone: "America/Chicago",
  thresholds: { hotFrom: 70, warmFrom: 40 },
  visitedAt: null,
  scope: null,
};

/** Rows of one statement: sealing in every other test file waits for a transaction that is under way. */
const PORTION = 2_000;

/** From so many leads on, the indexes are made afterwards: each row added to all of them costs several times what the row itself does. */
const INDEXED_AFTERWARDS = 20_000;

/**
 * Fills a firm with invented leads by set-based statements as the superuser: rare and common statuses and classes, uneven counties, two years of
 * dates. The figures follow the row number, so that every run has the same rows.
 */
export async function fillWithLeads(adminUrl: string, tenantId: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const indexes = count >= INDEXED_AFTERWARDS ? await dropIndexes(client) : [];
    for (let from = 1; from <= count; from += PORTION) {
      await client.query(
        `INSERT INTO lead (tenant_id, id, source, source_id, name, last_name, first_name, county, arrested_at, content_hash, observed_at,
         first_seen_at, last_seen_at, next_observe_at, charge_count, top_offense, top_class, offenses, cause_numbers, bail_total_cents,
         bail_bonds, bail_type, bail_denied, bail_not_set, bail_blank, search_text, sort_arrested_at, sort_bail_cents, score, band,
         score_reasons, status)
       SELECT $1, gen_random_uuid(), 'topics.travis', 'many-' || i, 'FICTUS ' || i || ', ROWAN', 'FICTUS ' || i, 'ROWAN',
         CASE WHEN i % 10 < 6 THEN 'Travis' WHEN i % 10 < 9 THEN 'Hays' WHEN i % 1000 = 999 THEN 'Loving' ELSE 'Williamson' END,
         seen - (i % 50) * interval '1 hour', 'h', seen, seen, seen, seen, 2, offense, class, offense || ' | UNL CARRYING WEAPON',
         'C-1-CR-26-' || i, cents, 1, 'surety', 0, 0, 1, lower('fictus ' || i || ', rowan c-1-cr-26-' || i || ' ' || offense),
         seen - (i % 50) * interval '1 hour', cents, score, CASE WHEN score >= 70 THEN 'hot' WHEN score >= 40 THEN 'warm' ELSE 'cool' END,
         '[]', (ARRAY['new','new','new','new','reviewed','reviewed','qualified','dismissed','dismissed','dismissed',
                      'dismissed','lost'])[1 + hash % 12]
       FROM (SELECT i, abs(hashint4(i)) AS hash, (abs(hashint4(i * 7)) % 100) AS score, (abs(hashint4(i * 3)) % 200) * 25000 AS cents,
               timestamptz '2026-11-20T12:00:00Z' - i * interval '5 minutes' AS seen,
               CASE WHEN i % 1999 = 7 THEN 'F1' ELSE (ARRAY['MA','MA','MA','MA','MB','MB','MB','FS','F3','F3'])[1 + abs(hashint4(i * 11)) % 10] END AS class,
               CASE WHEN i % 3 = 0 THEN 'DRIVING WHILE INTOXICATED' WHEN i % 7919 = 0 THEN 'ZYMURGY WITHOUT LICENSE' ELSE 'CRIMINAL TRESPASS' END AS offense
             FROM generate_series($2::int, $3::int) AS i) AS invented`,
        [tenantId, from, Math.min(count, from + PORTION - 1)],
      );
    }
    for (const index of indexes) await client.query(index);
    // A handful of a rare status, scattered: the case in which an index that cannot be used shows.
    await client.query(
      `UPDATE lead SET status = 'consultation' WHERE tenant_id = $1 AND source_id IN
         (SELECT 'many-' || (i * 997) FROM generate_series(1, greatest(1, $2::int / 2000)) AS i)`,
      [tenantId, count],
    );
    await client.query("VACUUM (ANALYZE) lead");
  } finally {
    await client.end();
  }
}

/** Takes away every index that holds no rule, and gives the statements that make the same ones again. */
async function dropIndexes(client: pg.Client): Promise<string[]> {
  await client.query("SET maintenance_work_mem = '256MB'");
  const { rows } = await client.query<{ name: string; made: string }>(
    `SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index
     WHERE indrelid = 'lead'::regclass AND NOT indisunique`,
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  return rows.map(({ made }) => made);
}
