import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyMigrations, whileNobodyElseMigrates } from "../../scripts/migration/apply-migrations";
import type { Patience } from "../../scripts/migration/give-way";
import { NO_TRANSACTION } from "../../scripts/migration/read-migrations";
import { splitSql } from "../../scripts/migration/split-sql";
import { type TestDatabase, testDatabase } from "../setup/database";
import { until } from "../setup/http";

// What a migration does to those who work meanwhile. A database of its own, whose only table is one of the test.

let database: TestDatabase;
let migrationsDir: string;
const clients: pg.Client[] = [];

beforeEach(async () => {
  database = await testDatabase();
  migrationsDir = mkdtempSync(path.join(tmpdir(), "arrestra-migrations-"));
  const client = await connect();
  await client.query(
    "DROP TABLE _prisma_migrations; CREATE TABLE probe (n int); INSERT INTO probe SELECT generate_series(1, 10)",
  );
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
  rmSync(migrationsDir, { recursive: true, force: true });
  await database.drop();
});

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  clients.push(client);
  return client;
}

const add = (name: string, sql: string) => {
  mkdirSync(path.join(migrationsDir, name), { recursive: true });
  writeFileSync(path.join(migrationsDir, name, "migration.sql"), sql);
};
const apply = async (patience: Partial<Patience> = {}) => {
  const client = await connect();
  return whileNobodyElseMigrates(client, () => applyMigrations(client, migrationsDir, patience));
};
/** Somebody in the middle of a long transaction that has touched the table. */
async function busy(): Promise<pg.Client> {
  const client = await connect();
  await client.query("BEGIN; INSERT INTO probe VALUES (0)");
  return client;
}
/** How many wait for a lock in this database. */
async function waiting(asker: pg.Client): Promise<number> {
  const { rows } = await asker.query(
    "SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND (database IS NULL OR database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
  );
  return rows[0].n;
}
const indexes = async (asker: pg.Client) =>
  (
    await asker.query(
      "SELECT indexrelid::regclass::text AS name, indisvalid AS valid FROM pg_index WHERE indrelid = 'probe'::regclass",
    )
  ).rows;

describe("a migration that meets a long transaction", () => {
  // Seen red without: lock_timeout (it waits for ever), the second try, the pause between tries (others never get their turn).
  it("gives way, lets everybody else work meanwhile, and is applied once the table is free", async () => {
    add("1_column", "ALTER TABLE probe ADD COLUMN more text;");
    const [holder, other] = [await busy(), await connect()];
    const migrated = apply({ lockTimeoutMs: 100, pauseMs: 50, tries: 20 });
    await until("the migration waits", async () => (await waiting(other)) > 0);
    // Whoever comes now stands behind the migration in the queue for the table, and must not stay there.
    const began = Date.now();
    for (let i = 0; i < 5; i++) await other.query("SELECT count(*) FROM probe");
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(await indexes(other)).toEqual([]);
    await holder.query("COMMIT");
    expect(await migrated).toEqual(["1_column"]);
    expect((await other.query("SELECT more FROM probe")).rowCount).toBe(11);
  });

  it("gives up after its last try with a sentence that says what to do, and has changed nothing", async () => {
    add("1_first", "CREATE TABLE first_of_two (n int); ALTER TABLE probe ADD COLUMN more text;");
    const holder = await busy();
    await expect(apply({ lockTimeoutMs: 20, pauseMs: 1, tries: 3 })).rejects.toThrow(
      /1_first.migration\.sql.*within 20 ms, 3 times.*nothing was changed.*pg_stat_activity/,
    );
    await holder.query("ROLLBACK");
    const { rows } = await holder.query("SELECT to_regclass('first_of_two') AS table");
    expect(rows).toEqual([{ table: null }]);
  });

  // Seen red without: statement_timeout.
  it("ends by itself when a statement takes longer than anybody may be kept waiting", async () => {
    add("1_slow", "SELECT pg_sleep(20);");
    await expect(apply({ statementTimeoutMs: 50 })).rejects.toThrow(/1_slow.*statement timeout/);
  });

  it("leaves no limit behind on the connection that the queues are installed with", async () => {
    add("1_column", "ALTER TABLE probe ADD COLUMN more text;");
    add("2_index", `${NO_TRANSACTION}\nCREATE INDEX CONCURRENTLY probe_n ON probe (n);`);
    const client = await connect();
    const limits = async () =>
      (await client.query("SELECT current_setting('lock_timeout') || current_setting('statement_timeout') AS s")).rows;
    const before = await limits();
    await applyMigrations(client, migrationsDir);
    expect(await limits()).toEqual(before);
  });
});

describe("a migration without a transaction", () => {
  it("runs statement by statement, and is recorded as Prisma would", async () => {
    add(
      "1_index",
      `${NO_TRANSACTION}\n-- By number; first.\nCREATE INDEX CONCURRENTLY probe_n ON probe (n);\nCREATE INDEX CONCURRENTLY probe_m ON probe ((n + 1));\n`,
    );
    expect(await apply()).toEqual(["1_index"]);
    const client = await connect();
    expect(await indexes(client)).toEqual([
      { name: "probe_n", valid: true },
      { name: "probe_m", valid: true },
    ]);
    const { rows } = await client.query(
      "SELECT migration_name, length(checksum) AS checksum, finished_at IS NOT NULL AS finished FROM _prisma_migrations",
    );
    expect(rows).toEqual([{ migration_name: "1_index", checksum: 64, finished: true }]);
  });

  // Seen red without: dropping what is invalid after a failure.
  it("leaves no half-built index behind when it fails, and names the line", async () => {
    add("1_index", `${NO_TRANSACTION}\n\nCREATE UNIQUE INDEX CONCURRENTLY probe_n ON probe ((n / 2));`);
    await expect(apply()).rejects.toThrow(/1_index.*could not create unique index/);
    expect(await indexes(await connect())).toEqual([]);
    add("1_index", `${NO_TRANSACTION}\nSELECT 1;\nCREATE INDEX CONCURRENTLY probe_n ON probe (nothing);`);
    await expect(apply()).rejects.toThrow(/migration\.sql:3: column "nothing"/);
  });

  // Seen red without: dropping what is invalid before the statement.
  it("drops the half-built index of a run that was killed, and builds it anew", async () => {
    const client = await connect();
    await client.query("CREATE UNIQUE INDEX CONCURRENTLY probe_n ON probe ((n / 2))").catch(() => {});
    expect(await indexes(client)).toEqual([{ name: "probe_n", valid: false }]);
    add("1_index", `${NO_TRANSACTION}\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS probe_n ON probe (n);`);
    expect(await apply()).toEqual(["1_index"]);
    expect(await indexes(client)).toEqual([{ name: "probe_n", valid: true }]);
  });

  it("waits for a long transaction, holding up nobody who reads or writes", async () => {
    add("1_index", `${NO_TRANSACTION}\nCREATE INDEX CONCURRENTLY probe_n ON probe (n);`);
    const [holder, other] = [await busy(), await connect()];
    const migrated = apply();
    await until("the migration waits", async () => (await waiting(other)) > 0);
    await other.query(
      "SET lock_timeout = '2s'; INSERT INTO probe VALUES (42); UPDATE probe SET n = n; SELECT count(*) FROM probe",
    );
    await holder.query("COMMIT");
    expect(await migrated).toEqual(["1_index"]);
  });

  // Seen red without: asking for the lock again and again ("deadlock detected" when the second waits for it in Postgres).
  it("is applied once by two, of which the second comes while the first is at work", async () => {
    add("1_index", `${NO_TRANSACTION}\nCREATE INDEX CONCURRENTLY probe_n ON probe (n);`);
    const [holder, other, second] = [await busy(), await connect(), await connect()];
    const run = async (client: pg.Client) =>
      whileNobodyElseMigrates(client, () => applyMigrations(client, migrationsDir, { tries: 1 }));
    const first = run(await connect());
    await until("the first is at work", async () => (await waiting(other)) > 0);
    const both = Promise.all([first, run(second)]);
    await until("the second has asked", async () => {
      const { rows } = await other.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%advisory_lock(%'",
      );
      return rows.length > 1;
    });
    await holder.query("COMMIT");
    expect((await both).flat()).toEqual(["1_index"]);
  });
});

it("splits a file where a statement ends and nowhere else", () => {
  const sql = `-- one; not two
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $body$ SELECT 1; SELECT 2; $body$;
SELECT ';' || 'it''s;' || E'\\';' AS "a;b"; /* ; */ ; SELECT $1;
`;
  expect(
    splitSql(sql).map(({ text }) =>
      text
        .trim()
        .replace(/^--.*\n/, "")
        .slice(0, 15),
    ),
  ).toEqual(["CREATE FUNCTION", "SELECT ';' || '", "SELECT $1"]);
});
