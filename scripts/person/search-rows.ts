import type pg from "pg";
import { importOf, folderOf as importsOf, WORK } from "@/lib/domain/leads/imports/import-row";
import { folderOf as exportsOf } from "@/lib/domain/reports/exports/export-row";
import { decryptField } from "@/lib/platform/crypto";
import { type FileStore, filesOf } from "@/lib/platform/file-store";
import type { Trace } from "./trace";

/** What of the searched tables went, and whose files are to go after the commit: keys that begin so, of the store of exports and imports. */
export type Searched = { counts: Record<string, number>; files: string[]; ids: string[] };

type Search = {
  client: pg.Client;
  tenantId: string;
  trace: Trace;
  /** Exports and imports. */
  files?: FileStore;
};

/**
 * Looks through everything that may name anybody, and takes away what names the person, in the caller's transaction. That may take minutes where a firm has large
 * lists here: ingest of the firm asks again meanwhile.
 */
export async function searchRows(search: Search): Promise<Searched> {
  // While a file is read no query runs, and the server would take the transaction for a forgotten one.
  await search.client.query("SET LOCAL idle_in_transaction_session_timeout = 0");
  const replies = await eraseReplies(search);
  const deliveries = await eraseDeliveries(search);
  const reports = await eraseReports(search);
  const exports = await eraseExports(search);
  const imports = await eraseImports(search);
  return {
    counts: {
      idempotency_key: replies,
      webhook_delivery: deliveries.length,
      drift_report: reports,
      file_export: exports.length,
      lead_import: imports.ids.length,
    },
    files: [...exports.map((id) => exportsOf(search) + id), ...imports.files],
    ids: [...deliveries, ...exports, ...imports.ids],
  };
}

/** Whether what is sealed there names the person. What no key opens shows nothing to anybody, and goes. */
function tells({ tenantId, trace }: Search, sealed: string, place: { table: string; column: string; rowId: string }) {
  try {
    return trace.mentions(decryptField(sealed, { tenantId, ...place }));
  } catch {
    return true;
  }
}

async function eraseReplies(search: Search): Promise<number> {
  const { client, tenantId, trace } = search;
  const { rows } = await client.query<{ caller: string; route: string; key: string; body: string }>(
    "SELECT caller, route, key, body_cipher AS body FROM idempotency_key WHERE tenant_id = $1",
    [tenantId],
  );
  const naming = rows.filter(
    ({ caller, route, key, body }) =>
      trace.mentions(`${route} ${key}`) ||
      tells(search, body, { table: "idempotency_key", column: "body_cipher", rowId: `${caller}|${route}|${key}` }),
  );
  const { rowCount } = await client.query(
    `DELETE FROM idempotency_key WHERE tenant_id = $1 AND (caller, route, key) IN (SELECT * FROM unnest($2::text[], $3::text[], $4::text[]))`,
    [tenantId, naming.map((each) => each.caller), naming.map((each) => each.route), naming.map((each) => each.key)],
  );
  return rowCount ?? 0;
}

async function eraseDeliveries(search: Search): Promise<string[]> {
  const { client, tenantId, trace } = search;
  const { rows } = await client.query<{ id: string; key: string; body: string | null }>(
    "SELECT id, delivery_key AS key, body_cipher AS body FROM webhook_delivery WHERE tenant_id = $1",
    [tenantId],
  );
  const place = (rowId: string) => ({ table: "webhook_delivery", column: "body_cipher", rowId });
  return remove(
    search,
    "webhook_delivery",
    rows.filter(({ id, key, body }) => trace.mentions(key) || (body !== null && tells(search, body, place(id)))),
  );
}

async function eraseReports({ client, tenantId, trace }: Search): Promise<number> {
  const { rows } = await client.query<{ id: string; items: string }>(
    "SELECT connection_id AS id, items::text AS items FROM drift_report WHERE tenant_id = $1",
    [tenantId],
  );
  const naming = rows.filter(({ items }) => trace.mentions(items)).map(({ id }) => id);
  const sql = "DELETE FROM drift_report WHERE tenant_id = $1 AND connection_id = ANY ($2)";
  return (await client.query(sql, [tenantId, naming])).rowCount ?? 0;
}

/** A run that is under way finds no row of its own, and takes its file away itself. */
async function eraseExports(search: Search): Promise<string[]> {
  const { client, tenantId, trace } = search;
  const { rows } = await client.query<{ id: string; holds: boolean; words: string; filter: string }>(
    `SELECT id, filter_cipher AS filter, concat_ws(' ', about, filename, problem, scope::text) AS words,
       kind = 'leads' AND (file_key IS NOT NULL OR state = 'running') AND coalesce(finished_at, now()) >= $2 AS holds
     FROM file_export WHERE tenant_id = $1`,
    [tenantId, trace.firstSeenAt],
  );
  const place = (rowId: string) => ({ table: "file_export", column: "filter_cipher", rowId });
  return remove(
    search,
    "file_export",
    rows.filter(({ id, holds, words, filter }) => holds || trace.mentions(words) || tells(search, filter, place(id))),
  );
}

const NOT_BEGUN = ["uploading", "mapping", "checked"];

/** A file that is being read waits for its end: its rows of the person are refused by the tombstones. */
async function eraseImports({
  client,
  tenantId,
  trace,
  files = filesOf(),
}: Search): Promise<{ ids: string[]; files: string[] }> {
  const folder = importsOf({ tenantId });
  const holders = new Set<string>();
  for (const key of await files.list(folder)) {
    const file = await files.open(key);
    const importId = importOf({ tenantId }, key);
    if (file && (await isInStream(file.stream, trace.mentions))) holders.add(importId);
  }
  const { rows } = await client.query<{
    id: string;
    key: string | null;
    filename: string;
    header: string;
    state: string;
  }>(
    `SELECT id, file_key AS key, filename, coalesce(header::text, '') AS header, state FROM lead_import WHERE tenant_id = $1`,
    [tenantId],
  );
  const naming = rows.filter(
    ({ id, filename, header }) => holders.has(id) || trace.mentions(filename) || trace.mentions(header),
  );
  for (const { id, filename, header, state } of naming) {
    const isHolder = holders.has(id);
    if (isHolder && NOT_BEGUN.includes(state)) {
      await client.query("DELETE FROM lead_import WHERE tenant_id = $1 AND id = $2", [tenantId, id]);
      continue;
    }
    await client.query(
      `UPDATE lead_import SET filename = CASE WHEN $3 THEN 'erased.csv' ELSE filename END, header = CASE WHEN $4 THEN '[]'::jsonb ELSE header END,
         file_key = CASE WHEN $5 THEN NULL ELSE file_key END, file_version = CASE WHEN $5 THEN NULL ELSE file_version END
       WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id, trace.mentions(filename), trace.mentions(header), isHolder && !Object.hasOwn(WORK, state)],
    );
  }
  return { ids: naming.map(({ id }) => id), files: [...holders].map((id) => folder + id) };
}

/** Long enough for any word that is looked for to lie across two blocks. */
const OVERLAP = 600;

async function isInStream(stream: ReadableStream<Uint8Array>, mentions: Trace["mentions"]): Promise<boolean> {
  const decoder = new TextDecoder();
  let kept = "";
  for await (const block of stream) {
    const text = kept + decoder.decode(block, { stream: true });
    if (mentions(text)) return true;
    kept = text.slice(-OVERLAP);
  }
  return false;
}

async function remove({ client, tenantId }: Search, table: string, rows: { id: string }[]): Promise<string[]> {
  const ids = rows.map(({ id }) => id);
  await client.query(`DELETE FROM ${table} WHERE tenant_id = $1 AND id = ANY ($2)`, [tenantId, ids]);
  return ids;
}
