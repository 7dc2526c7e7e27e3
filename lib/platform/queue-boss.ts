import type pg from "pg";
import { type Db, PgBoss, type StopOptions } from "pg-boss";
import { failureFields, log } from "./log";
import { makePool } from "./pool";

/** The app role can change no schema, so no instance of ours migrates; the owner does, in `scripts/migrate.ts`. */
const BOUND = { migrate: false, createSchema: false, reindex: false, monitorVacuum: false } as const;

/**
 * Postgres ends a statement after 30 s (prisma/bootstrap.sql). One that has no answer by then went to a database that is gone without a word, and its connection is
 * closed.
 */
const QUERY_MS = 35_000;

/** An instance of pg-boss on a pool of its own; `close` stops the one, at once unless it is told otherwise, and ends the other. */
export type Boss = { boss: PgBoss; pool: pg.Pool; close(stop?: StopOptions): Promise<void> };

/** Starts one; `supervise` also does the housekeeping of the queues (expired, retried and old jobs). */
export async function startBoss(options: { max: number; supervise: boolean; name: string }): Promise<Boss> {
  const { max, name } = options;
  const pool = makePool("APP_DATABASE_URL", { max, application_name: `arrestra-${name}`, query_timeout: QUERY_MS });
  const boss = new PgBoss({
    // Not an address: its own pool would keep the password that it was given, and that may change.
    db: { executeSql: (text, values) => pool.query(text, values) },
    supervise: options.supervise,
    // What runs by the clock comes in by HTTP: workers/run-schedule.ts.
    schedule: false,
    ...BOUND,
  });
  // Without a listener an error event would end the process; each failing call rejects as well.
  boss.on("error", (error) => log.warn("the job queue reports a failure", failureFields(error)));
  try {
    await boss.start();
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    boss,
    pool,
    close: async (stop = { graceful: false }) => {
      await boss.stop(stop).finally(() => pool.end());
    },
  };
}

/** Works with one connection of the pool for itself, by hand and as the `db` of calls of pg-boss; what it began and did not end is rolled back when it throws. */
export async function withClient<T>(
  { pool }: Pick<Boss, "pool">,
  work: (client: pg.PoolClient, db: Db) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let isLost = false;
  // Between two queries nothing would reject: without a listener a restart of Postgres would end the process.
  const lost = () => {
    isLost = true;
  };
  client.on("error", lost);
  try {
    return await work(client, { executeSql: (text, values) => client.query(text, values) });
  } catch (error) {
    await client.query("ROLLBACK").catch(lost);
    throw error;
  } finally {
    client.off("error", lost);
    client.release(isLost);
  }
}
