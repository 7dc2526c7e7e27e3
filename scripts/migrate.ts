// Brings a database to this version of the code: `DATABASE_URL=... tsx scripts/migrate.ts`. Needs prisma/bootstrap.sql run before.
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import pg from "pg";
import { JOBS } from "@/lib/contracts/jobs";
import { applyMigrations, whileNobodyElseMigrates } from "./migration/apply-migrations";
import type { Patience } from "./migration/give-way";
import { installQueues } from "./migration/install-queues";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** Applies what is missing as the owner role: the migrations, then the job queues. Repeating it changes nothing. */
export async function migrate(options: {
  /** The owner's address. */
  databaseUrl: string;
  migrationsDir?: string;
  /** How long a migration waits for locks; PATIENCE unless a test is in a hurry. */
  patience?: Partial<Patience>;
  log?: (line: string) => void;
}): Promise<{ applied: string[] }> {
  const { databaseUrl, migrationsDir = path.join(root, "prisma", "migrations"), patience, log = () => {} } = options;
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "arrestra-migrate" });
  await client.connect();
  try {
    await assertBootstrapped(client);
    return await whileNobodyElseMigrates(client, async () => {
      const applied = await applyMigrations(client, migrationsDir, patience);
      for (const name of applied) log(`applied ${name}`);
      // Read by /api/health/details. The table is the tool's own, so no migration can grant this before the table is there.
      await client.query("GRANT SELECT ON _prisma_migrations TO arrestra_app");
      // Under the lock as well: two grants on one table at once fail with "tuple concurrently updated".
      await installQueues(client, databaseUrl, JOBS);
      return { applied };
    });
  } finally {
    await client.end();
  }
}

async function assertBootstrapped(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ missing: string | null; major: number }>(`
    SELECT string_agg(name, ', ') AS missing, current_setting('server_version_num')::int / 10000 AS major
    FROM unnest(ARRAY['arrestra_owner', 'arrestra_app', 'arrestra_platform', 'arrestra_search']) AS name
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)`);
  const [row] = rows;
  if (row && row.major < 15) throw new Error(`PostgreSQL 15 or newer is needed; this server is ${row.major}.`);
  if (row?.missing)
    throw new Error(`The role ${row.missing} is missing: run prisma/bootstrap.sql as a superuser first.`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const databaseUrl = process.env.DATABASE_URL;
  if (!databaseUrl) throw new Error("DATABASE_URL, the owner's address, is not set.");
  const { applied } = await migrate({ databaseUrl, log: console.log });
  if (applied.length === 0) console.log("the database is up to date");
}
