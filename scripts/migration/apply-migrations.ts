import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { PATIENCE, PATIENCE_WITHOUT_TRANSACTION, type Patience, tryUntilLocked } from "./give-way";
import { type Migration, readMigrations } from "./read-migrations";
import { splitSql } from "./split-sql";

/** The number `prisma migrate deploy` locks, so that the two never run at once. */
const PRISMA_LOCK = 72_707_369;
const ASK_AGAIN_MS = 100;

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

type Applied = { migration_name: string; checksum: string; finished_at: Date | null };

/**
 * Runs `fn` while nobody else migrates this database: not another process of ours, and not `prisma migrate deploy`. Asks for the lock again and again instead
 * of waiting in Postgres: a statement that waits is one that CREATE INDEX CONCURRENTLY waits for, and the two would wait for each other.
 */
export async function whileNobodyElseMigrates<T>(client: Client, fn: () => Promise<T>): Promise<T> {
  const ask = () => client.query<{ mine: boolean }>("SELECT pg_try_advisory_lock($1) AS mine", [PRISMA_LOCK]);
  while (!(await ask()).rows[0]?.mine) await sleep(ASK_AGAIN_MS);
  try {
    return await fn();
  } finally {
    await client.query("SELECT pg_advisory_unlock($1)", [PRISMA_LOCK]);
  }
}

/**
 * Applies the folders of `migrationsDir` that the database has not seen, in the order of their names: each in its own transaction, or, if its first line says
 * so, statement by statement without one. None waits long for a lock, since everybody else would wait behind it. Gives the names it applied. Throws, naming the
 * file, when an applied one has changed since, is missing, or fails. Call under `whileNobodyElseMigrates`.
 */
export async function applyMigrations(
  client: Client,
  migrationsDir: string,
  patience: Partial<Patience> = {},
): Promise<string[]> {
  const migrations = readMigrations(migrationsDir);
  await client.query(CREATE_TABLE);
  const { rows } = await client.query<Applied>(
    "SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at",
  );
  assertHistoryIsOurs(rows, migrations);
  const known = new Set(rows.map((row) => row.migration_name));
  const pending = migrations.filter((migration) => !known.has(migration.name));
  for (const migration of pending) await applyOne(client, migration, patience);
  return pending.map((migration) => migration.name);
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

async function applyOne(client: Client, migration: Migration, given: Partial<Patience>): Promise<void> {
  const patience = { ...PATIENCE, ...(migration.isTransaction ? {} : PATIENCE_WITHOUT_TRANSACTION), ...given };
  const apply = migration.isTransaction ? applyInTransaction : applyStatements;
  let offset = 0;
  const at = (position: number) => {
    offset = position;
  };
  try {
    await tryUntilLocked(patience, () => apply(client, migration, patience, at));
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new Error(`${migration.file}${lineOf(error, migration.sql, offset)}: ${said}`, { cause: error });
  }
}

type Apply = (client: Client, migration: Migration, patience: Patience, at: (offset: number) => void) => Promise<void>;

const applyInTransaction: Apply = async (client, migration, patience) => {
  await client.query("BEGIN");
  try {
    await limit(client, patience, true);
    await client.query(migration.sql);
    await record(client, migration);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
};

/** What such a statement leaves when it ends half-way is an index that is there, costs every write, and serves nobody. */
const applyStatements: Apply = async (client, migration, patience, at) => {
  await limit(client, patience, false);
  try {
    for (const { text, offset } of splitSql(migration.sql)) {
      at(offset);
      const index = indexMadeBy(text);
      if (index) await dropIfInvalid(client, index);
      try {
        await client.query(text);
      } catch (error) {
        // Whatever this says, the first failure is the one to tell; the next try begins by dropping it too.
        if (index) await dropIfInvalid(client, index).catch(() => {});
        throw error;
      }
    }
    await record(client, migration);
  } finally {
    await client.query("RESET lock_timeout; RESET statement_timeout");
  }
};

async function limit(client: Client, { lockTimeoutMs, statementTimeoutMs }: Patience, isLocal: boolean): Promise<void> {
  await client.query("SELECT set_config('lock_timeout', $1, $3), set_config('statement_timeout', $2, $3)", [
    `${lockTimeoutMs}ms`,
    `${statementTimeoutMs}ms`,
    isLocal,
  ]);
}

const MAKES_INDEX =
  /^\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?("(?:[^"]|"")+"|\w+)\s+ON\b/i;

function indexMadeBy(statement: string): string | null {
  return MAKES_INDEX.exec(statement.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ""))?.[1] ?? null;
}

async function dropIfInvalid(client: Client, index: string): Promise<void> {
  const { rows } = await client.query(
    "SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT (indisvalid AND indisready)",
    [index],
  );
  if (rows.length > 0) await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${index}`);
}

async function record(client: Client, { name, checksum }: Migration): Promise<void> {
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     VALUES ($1, $2, $3, transaction_timestamp(), clock_timestamp(), 1)`,
    [randomUUID(), checksum, name],
  );
}

/** Postgres counts characters, when it says at all; people look for lines. What was sent by itself is at least found by where it begins. */
function lineOf(error: unknown, sql: string, offset: number): string {
  const blank = /^\s*/.exec(sql.slice(offset))?.[0].length ?? 0;
  const position = Number((error as { position?: string }).position) || (offset > 0 ? blank + 1 : 0);
  return position > 0 ? `:${sql.slice(0, offset + position).split("\n").length}` : "";
}
