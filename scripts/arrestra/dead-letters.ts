import { PgBoss } from "pg-boss";
import { makePool } from "@/lib/platform/pool";

/** What scripts/migration/install-queues.ts calls the queue of what failed as often as it may. */
export const DEAD = ".dead";

/** How many went back to their queue, and how many are left. */
export type Redriven = { moved: number; left: number };

/**
 * Puts the oldest dead letters of a queue back into it, at most `limit`, in one statement: each is a new job with all its tries, and its dead letter is gone.
 * Two at once take different ones; with nothing left it does nothing.
 */
export async function redriveDead(queue: string, limit: number): Promise<Redriven> {
  const pool = makePool("APP_DATABASE_URL", { max: 1, application_name: "arrestra-redrive" });
  const boss = new PgBoss({
    db: { executeSql: (sql, values) => pool.query(sql, values) },
    supervise: false,
    schedule: false,
    migrate: false,
    createSchema: false,
  });
  // Without a listener an error event would end the process; each failing call rejects as well.
  boss.on("error", () => undefined);
  try {
    await boss.start();
    const moved = await boss.redrive(`${queue}${DEAD}`, { limit });
    const { total } = await boss.previewRedrive(`${queue}${DEAD}`);
    return { moved, left: total };
  } finally {
    await boss.stop({ graceful: false }).catch(() => undefined);
    await pool.end();
  }
}
