import type { Client } from "pg";
import { PgBoss, type QueueOptions } from "pg-boss";
import { deadOf } from "@/lib/core/queue-names";
import { BACK_OFF } from "@/lib/platform/job-source";

/** What a row of JOBS in lib/contracts/jobs.ts says about its queue. */
export type JobQueue = {
  /** Tries in all, the first one included. */
  attempts?: number;
  /** A try that takes longer is given to another worker. */
  timeoutMs?: number;
};

/** A try that may take so long says that it is alive. */
const LONG_MS = 300_000;
/** What says nothing for so long was killed, and is given to another worker: until then it holds one of the places of its firm. A live one says so twice as often. */
const HEARTBEAT_SECONDS = 30;

/**
 * Installs or upgrades pg-boss and makes one queue per job, each with a dead-letter queue `<name>.dead`, then lets the app role use
 * them. The owner does it here because the app role may create nothing.
 */
export async function installQueues(
  client: Client,
  databaseUrl: string,
  jobs: Record<string, JobQueue>,
): Promise<void> {
  const boss = new PgBoss({ connectionString: databaseUrl, max: 2, supervise: false, schedule: false, migrate: true });
  boss.on("error", () => {}); // a failing call rejects as well; without a listener the event would end the process first
  await boss.start();
  try {
    const existing = new Set((await boss.getQueues()).map((queue) => queue.name));
    for (const [name, job] of Object.entries(jobs)) {
      const dead = deadOf(name);
      if (!existing.has(dead)) await boss.createQueue(dead);
      const options = { ...toQueueOptions(job), deadLetter: dead };
      if (existing.has(name)) await boss.updateQueue(name, options);
      else await boss.createQueue(name, options);
    }
  } finally {
    await boss.stop({ graceful: false, close: true });
  }
  // Again after every upgrade: new tables and functions come without grants.
  await client.query(`
    GRANT USAGE ON SCHEMA pgboss TO arrestra_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA pgboss TO arrestra_app;
    GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA pgboss TO arrestra_app;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgboss TO arrestra_app;
  `);
}

function toQueueOptions({ attempts, timeoutMs }: JobQueue): QueueOptions {
  return {
    ...(attempts === undefined
      ? {}
      : {
          retryLimit: attempts - 1,
          retryBackoff: true,
          retryDelay: BACK_OFF.baseSeconds,
          retryDelayMax: BACK_OFF.maxSeconds,
        }),
    ...(timeoutMs === undefined ? {} : { expireInSeconds: Math.max(1, Math.ceil(timeoutMs / 1000)) }),
    ...(timeoutMs === undefined || timeoutMs < LONG_MS ? {} : { heartbeatSeconds: HEARTBEAT_SECONDS }),
  };
}
