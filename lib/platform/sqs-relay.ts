import { setTimeout as delay } from "node:timers/promises";
import type { JobWorker, Runner } from "./job-source";
import { failureFields, log } from "./log";
import { type Boss, startBoss, withClient } from "./queue-boss";
import { addressesOf, REPLY_MS, sqs, within } from "./sqs-client";
import { inCalls, messageOf } from "./sqs-message";

/** Rows carried in one transaction. */
const ROWS_AT_ONCE = 100;
const QUEUES_AT_ONCE = 3;
const EVERY_MS = 500;
/** A queue that takes nothing is asked ever more seldom. */
const SELDOM_MS = 30_000;

type Relayed = Pick<JobWorker, "queue" | "batchSize" | "perGroup">;
/** Until when a queue is left alone, and how long the next time. */
type Pauses = Map<string, { until: number; forMs: number }>;

/**
 * Carries due rows to the queues of SQS until stopped, and does the housekeeping of the rows. A row is taken, sent and completed in one transaction, which holds the
 * row against other relays: what SQS did not take, or what a relay that died was about, is a row as before, with all its tries and the moment since when it is due.
 */
export async function startRelay(
  workers: readonly Relayed[],
  { prefix, replyMs = REPLY_MS, everyMs = EVERY_MS }: { prefix: string; replyMs?: number; everyMs?: number },
): Promise<Runner> {
  const open = await startBoss({ max: 4, supervise: true, name: "relay" });
  const byQueue = new Map(workers.map((worker) => [worker.queue, worker]));
  const stopping = new AbortController();
  const pauses: Pauses = new Map();
  const turn = async (): Promise<boolean> => {
    const names = [...byQueue.keys()].filter((queue) => (pauses.get(queue)?.until ?? 0) <= performance.now());
    const due = (await dueAmong(open, names)).values();
    let isMore = false;
    const lane = async () => {
      for (const queue of due) {
        const worker = byQueue.get(queue);
        if (!worker || stopping.signal.aborted) continue;
        const jobs = addressesOf(prefix, queue).jobs;
        if ((await carry(open, worker, { jobs, replyMs, pauses })) === ROWS_AT_ONCE) isMore = true;
      }
    };
    await Promise.all(Array.from({ length: QUEUES_AT_ONCE }, lane));
    return isMore;
  };
  const running = (async () => {
    while (!stopping.signal.aborted) {
      const isMore = await turn().catch((error: unknown) => {
        log.warn("the rows of the queues cannot be read", { job: "relay", ...failureFields(error) });
        return false;
      });
      if (!isMore) await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    stop: async (timeoutMs = 20_000) => {
      stopping.abort();
      await Promise.race([running, delay(timeoutMs, undefined, { ref: false })]);
      await open.close();
    },
  };
}

/** The queues that have a row whose time has come: a look at the index for each, however many rows wait. */
async function dueAmong({ pool }: Boss, names: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS asked (name)
     WHERE EXISTS (SELECT 1 FROM pgboss.job WHERE job.name = asked.name AND state IN ('created', 'retry') AND start_after <= now())`,
    [names],
  );
  return rows.map((row) => row.name);
}

type Way = { jobs: string; replyMs: number; pauses: Pauses };

/** Carries some rows of one queue; says how many SQS took. Whatever fails is the queue's own: the others are carried meanwhile. */
async function carry(open: Boss, worker: Relayed, { jobs, replyMs, pauses }: Way): Promise<number> {
  const { queue } = worker;
  try {
    return await withClient(open, async (client, db) => {
      await client.query("BEGIN");
      const rows = await open.boss.fetch<object>(queue, { batchSize: ROWS_AT_ONCE, includeMetadata: true, db });
      const messages = rows.map(({ id, data, groupId, singletonKey: requestId, retryCount: tries, sourceRootId }) =>
        messageOf({ id, jobId: sourceRootId ?? id, data, group: groupId ?? null, requestId, tries }, worker),
      );
      const took = await send(jobs, queue, messages, replyMs);
      const [done, left] = [rows.filter(({ id }) => took.has(id)), rows.filter(({ id }) => !took.has(id))];
      if (done.length === 0) await client.query("ROLLBACK");
      else {
        const ids = done.map(({ id }) => id);
        await open.boss.complete(queue, ids, undefined, { db });
        if (left.length > 0) await client.query(PUT_BACK, [queue, left.map(({ id }) => id)]);
        await client.query("COMMIT");
      }
      if (done.length > 0 || left.length === 0) pauses.delete(queue);
      else pause(pauses, queue);
      return done.length;
    });
  } catch (error) {
    log.warn("jobs could not be carried on and stay rows", { job: queue, ...failureFields(error) });
    pause(pauses, queue);
    return 0;
  }
}

function pause(pauses: Pauses, queue: string): void {
  const forMs = Math.min(SELDOM_MS, 2 * (pauses.get(queue)?.forMs ?? EVERY_MS));
  pauses.set(queue, { until: performance.now() + forMs, forMs });
}

type Entry = ReturnType<typeof messageOf>;

/** The ids of what SQS took. */
async function send(QueueUrl: string, job: string, messages: Entry[], replyMs: number): Promise<Set<string>> {
  const took = new Set<string>();
  const client = await sqs();
  const sent = inCalls(messages).map(async (Entries) => {
    try {
      const { Successful = [], Failed = [] } = await client.sendMessageBatch({ QueueUrl, Entries }, within(replyMs));
      for (const { Id } of Successful) if (Id) took.add(Id);
      for (const { Id, Code } of Failed) log.warn("SQS did not take a job", { job, jobId: Id, errorCode: Code });
    } catch (error) {
      log.warn("SQS did not take jobs", { job, count: Entries.length, ...failureFields(error) });
    }
  });
  await Promise.all(sent);
  return took;
}

/** As if they had not been taken: due since when they were, with the tries that they had. pg-boss counts one when it takes what has been begun. */
const PUT_BACK = `UPDATE pgboss.job SET state = 'created', started_on = NULL, heartbeat_on = NULL
  WHERE name = $1 AND id = ANY($2::uuid[])`;
