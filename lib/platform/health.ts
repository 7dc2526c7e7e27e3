import { housePool } from "./db";
import { failureFields, log } from "./log";

/** Longer than a healthy database ever takes; shorter than a load balancer waits. */
const DEADLINE_MS = 1500;

let asked: { at: number; answer: Promise<boolean> } | undefined;

/** True when the database answers in time. Asked at most once a second, however many ask us. */
export function isDatabaseUp(): Promise<boolean> {
  if (!asked || Date.now() - asked.at > 1000) asked = { at: Date.now(), answer: ping() };
  return asked.answer;
}

async function ping(): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the database did not answer in time")), DEADLINE_MS);
  });
  try {
    await Promise.race([housePool().query("SELECT 1"), late]);
    return true;
  } catch (error) {
    log.warn("the health check failed", failureFields(error));
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** How far the database's schema is: the last migration, and those that began and did not end. Null when this role may not see it. */
export async function readMigrations(): Promise<{ last: string | null; count: number; unfinished: number } | null> {
  const { rows: may } = await housePool().query<{ may: boolean | null }>(
    "SELECT has_table_privilege(to_regclass('public._prisma_migrations'), 'SELECT') AS may",
  );
  if (!may[0]?.may) return null;
  const { rows } = await housePool().query<{ last: string | null; count: number; unfinished: number }>(`
    SELECT max(migration_name) FILTER (WHERE finished_at IS NOT NULL) AS last,
           (count(*) FILTER (WHERE finished_at IS NOT NULL))::int AS count,
           (count(*) FILTER (WHERE finished_at IS NULL))::int AS unfinished
    FROM public._prisma_migrations WHERE rolled_back_at IS NULL`);
  return rows[0] ?? null;
}

/** One queue: jobs that wait, jobs that run, and how long the oldest one that may begin has waited, in seconds. */
export type QueueHealth = { queue: string; waiting: number; active: number; oldestWaitingSeconds: number | null };

/**
 * Every queue with work in it. `perGroup`: how many jobs of one group of a queue are done at once. A job whose group has as many under way waits for its own kind,
 * and says nothing of how the queue gets on.
 */
export async function readQueues(perGroup: Readonly<Record<string, number>> = {}): Promise<QueueHealth[]> {
  const { rows } = await housePool().query<QueueHealth>(
    `SELECT name AS queue, (count(*) FILTER (WHERE state IN ('created', 'retry')))::int AS waiting,
            (count(*) FILTER (WHERE state = 'active'))::int AS active,
            extract(epoch FROM now() - min(start_after) FILTER (
              WHERE state IN ('created', 'retry') AND start_after <= now() AND (busy < ($1::jsonb->>name)::int) IS NOT FALSE
            ))::int AS "oldestWaitingSeconds"
     FROM pgboss.job LEFT JOIN (
       SELECT name, group_id, count(*) AS busy FROM pgboss.job WHERE state = 'active' AND group_id IS NOT NULL GROUP BY name, group_id
     ) AS under_way USING (name, group_id)
     WHERE state IN ('created', 'retry', 'active') GROUP BY name ORDER BY name`,
    [JSON.stringify(perGroup)],
  );
  return rows;
}
