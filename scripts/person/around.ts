import type pg from "pg";
import type { Elsewhere, Taken } from "./certificate";

/** How many exports a certificate names; whoever took out more is asked as a whole. */
const NAMED_AT_MOST = 500;

const COUNTED: readonly { at: string; what: string; from: string }[] = [
  {
    at: "c.provider",
    what: "l.kind",
    from: `sync_link l JOIN connection c ON c.tenant_id = l.tenant_id AND c.id = l.connection_id
      WHERE l.tenant_id = $1 AND l.external_id IS NOT NULL
        AND (l.lead_id = $2 OR l.consultation_id IN (SELECT id FROM consultation WHERE tenant_id = $1 AND lead_id = $2))`,
  },
  { at: "origin", what: "'booking'", from: "consultation WHERE tenant_id = $1 AND lead_id = $2 AND origin <> 'firm'" },
  {
    at: "provider",
    what: "'check of a contact'",
    from: "enrichment WHERE tenant_id = $1 AND lead_id = $2 AND attempts > 0",
  },
  {
    at: "channel",
    what: "'message to a member of the firm'",
    from: "lead_alert WHERE tenant_id = $1 AND lead_id = $2 AND state IN ('sending', 'sent')",
  },
  {
    at: "'calendar programs'",
    what: "'feed with names'",
    from: `calendar_feed WHERE tenant_id = $1 AND shows_names AND read_at IS NOT NULL
      AND EXISTS (SELECT FROM consultation WHERE tenant_id = $1 AND lead_id = $2)`,
  },
];

/** What of the lead stands elsewhere: services and counts. Asked before the links are deleted. */
export async function readElsewhere(client: pg.Client, tenantId: string, leadId: string): Promise<Elsewhere[]> {
  const found: Elsewhere[] = [];
  for (const { at, what, from } of COUNTED) {
    const sql = `SELECT ${at} AS at, ${what} AS what, count(*)::int AS count FROM ${from} GROUP BY 1, 2 ORDER BY 1, 2`;
    found.push(...(await client.query<Elsewhere>(sql, [tenantId, leadId])).rows);
  }
  return found;
}

/** Who took leads out since the firm had this one, as far as the firm's history says. */
export async function readTaken(client: pg.Client, tenantId: string, since: Date): Promise<Taken[]> {
  const { rows } = await client.query<Omit<Taken, "at"> & { at: Date }>(
    `SELECT type AS event, occurred_at AS at, actor_type || ' ' || actor_id AS by, data->>'exportId' AS "exportId" FROM event
     WHERE tenant_id = $1 AND occurred_at >= $2
       AND (type IN ('lead.exported', 'firm.exported') OR type = 'export.fetched' AND data->>'kind' = 'leads')
     ORDER BY occurred_at DESC, id LIMIT ${NAMED_AT_MOST}`,
    [tenantId, since],
  );
  return rows.map(({ at, ...rest }) => ({ ...rest, at: at.toISOString() }));
}
