import { createHash, randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Client } from "pg";

/** The number `prisma migrate deploy` locks, so that the two never run at once. */
const PRISMA_LOCK = 72_707_369;

/** The columns are Prisma's: a database can go from this runner to `prisma migrate deploy` and back. */
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY NOT NULL,
  checksum varchar(64) NOT NULL,
  finished_at timestamptz,
  migration_name varchar(255) NOT NULL,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0
)`;

type Migration = { name: string; file: string; sql: string; checksum: string };
type Applied = { migration_name: string; checksum: string; finished_at: Date | null };

/** Runs `fn` while nobody else migrates this database: not another process of ours, and not `prisma migrate deploy`. */
export async function whileNobodyElseMigrates<T>(client: Client, fn: () => Promise<T>): Promise<T> {
  await client.query("SELECT pg_advisory_lock($1)", [PRISMA_LOCK]);
  try {
    return await fn();
  } finally {
    await client.query("SELECT pg_advisory_unlock($1)", [PRISMA_LOCK]);
  }
}

/**
 * Applies the folders of `migrationsDir` that the database has not seen, in the order of their names, each in its own transaction.
 * Gives the names it applied. Throws, naming the file, when an applied one has changed since, is missing, or fails. Call under `whileNobodyElseMigrates`.
 */
export async function applyMigrations(client: Client, migrationsDir: string): Promise<string[]> {
  const migrations = readMigrations(migrationsDir);
  await client.query(CREATE_TABLE);
  const { rows } = await client.query<Applied>(
    "SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at",
  );
  assertHistoryIsOurs(rows, migrations);
  const known = new Set(rows.map((row) => row.migration_name));
  const pending = migrations.filter((migration) => !known.has(migration.name));
  for (const migration of pending) await applyOne(client, migration);
  return pending.map((migration) => migration.name);
}

function readMigrations(migrationsDir: string): Migration[] {
  return readdirSync(migrationsDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(path.join(migrationsDir, entry.name, "migration.sql")))
    .map((entry) => {
      const file = path.join(migrationsDir, entry.name, "migration.sql");
      const sql = readFileSync(file, "utf8");
      return { name: entry.name, file, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function assertHistoryIsOurs(applied: Applied[], migrations: Migration[]): void {
  for (const row of applied) {
    const migration = migrations.find(({ name }) => name === row.migration_name);
    if (!migration) {
      throw new Error(
        `The database has the migration ${row.migration_name}, which this version of the code does not know.`,
      );
    }
    if (!row.finished_at) {
      throw new Error(`${migration.file} was begun by another tool and never finished: see "prisma migrate resolve".`);
    }
    if (row.checksum !== migration.checksum) {
      throw new Error(
        `${migration.file} has changed since it was applied. Put it back as it was and write a new migration.`,
      );
    }
  }
}

async function applyOne(client: Client, { name, file, sql, checksum }: Migration): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, transaction_timestamp(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw new Error(`${file}${lineOf(error, sql)}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

/** Postgres counts characters; people look for lines. */
function lineOf(error: unknown, sql: string): string {
  const position = Number((error as { position?: string }).position);
  return position > 0 ? `:${sql.slice(0, position).split("\n").length}` : "";
}
