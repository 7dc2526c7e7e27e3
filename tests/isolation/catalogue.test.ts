import pg from "pg";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { assertRoleIsBound, closeDatabase } from "@/lib/platform/db";
import { ownDatabase } from "../setup/own-database";

// What the database itself says about isolation. A new table or function that is not sorted in fails here.

/** Tables without a firm's data, each with its reason. */
const FIRMLESS = {
  tenant: "the firms themselves: its policy compares the id",
  rate_limit: "digests and counters only",
  erasure_certificate:
    "what is left of firms that are gone: a count per table; the app reads it as the platform role alone",
  _prisma_migrations: "which migrations ran",
} as Record<string, string>;

/** Unique indexes that do not begin with the firm, because they answer "whose is this?". */
const GLOBAL_UNIQUE = ["api_key_kid_key", "domain_verified_host_key"];

/** Functions that run as their owner. */
const DEFINERS = ["search_lead_ids"];

let admin: pg.Client;
beforeAll(async () => {
  admin = new pg.Client({ connectionString: ownDatabase.adminUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await closeDatabase();
});

const names = async (sql: string): Promise<string[]> =>
  (await admin.query<{ name: string }>(sql)).rows.map((row) => row.name);

it("has a firm column on every table, except for those listed with a reason", async () => {
  const without = await names(`
    SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')`);
  expect(without.sort()).toEqual(Object.keys(FIRMLESS).sort());
});

it("binds every table of a firm with row-level security, enabled and forced, by one policy over both directions", async () => {
  const loose = await names(`
    SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND (c.relname = 'tenant' OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'))
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
        SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*' AND p.polroles = '{0}'
          AND pg_get_expr(p.polqual, c.oid) LIKE '%app.tenant_id%' AND pg_get_expr(p.polwithcheck, c.oid) LIKE '%app.tenant_id%'))`);
  expect(loose).toEqual([]);
});

it("opens no other policy to the app: the rest are reads of the platform role", async () => {
  const others = await names(`
    SELECT c.relname || ': ' || p.polname || ' ' || p.polcmd::text || ' ' || p.polroles::regrole[]::text AS name
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE p.polpermissive AND p.polname <> 'tenant_isolation' ORDER BY 1`);
  expect(others).toEqual(
    ["api_key", "app_user", "audit_watch", "connection", "domain", "ingest_run", "tenant"].map(
      (table) => `${table}: platform_reads r {arrestra_platform}`,
    ),
  );
});

it("limits a member on leads and on every table that hangs on one: reading and writing, for every role", async () => {
  const { rows } = await admin.query<{ name: string; limited: boolean }>(`
    SELECT c.relname AS name, EXISTS (
      SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'member_scope' AND NOT p.polpermissive AND p.polcmd = '*'
        AND p.polroles = '{0}' AND p.polwithcheck IS NULL AND pg_get_expr(p.polqual, c.oid) LIKE '%app.scope_counties%'
        AND pg_get_expr(p.polqual, c.oid) LIKE '%app.scope_classes%') AS limited
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND (c.relname = 'lead' OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'lead_id'))`);
  expect(rows.length).toBeGreaterThan(1);
  // Seen red without: the policy of any one of them. Without WITH CHECK, PostgreSQL asks USING of what is written.
  expect(rows.filter(({ limited }) => !limited)).toEqual([]);
});

it("begins every unique index of a firm's table with the firm", async () => {
  const global = await names(`
    SELECT i.relname AS name FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
    JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id'
    WHERE c.relnamespace = 'public'::regnamespace AND x.indisunique AND x.indkey[0] <> t.attnum`);
  expect(global.sort()).toEqual(GLOBAL_UNIQUE);
});

it("carries the firm in every foreign key, so that no row can point into another firm", async () => {
  const loose = await names(`
    SELECT k.conname AS name FROM pg_constraint k
    JOIN pg_attribute here ON here.attrelid = k.conrelid AND here.attname = 'tenant_id'
    LEFT JOIN pg_attribute there ON there.attrelid = k.confrelid
      AND there.attname = CASE WHEN k.confrelid = 'tenant'::regclass THEN 'id' ELSE 'tenant_id' END
    WHERE k.contype = 'f' AND NOT (k.conkey[1] = here.attnum AND k.confkey[1] = there.attnum)`);
  expect(loose).toEqual([]);
});

it("has no view that hides whose rows it reads, and no materialised view", async () => {
  const loose = await names(`
    SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
      AND (relkind = 'm' OR (relkind = 'v' AND NOT COALESCE(reloptions @> '{security_invoker=true}', false)))`);
  expect(loose).toEqual([]);
});

it("runs no function as its owner but the search, which pins its path, takes no firm and belongs to arrestra_search", async () => {
  const { rows } = await admin.query<{ name: string; owner: string; config: string[]; args: string }>(`
    SELECT p.proname AS name, p.proowner::regrole::text AS owner, p.proconfig AS config, pg_get_function_arguments(p.oid) AS args
    FROM pg_proc p WHERE p.prosecdef AND p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`);
  expect(rows.map((row) => row.name)).toEqual(DEFINERS);
  expect(rows[0]).toMatchObject({ owner: "arrestra_search", config: ["search_path=pg_catalog, public"] });
  expect(rows[0]?.args).not.toMatch(/tenant|firm/);
});

it("lets no run-time role but the app run the search", async () => {
  const may = await names(`
    SELECT r.rolname AS name FROM pg_roles r WHERE r.rolname IN ('arrestra_app', 'arrestra_platform')
      AND has_function_privilege(r.oid, (SELECT oid FROM pg_proc WHERE proname = 'search_lead_ids'), 'EXECUTE')`);
  expect(may).toEqual(["arrestra_app"]);
  const everyone = await names("SELECT proname AS name FROM pg_proc WHERE prosecdef AND proacl::text LIKE '%{=X/%'");
  expect(everyone).toEqual([]);
});

it("gives the run-time roles no way round: no superuser, no BYPASSRLS, no ownership, no right to make things", async () => {
  const { rows } = await admin.query(`
    SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit,
      (SELECT count(*)::int FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p', 'v', 'm')) AS owns,
      has_schema_privilege(oid, 'public', 'CREATE') AS creates
    FROM pg_roles r WHERE rolname IN ('arrestra_app', 'arrestra_platform') ORDER BY rolname`);
  const nothing = {
    rolsuper: false,
    rolbypassrls: false,
    rolcreaterole: false,
    rolcreatedb: false,
    owns: 0,
    creates: false,
  };
  expect(rows).toEqual([
    { rolname: "arrestra_app", ...nothing, rolinherit: false },
    { rolname: "arrestra_platform", ...nothing, rolinherit: true },
  ]);
});

const asApp = async <T>(run: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: ownDatabase.appUrl });
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
};

it("does not lend the platform's sight to the app before it says SET ROLE, and not to rows of leads even then", async () => {
  await admin.query("INSERT INTO tenant (id, slug, name) VALUES (gen_random_uuid(), 'seen-by-nobody', 'Nobody')");
  await asApp(async (client) => {
    expect((await client.query("SELECT id FROM tenant")).rows).toEqual([]);
    await client.query("BEGIN");
    await client.query("SET LOCAL ROLE arrestra_platform");
    expect((await client.query("SELECT slug FROM tenant")).rows).toHaveLength(1);
    await expect(client.query("SELECT id FROM lead")).rejects.toThrow(/permission denied/);
  });
});

it("shows the app nothing of any firm while none is set, and lets it set no role above itself", async () => {
  await asApp(async (client) => {
    const tables = await names(
      "SELECT relname AS name FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relforcerowsecurity",
    );
    for (const table of tables) {
      expect((await client.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0].n, table).toBe(0);
    }
    for (const role of ["arrestra_owner", "arrestra_search", "postgres"]) {
      await expect(client.query(`SET ROLE ${role}`)).rejects.toThrow(/permission denied/);
    }
  });
});

it("keeps history: the app can add to it, and neither change nor remove any of it", async () => {
  const may = await names(`
    SELECT t || ' ' || p AS name FROM unnest(ARRAY['event', 'event_seal', 'observation']) t,
      unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) p WHERE has_table_privilege('arrestra_app', t, p)`);
  expect(may).toEqual([]);
  // Seen red with grants of the whole row: the seals follow recorded_txid, so an event could be written to stand behind them.
  const order = await names(
    "SELECT 'may' AS name WHERE has_column_privilege('arrestra_app', 'event', 'recorded_txid', 'INSERT')",
  );
  expect(order).toEqual([]);
  const gone = await names(`
    SELECT t AS name FROM unnest(ARRAY['suppression', 'lead']) t WHERE has_table_privilege('arrestra_app', t, 'DELETE')`);
  expect(gone).toEqual([]);
});

it("lets the server start with the app's role, and refuses one that could see past its firm", async () => {
  await expect(assertRoleIsBound()).resolves.toBeUndefined();
  for (const url of [ownDatabase.ownerUrl, ownDatabase.adminUrl]) {
    await closeDatabase();
    vi.resetModules();
    vi.stubEnv("APP_DATABASE_URL", url);
    const fresh = await import("@/lib/platform/db");
    await expect(fresh.assertRoleIsBound()).rejects.toThrow(/must use a role that row-level security binds/);
  }
});
