import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { finished } from "node:stream/promises";
import type pg from "pg";
import type { FirmDto } from "@/lib/contracts/firms";
import { newId } from "@/lib/core/ids";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { recordEvent } from "@/lib/domain/events/record-events";
import { sealEvents } from "@/lib/domain/events/seal-events";
import { type Operator, operatorCtx } from "@/lib/domain/tenants/operator-ctx";
import { decryptField } from "@/lib/platform/crypto";
import { withClient } from "../bootstrap-database";
import { writeKeptFiles } from "./export-kept-files";
import { LEFT, TAKEN, type TakenTable } from "./tables";

/** One file of an export, as the manifest names it. */
export type ExportedFile = { name: string; rows: number; bytes: number; sha256: string };

/** What an export holds, and the end of the firm's chain when it was taken. Written last: a folder without it is no export. */
export type Manifest = {
  format: "arrestra-firm-export-1";
  exportId: string;
  firm: { id: string; slug: string; name: string };
  takenAt: string;
  files: ExportedFile[];
  /** The files that were kept with leads, as `files/<id>`; the table `evidence` says how they are called. */
  kept: Omit<ExportedFile, "rows">[];
  audit: { sealed: number; head: string | null };
  notTaken: Record<string, string>;
};

const ROWS_AT_ONCE = 1000;

/**
 * Writes everything of a firm that it may take along into a new folder: a line of JSON per row, one file per table, contacts and notes in the clear. One
 * snapshot of the database, read row by row: memory does not grow with the firm. The firm's history says that it was taken.
 */
export async function exportFirm(
  operator: Operator,
  firm: FirmDto,
  { appUrl, out }: { appUrl: string; out: string },
): Promise<Manifest> {
  const folder = makeFolder(out);
  const ctx = operatorCtx(operator, firm.id);
  while ((await sealEvents(ctx)) > 0); // so that the head speaks of all that has happened
  const { files, kept, audit } = await withClient(appUrl, (client) =>
    inSnapshot(client, firm.id, () => writeAll(client, firm.id, folder)),
  );
  const exportId = newId();
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  await inTenant(ctx, (tx) =>
    recordEvent(tx, ctx, { type: "firm.exported", data: { exportId, files: files.length, rows } }),
  );
  const { id, slug, name } = firm;
  const takenAt = operator.clock.now().toISOString();
  const manifest: Manifest = {
    format: "arrestra-firm-export-1",
    exportId,
    firm: { id, slug, name },
    takenAt,
    files,
    kept,
    audit,
    notTaken: LEFT,
  };
  const file = path.join(folder, "manifest.json");
  writeFileSync(`${file}.new`, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  renameSync(`${file}.new`, file);
  return manifest;
}

function makeFolder(out: string): string {
  const folder = path.resolve(out);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Error(`${folder} is not empty: name a new folder.`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

async function inSnapshot<T>(client: pg.Client, tenantId: string, work: () => Promise<T>): Promise<T> {
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  await client.query("SELECT set_config('app.tenant_id', $1, true)", [tenantId]);
  // A large firm takes longer than any page may.
  await client.query("SET LOCAL statement_timeout = 0");
  await client.query("SET LOCAL idle_in_transaction_session_timeout = 0");
  await client.query("SET LOCAL timezone = 'UTC'");
  const result = await work();
  await client.query("COMMIT");
  return result;
}

async function writeAll(client: pg.Client, tenantId: string, folder: string) {
  await assertAllSorted(client);
  const files = [await writeTable(client, tenantId, folder, { table: "tenant", file: "firm" }, "id")];
  for (const taken of TAKEN) files.push(await writeTable(client, tenantId, folder, taken, "tenant_id"));
  const kept = await writeKeptFiles(client, tenantId, folder);
  const { rows } = await client.query<{ sequence: string; hash: string }>(
    "SELECT sequence, hash FROM event_seal WHERE tenant_id = $1 ORDER BY sequence DESC LIMIT 1",
    [tenantId],
  );
  return { files, kept, audit: { sealed: Number(rows[0]?.sequence ?? 0), head: rows[0]?.hash ?? null } };
}

/** A table that nobody has sorted in must not be left behind in silence. */
async function assertAllSorted(client: pg.Client): Promise<void> {
  const known = new Set([...TAKEN.map(({ table }) => table), ...Object.keys(LEFT)]);
  const { rows } = await client.query<{ table: string }>(
    `SELECT c.relname AS table FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`,
  );
  const unknown = rows.map((row) => row.table).filter((table) => !known.has(table));
  if (unknown.length > 0)
    throw new Error(`Say in scripts/firm/tables.ts whether a firm takes these along: ${unknown.join(", ")}`);
}

async function writeTable(
  client: pg.Client,
  tenantId: string,
  folder: string,
  taken: TakenTable,
  firmColumn: "id" | "tenant_id",
): Promise<ExportedFile> {
  const name = `${taken.file}.ndjson`;
  const file = createWriteStream(path.join(folder, name), { mode: 0o600, flags: "wx" });
  const sha256 = createHash("sha256");
  let rows = 0;
  let bytes = 0;
  await client.query(await declareCursor(client, taken, firmColumn), [tenantId]);
  for (;;) {
    const { rows: block } = await client.query<{ row: string }>(`FETCH ${ROWS_AT_ONCE} FROM taken`);
    if (block.length === 0) break;
    const text = block.map(({ row }) => `${opened(row, taken, tenantId)}\n`).join("");
    sha256.update(text);
    rows += block.length;
    bytes += Buffer.byteLength(text);
    if (!file.write(text)) await once(file, "drain");
  }
  await client.query("CLOSE taken");
  file.end();
  await finished(file);
  return { name, rows, bytes, sha256: sha256.digest("hex") };
}

/** Every column but those that stay, by primary key. Names come from the catalogue and are quoted. */
async function declareCursor(
  client: pg.Client,
  { table, stays = {} }: TakenTable,
  firmColumn: string,
): Promise<string> {
  const { rows } = await client.query<{ column: string; place: number | null }>(
    `SELECT a.attname AS column, array_position(x.indkey::int[], a.attnum::int) AS place
     FROM pg_attribute a LEFT JOIN pg_index x ON x.indrelid = a.attrelid AND x.indisprimary
     WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [`public.${table}`],
  );
  const quote = (name: string) => client.escapeIdentifier(name);
  const columns = rows.filter(({ column }) => column !== "tenant_id" && !Object.hasOwn(stays, column));
  const key = rows.filter(({ place }) => place !== null).sort((a, b) => (a.place ?? 0) - (b.place ?? 0));
  return `DECLARE taken NO SCROLL CURSOR FOR SELECT row_to_json(r)::text AS row FROM (
    SELECT ${columns.map(({ column }) => quote(column)).join(", ")} FROM ${quote(table)}
    WHERE ${quote(firmColumn)} = $1 ORDER BY ${key.map(({ column }) => quote(column)).join(", ")}) r`;
}

/** The row with its sealed column in the clear, under the name that it then has. */
function opened(row: string, { table, opened: seal }: TakenTable, tenantId: string): string {
  if (!seal) return row;
  const { [seal.column]: sealed, ...rest } = JSON.parse(row) as Record<string, unknown>;
  // Of a user there is one row, under the user's id.
  const place = { tenantId, table, column: seal.column, rowId: String(rest.id ?? rest.user_id) };
  const plain = sealed === null ? null : decryptField(String(sealed), place);
  return JSON.stringify({ ...rest, [seal.as]: plain });
}
