import type pg from "pg";
import { fold } from "@/lib/core/text";

/** What is looked for: all of what is given has to agree. */
export type Asked = { name?: string; cause?: string; sourceId?: string };
/** Enough to tell records apart, and nothing by which anybody is reached. */
export type Found = { id: string; county: string; arrested: string | null; source: string; firstSeen: string };

type Row = Found & { name: string; causes: string };

/** Enough to be looked at one by one. */
export const MOST = 200;

/** The leads of the firm that the client is bound to, the newest first, and how many more there are than are given. */
export async function findPerson(
  client: pg.Client,
  tenantId: string,
  asked: Asked,
): Promise<{ found: Found[]; more: number }> {
  const words = fold(asked.name ?? "")
    .split(/[ ,]+/)
    .filter(Boolean);
  const cause = fold(asked.cause ?? "");
  const { rows } = await client.query<Row>(
    `SELECT id, county, to_char(arrested_at, 'YYYY-MM-DD') AS arrested, source, to_char(first_seen_at, 'YYYY-MM-DD') AS "firstSeen", name, cause_numbers AS causes
     FROM lead WHERE tenant_id = $1 AND ($2::text IS NULL OR source_id = $2)
       AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS word WHERE position(word IN search_text) = 0)
     ORDER BY first_seen_at DESC, id`,
    [tenantId, asked.sourceId ?? null, cause === "" ? words : [...words, cause]],
  );
  const matching = rows
    .filter(({ name }) => words.every((word) => fold(name).includes(word)))
    .filter(({ causes }) => cause === "" || fold(causes).includes(cause));
  const found = matching
    .slice(0, MOST)
    .map(({ id, county, arrested, source, firstSeen }) => ({ id, county, arrested, source, firstSeen }));
  return { found, more: matching.length - found.length };
}
