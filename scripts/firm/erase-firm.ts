import type pg from "pg";
import { firmFolderOf, incomingFirmFolderOf } from "@/lib/domain/leads/evidence/evidence-keys";
import { UPLOAD_SECONDS } from "@/lib/domain/leads/evidence/evidence-row";
import { removeHalves } from "@/lib/domain/leads/evidence/purge-evidence";
import { folderOf as importsOf } from "@/lib/domain/leads/imports/import-row";
import { folderOf as exportsOf } from "@/lib/domain/reports/exports/export-row";
import { evidenceFilesOf, filesOf } from "@/lib/platform/file-store";
import { withClient } from "../bootstrap-database";

/** What is left of an erased firm: printed, and kept in `erasure_certificate`. */
export type Certificate = {
  firmId: string;
  slug: string;
  /** Rows that were deleted, per table. */
  counts: Record<string, number>;
  /** The end of the sealed chain, to be held against the heads that were kept elsewhere. */
  head: { sequence: number; hash: string };
  erasedBy: string;
  beganAt: string;
  finishedAt: string;
};

export type Erasure = {
  /** The owner's address: no role of the product may do this. */
  ownerUrl: string;
  firm: { id: string; slug: string };
  /** Who does it, for the certificate. */
  by: string;
  /** Before its time is up, for a firm that asks for it. */
  isEarly?: boolean;
};

const ROWS_AT_ONCE = 5000;
/** What began before the firm was closed may still be at work: no job takes as long, and a form that was given out puts files into a bucket for so long. */
const QUIET_MINUTES = UPLOAD_SECONDS / 60 + 5;
/** What watches over the chains of shut firms too may put its row back once. */
const SWEEPS = 3;
/** Where the jobs are. They name their firm in what they carry, so they are no table of the catalogue. */
const QUEUE = "pgboss.job";

/**
 * Deletes every row of a closed firm, in batches that each commit, so that nobody else waits: its jobs, all tables with its id, its files, at last the firm itself. It
 * may break off at any point and be run again; the certificate counts on. @throws Error with a sentence for the operator.
 */
export function eraseFirm({ ownerUrl, firm, by, isEarly = false }: Erasure): Promise<Certificate> {
  return withClient(ownerUrl, async (client) => {
    // Row-level security binds the owner too; the second setting is what the append-only tables ask for.
    await client.query("SELECT set_config('app.tenant_id', $1, false), set_config('app.erasing_firm', $1, false)", [
      firm.id,
    ]);
    await takeTurn(client, firm);
    await assertDue(client, firm, isEarly);
    await beginCertificate(client, firm, by);
    await eraseRows(client, firm.id, QUEUE, "data->>'tenantId' = $1::text OR group_id = $1::text");
    const tables = await tablesInOrder(client);
    for (let sweep = 1; ; sweep++) {
      for (const table of tables) await eraseTable(client, firm.id, table);
      const left = await tablesWithRows(client, firm.id, tables);
      if (left.length === 0) {
        await eraseFiles(firm);
        return finish(client, firm);
      }
      if (sweep === SWEEPS) {
        const words = `Something still writes rows of ${firm.slug} (${left.join(", ")}).`;
        throw new Error(`${words} Find out what, then run this again.`);
      }
    }
  });
}

/** Files that wait to be fetched or read, and those kept with leads; whatever would still write one finds no row of its own. */
async function eraseFiles({ id }: Erasure["firm"]): Promise<void> {
  const files = filesOf();
  for (const folder of [exportsOf({ tenantId: id }), importsOf({ tenantId: id })]) {
    for (const key of await files.list(folder)) await files.remove(key);
    await files.removeUnfinished(folder, new Date());
  }
  // A bucket that keeps versions forgets them by its own rule, within a week (infra/base/buckets.ts).
  const evidence = evidenceFilesOf();
  for (const folder of [incomingFirmFolderOf(id), firmFolderOf(id)]) {
    for (const key of await evidence.listBelow(folder)) await evidence.remove(key);
    await removeHalves(evidence, folder, new Date());
  }
}

async function takeTurn(client: pg.Client, { id, slug }: Erasure["firm"]): Promise<void> {
  const { rows } = await client.query<{ mine: boolean }>(
    "SELECT pg_try_advisory_lock(hashtextextended('erase ' || $1::text, 0)) AS mine",
    [id],
  );
  if (!rows[0]?.mine) throw new Error(`${slug} is being erased already.`);
}

async function assertDue(client: pg.Client, { id, slug }: Erasure["firm"], isEarly: boolean): Promise<void> {
  const { rows } = await client.query<{ status: string; until: Date; isDue: boolean; isQuiet: boolean }>(
    `SELECT status, erase_after AS until, erase_after <= now() AS "isDue",
            status_changed_at < now() - make_interval(mins => $2) AS "isQuiet"
     FROM tenant WHERE id = $1`,
    [id, QUIET_MINUTES],
  );
  const [firm] = rows;
  if (!firm) throw new Error(`There is no firm ${slug}.`);
  if (firm.status !== "closed")
    throw new Error(`${slug} is ${firm.status}. Close it first: npm run firm -- close ${slug}`);
  if (!firm.isDue && !isEarly)
    throw new Error(`${slug} may be erased from ${firm.until.toISOString()} on. If the firm asks for it now: --now`);
  if (!firm.isQuiet)
    throw new Error(`${slug} was closed just now and work may be under way. Try again in ${QUIET_MINUTES} minutes.`);
}

/** The head of the chain is noted before its first row goes; a second run finds the certificate and leaves it. */
async function beginCertificate(client: pg.Client, { id, slug }: Erasure["firm"], by: string): Promise<void> {
  await client.query(
    `INSERT INTO erasure_certificate (firm_id, slug, counts, head_sequence, head_hash, erased_by, began_at)
     SELECT $1, $2, '{}', coalesce(last.sequence, 0), coalesce(last.hash, ''), $3, now()
     FROM (SELECT 1) AS one LEFT JOIN LATERAL (
       SELECT sequence, hash FROM event_seal WHERE tenant_id = $1 ORDER BY sequence DESC LIMIT 1) AS last ON true
     ON CONFLICT (firm_id) DO NOTHING`,
    [id, slug, by],
  );
}

/** Deletes rows and counts them in one statement; says how many. `name` and `where` are written here, of names from the catalogue. */
async function eraseRows(client: pg.Client, firmId: string, name: string, where: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(
    `WITH gone AS (DELETE FROM ${name} WHERE ${where} RETURNING 1), batch AS (SELECT count(*) AS count FROM gone)
     UPDATE erasure_certificate
     SET counts = counts || jsonb_build_object($2::text, coalesce((counts->>$2::text)::bigint, 0) + batch.count)
     FROM batch WHERE firm_id = $1::uuid AND batch.count > 0 RETURNING batch.count`,
    [firmId, name.replaceAll('"', "")],
  );
  return Number(rows[0]?.count ?? 0);
}

/** Every table with a firm's rows, those that point to others before those they point to. */
async function tablesInOrder(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ table: string; parents: string[] }>(
    `SELECT c.table_name AS table, ARRAY(
       SELECT DISTINCT p.relname::text FROM pg_constraint k JOIN pg_class p ON p.oid = k.confrelid
       WHERE k.contype = 'f' AND k.conrelid = to_regclass('public.' || quote_ident(c.table_name)) AND k.confrelid <> k.conrelid) AS parents
     FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND c.column_name = 'tenant_id' AND t.table_type = 'BASE TABLE' ORDER BY 1`,
  );
  const order: string[] = [];
  const left = new Map(rows.map(({ table, parents }) => [table, parents]));
  while (left.size > 0) {
    const free = [...left.keys()].find(
      (table) => ![...left].some(([other, to]) => other !== table && to.includes(table)),
    );
    if (free === undefined)
      throw new Error(`These tables point to each other in a circle: ${[...left.keys()].join(", ")}`);
    order.push(free);
    left.delete(free);
  }
  return order;
}

async function eraseTable(client: pg.Client, firmId: string, table: string): Promise<void> {
  const name = client.escapeIdentifier(table);
  const batch = `ctid = ANY (ARRAY(SELECT ctid FROM ${name} WHERE tenant_id = $1::uuid LIMIT ${ROWS_AT_ONCE}))`;
  while ((await eraseRows(client, firmId, name, batch)) > 0);
}

async function tablesWithRows(client: pg.Client, firmId: string, tables: string[]): Promise<string[]> {
  const left: string[] = [];
  for (const table of tables) {
    const name = client.escapeIdentifier(table);
    const { rowCount } = await client.query(`SELECT FROM ${name} WHERE tenant_id = $1 LIMIT 1`, [firmId]);
    if (rowCount) left.push(table);
  }
  return left;
}

/** The firm's own row goes with the last word of its certificate: an unfinished one always still has its firm. */
async function finish(client: pg.Client, { id, slug }: Erasure["firm"]): Promise<Certificate> {
  const { rows } = await client.query<CertificateRow>(
    `WITH gone AS (DELETE FROM tenant WHERE id = $1 RETURNING id)
     UPDATE erasure_certificate SET finished_at = now(), counts = counts || '{"tenant": 1}'
     FROM gone WHERE firm_id = gone.id RETURNING erasure_certificate.*`,
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error(`The certificate of ${slug} is gone.`);
  return {
    firmId: row.firm_id,
    slug: row.slug,
    counts: row.counts,
    head: { sequence: Number(row.head_sequence), hash: row.head_hash },
    erasedBy: row.erased_by,
    beganAt: row.began_at.toISOString(),
    finishedAt: row.finished_at.toISOString(),
  };
}

type CertificateRow = {
  firm_id: string;
  slug: string;
  counts: Record<string, number>;
  head_sequence: string;
  head_hash: string;
  erased_by: string;
  began_at: Date;
  finished_at: Date;
};
