import type pg from "pg";

/** How much a table holds, and a sum over the hashes of its rows, in which their order does not count. */
export type TableState = { rows: number; hash: string };
type Table = { name: string; isGuarded: boolean; firmColumn: string | null; reader: "self" | "platform" | null };
type Sums = { rows: string; low: string; high: string };

const WRAP = 1n << 64n;

/** A row as text must not depend on who reads it and where. */
const READING = `SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres';
  SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL statement_timeout = 0`;

/** Runs `read` on one snapshot of the database, which it cannot change. */
export async function onOneSnapshot<T>(client: pg.Client, read: () => Promise<T>): Promise<T> {
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  await client.query(READING);
  const result = await read();
  await client.query("COMMIT");
  return result;
}

/** Runs `read` with the rows of one firm in sight. */
export async function asFirm<T>(client: pg.Client, tenantId: string, read: () => Promise<T>): Promise<T> {
  await client.query("SELECT set_config('app.tenant_id', $1, true)", [tenantId]);
  return read();
}

/** Runs `read` as the role that reads a few named columns across firms. */
export async function asPlatformRole<T>(client: pg.Client, read: () => Promise<T>): Promise<T> {
  await client.query("SET LOCAL ROLE arrestra_platform");
  const result = await read();
  await client.query("RESET ROLE");
  return result;
}

/**
 * Every permanent table with its rows and their hash. A role that row-level security binds reads firm by firm: a managed server has no other. `unread`
 * are the tables that this role may not read.
 */
export async function readTables(
  client: pg.Client,
  firmIds: readonly string[],
): Promise<{ tables: Record<string, TableState>; unread: string[] }> {
  const { rows: roles } = await client.query<{ free: boolean }>(
    "SELECT rolsuper OR rolbypassrls AS free FROM pg_roles WHERE rolname = current_user",
  );
  const isFree = roles[0]?.free === true;
  const tables: Record<string, TableState> = {};
  const unread: string[] = [];
  for (const table of await listTables(client)) {
    if (table.reader === null) unread.push(table.name);
    else if (table.reader === "platform") tables[table.name] = await asPlatformRole(client, () => sumUp(client, table));
    else if (isFree || !table.isGuarded) tables[table.name] = await sumUp(client, table);
    else tables[table.name] = await sumUpByFirm(client, table, firmIds);
  }
  return { tables, unread };
}

/* What a crash empties (unlogged) is in no backup either. */
async function listTables(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(`
    SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relrowsecurity AS "isGuarded",
      (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
         AND a.attname = CASE c.relname WHEN 'tenant' THEN 'id' ELSE 'tenant_id' END) AS "firmColumn",
      CASE WHEN has_table_privilege(c.oid, 'SELECT') THEN 'self'
        WHEN has_table_privilege('arrestra_platform', c.oid, 'SELECT') THEN 'platform' END AS reader
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'pgboss') AND c.relkind = 'r' AND c.relpersistence = 'p' ORDER BY 1`);
  return rows;
}

async function sumUpByFirm(client: pg.Client, table: Table, firmIds: readonly string[]): Promise<TableState> {
  let whole: TableState = { rows: 0, hash: `${"0".repeat(16)}.${"0".repeat(16)}` };
  for (const id of firmIds) whole = added(whole, await asFirm(client, id, () => sumUp(client, table, id)));
  return whole;
}

async function sumUp(client: pg.Client, { name, firmColumn }: Table, firmId?: string): Promise<TableState> {
  const isOfFirm = firmId !== undefined && firmColumn !== null;
  const { rows } = await client.query<Sums>(
    `SELECT count(*)::text AS rows, coalesce(sum(('x' || left(h, 16))::bit(64)::bigint::numeric), 0)::text AS low,
       coalesce(sum(('x' || right(h, 16))::bit(64)::bigint::numeric), 0)::text AS high
     FROM (SELECT md5(t::text) AS h FROM ${name} t ${isOfFirm ? `WHERE t.${firmColumn} = $1` : ""}) hashed`,
    isOfFirm ? [firmId] : [],
  );
  const { rows: count = "0", low = "0", high = "0" } = rows[0] ?? {};
  return { rows: Number(count), hash: `${hex(BigInt(low))}.${hex(BigInt(high))}` };
}

const hex = (sum: bigint): string => (((sum % WRAP) + WRAP) % WRAP).toString(16).padStart(16, "0");

/** The state of two sets of rows together. */
function added(a: TableState, b: TableState): TableState {
  const [ours, theirs] = [a.hash.split("."), b.hash.split(".")];
  const halves = ours.map((half, index) => hex(BigInt(`0x${half}`) + BigInt(`0x${theirs[index] ?? "0"}`)));
  return { rows: a.rows + b.rows, hash: halves.join(".") };
}
