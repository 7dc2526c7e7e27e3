import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { migrate } from "../../scripts/migrate";
import { NO_TRANSACTION } from "../../scripts/migration/read-migrations";
import { until } from "../setup/http";

/**
 * Adds a column and an index, as two migrations that come after the real ones, while somebody sits in a transaction on the table; `migrationsDir` is where
 * they are put together. Gives the names of what was applied.
 */
export async function expandUnderLock(
  database: { adminUrl: string; ownerUrl: string },
  migrationsDir: string,
): Promise<string[]> {
  cpSync(path.join("prisma", "migrations"), migrationsDir, { recursive: true });
  const add = (name: string, sql: string) => {
    mkdirSync(path.join(migrationsDir, name));
    writeFileSync(path.join(migrationsDir, name, "migration.sql"), sql);
  };
  add("29990101000000_column", "ALTER TABLE lead ADD COLUMN rollout_note text;");
  add(
    "29990101010000_index",
    `${NO_TRANSACTION}\nCREATE INDEX CONCURRENTLY IF NOT EXISTS lead_rollout_idx ON lead (tenant_id, rollout_note);`,
  );
  const holder = new pg.Client({ connectionString: database.adminUrl });
  await holder.connect();
  await holder.query("BEGIN; SELECT count(*) FROM lead");
  const migrated = migrate({ databaseUrl: database.ownerUrl, migrationsDir });
  const isWaiting = async () =>
    (
      await holder.query(
        "SELECT FROM pg_locks WHERE NOT granted AND relation = 'lead'::regclass AND mode = 'AccessExclusiveLock'",
      )
    ).rows.length > 0;
  await until("the migration waits for the table", isWaiting);
  await until("it gives way", async () => !(await isWaiting()));
  await holder.query("COMMIT");
  await holder.end();
  return (await migrated).applied;
}
