import { fromPrisma, type JobInsert, type JobResult, PgBoss } from "pg-boss";
import { newId } from "@/lib/core/ids";
import { sha256 } from "@/lib/core/secret";
import { Prisma, type Tx } from "./db";
import { failureFields, log } from "./log";
import { makePool } from "./pool";

/** One job to send. `data` holds ids only: the queue's tables know no firm. `group` is the firm, for fairness between firms. */
export type JobToSend = { data: object; group?: string; startAfter?: Date; priority?: number };

/** How many times a queue hands a job out, and for how long each time. */
export type WorkerSettings = {
  queue: string;
  /** Jobs taken in one go. */
  batchSize: number;
  /** Batches under way at once in this process. */
  concurrency: number;
  /** Jobs of one group under way at once over all processes: fairness between firms, not a limit. */
  perGroup?: number;
};

/** A job that this process was handed; `attempt` counts from 1. */
export type JobTaken = { id: string; data: unknown; attempt: number };
/** How a job ended; `deadletter` is for one that no retry can mend. */
export type JobOutcome = { id: string; status: "completed" | "failed" | "deadletter"; output?: object };
/** Does a batch and gives one outcome for each of its jobs. */
export type BatchHandler = (jobs: JobTaken[]) => Promise<JobOutcome[]>;

/** A running set of workers; `stop` lets what is under way finish, for `timeoutMs` at most. */
export type Runner = { stop(timeoutMs?: number): Promise<void> };

// One sender per process, also when Next loads this module in more than one bundle.
const holder = globalThis as typeof globalThis & { arrestraQueueSender?: Promise<Boss> };

/** The app role can change no schema, so no instance of ours migrates; the owner does, in `scripts/migrate.ts`. */
const BOUND = { migrate: false, createSchema: false, reindex: false, monitorVacuum: false } as const;

/** An instance on a pool of its own, which `close` ends after it. */
type Boss = { boss: PgBoss; close(): Promise<void> };

async function startBoss(options: { max: number; supervise: boolean; name: string }): Promise<Boss> {
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
  return { boss, close: () => pool.end() };
}

/** The instance that inserts. It looks queues up and nothing else: no maintenance, no schedule, no workers. */
async function sender(): Promise<PgBoss> {
  holder.arrestraQueueSender ??= startBoss({ max: 1, supervise: false, name: "sender" }).catch((error: unknown) => {
    // The next caller tries again: a database that was away at the first job must not cost all later ones.
    holder.arrestraQueueSender = undefined;
    throw error;
  });
  return (await holder.arrestraQueueSender).boss;
}

/**
 * Adds jobs to a queue inside the caller's transaction, in one statement: they appear when it commits and never if it does not. A job for later that waits
 * already, in the same words and for the same moment, is not added again. Domain code calls the typed `enqueue` (lib/domain/context/enqueue.ts) instead.
 */
export async function sendJobs(tx: Tx, queue: string, jobs: readonly JobToSend[]): Promise<void> {
  if (jobs.length === 0) return;
  const boss = await sender();
  const rows = jobs.map(
    ({ data, group, startAfter, priority }): JobInsert => ({
      data,
      ...(startAfter === undefined ? {} : { id: idOfDelayed(queue, data, startAfter) }),
      ...(group === undefined ? {} : { group: { id: group } }),
      ...(startAfter === undefined ? {} : { startAfter }),
      ...(priority === undefined ? {} : { priority }),
    }),
  );
  const db = fromPrisma(tx);
  const delayed = new Map(rows.flatMap((row) => (row.id === undefined ? [] : [[row.id, row]])));
  if (delayed.size === 0) {
    await boss.insert(queue, rows, { db });
    return;
  }
  for (const id of (await boss.insert(queue, rows, { db, returnId: true })) ?? []) delayed.delete(id);
  if (delayed.size === 0) return;
  // Held until our transaction ends, so that one which waits does not begin before it can see what we changed. One that began already does not count.
  const waiting = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT id FROM pgboss.job WHERE name = ${queue} AND id = ANY(${[...delayed.keys()]}::uuid[]) AND state = 'created' ORDER BY id FOR UPDATE`);
  for (const { id } of waiting) delayed.delete(id);
  if (delayed.size === 0) return;
  await boss.insert(
    queue,
    [...delayed.values()].map((row) => ({ ...row, id: newId() })),
    { db },
  );
}

const idOfDelayed = (queue: string, data: object, startAfter: Date): string =>
  sha256(JSON.stringify([queue, data, startAfter])).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");

/**
 * Adds one job of the house, which belongs to no firm's transaction, under an id of its own: a job with an id that the queue has seen in the last week is
 * there already, and nothing is added. Says whether it was.
 */
export async function sendHouseJob(queue: string, job: { id: string; data: object }): Promise<boolean> {
  const boss = await sender();
  const added = await boss.insert(queue, [job], { returnId: true });
  return (added?.length ?? 0) > 0;
}

/** Takes jobs from the queues until stopped, and does the queue's own housekeeping (expired, retried and old jobs). */
export async function startRunner(workers: readonly (WorkerSettings & { handle: BatchHandler })[]): Promise<Runner> {
  const { boss, close } = await startBoss({ max: 4, supervise: true, name: "runner" });
  for (const { queue, batchSize, concurrency, perGroup, handle } of workers) {
    const options = {
      batchSize,
      localConcurrency: concurrency,
      ...(perGroup === undefined ? {} : { groupConcurrency: perGroup }),
      burstWhenBatchFull: true,
      pollingIntervalSeconds: 0.5,
      perJobResults: true,
    } as const;
    await boss.work(
      queue,
      options,
      async (jobs): Promise<JobResult[]> =>
        handle(jobs.map((job) => ({ id: job.id, data: job.data, attempt: job.retryCount + 1 }))),
    );
  }
  return {
    stop: async (timeoutMs = 20_000) => {
      await boss.stop({ graceful: true, timeout: timeoutMs });
      await close();
    },
  };
}

/** Closes the sender, for scripts and tests. */
export async function closeQueue(): Promise<void> {
  const open = holder.arrestraQueueSender;
  holder.arrestraQueueSender = undefined;
  const made = await open?.catch(() => undefined);
  await made?.boss.stop({ graceful: false });
  await made?.close();
}
