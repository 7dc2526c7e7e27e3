import { PgBoss } from "pg-boss";
import { failureFields, log } from "./log";
import { makePool } from "./pool";

/** The app role can change no schema, so no instance of ours migrates; the owner does, in `scripts/migrate.ts`. */
const BOUND = { migrate: false, createSchema: false, reindex: false, monitorVacuum: false } as const;

/** An instance of pg-boss on a pool of its own, which `close` ends after it. */
export type Boss = { boss: PgBoss; pool: ReturnType<typeof makePool>; close(): Promise<void> };

/** Starts one; `supervise` also does the housekeeping of the queues (expired, retried and old jobs). */
export async function startBoss(options: { max: number; supervise: boolean; name: string }): Promise<Boss> {
  const pool = makePool("APP_DATABASE_URL", { max: options.max, application_name: `arrestra-${options.name}` });
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
  return { boss, pool, close: () => pool.end() };
}
