import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** The first line of a migration whose statement cannot run in a transaction, such as CREATE INDEX CONCURRENTLY. */
export const NO_TRANSACTION = "-- arrestra:no-transaction";

export type Migration = {
  name: string;
  file: string;
  sql: string;
  checksum: string;
  /** Whether it runs in one transaction with its own record. */
  isTransaction: boolean;
};

/** The migrations of a folder in the order of their names. The checksum is the one that Prisma would write. */
export function readMigrations(migrationsDir: string): Migration[] {
  return readdirSync(migrationsDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(path.join(migrationsDir, entry.name, "migration.sql")))
    .map((entry) => {
      const file = path.join(migrationsDir, entry.name, "migration.sql");
      const sql = readFileSync(file, "utf8");
      const isTransaction = sql.split("\n", 1)[0]?.trim() !== NO_TRANSACTION;
      return { name: entry.name, file, sql, checksum: createHash("sha256").update(sql).digest("hex"), isTransaction };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
