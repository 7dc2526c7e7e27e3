import { fromPrisma, type JobInsert } from "pg-boss";
import { newId } from "@/lib/core/ids";
import { sha256 } from "@/lib/core/secret";
import { causeId } from "./cause";
import { Prisma, type Tx } from "./db";
import { type Boss, startBoss } from "./queue-boss";

/** One job to send. `data` holds ids only: the queue's tables know no firm. `group` is the firm, for fairness between firms. */
export type JobToSend = { data: object; group?: string; startAfter?: Date; priority?: number };

// One sender per process, also when Next loads this module in more than one bundle.
const holder = globalThis as typeof globalThis & { arrestraQueueSender?: Promise<Boss> };

/** The instance that inserts. It looks queues up and nothing else: no maintenance, no schedule, no workers. */
export async function sender(): Promise<Boss> {
  holder.arrestraQueueSender ??= startBoss({ max: 1, supervise: false, name: "sender" }).catch((error: unknown) => {
    // The next caller tries again: a database that was away at the first job must not cost all later ones.
    holder.arrestraQueueSender = undefined;
    throw error;
  });
  return holder.arrestraQueueSender;
}

/**
 * Adds jobs to a queue inside the caller's transaction, in one statement: they appear when it commits and never if it does not. A job for later that waits
 * already, in the same words and for the same moment, is not added again. Domain code calls the typed `enqueue` (lib/domain/context/enqueue.ts) instead.
 */
export async function sendJobs(tx: Tx, queue: string, jobs: readonly JobToSend[]): Promise<void> {
  if (jobs.length === 0) return;
  const { boss } = await sender();
  const rows = jobs.map(
    ({ data, group, startAfter, priority }): JobInsert => ({
      data,
      ...cause(),
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

/**
 * The request that set a job off, in a column of pg-boss that it hands on with the job and asks nothing of, as no queue of ours is of a kind that looks at it. Not
 * in `data`: a worker of the last release would refuse the job, and one that waits already would not be known again.
 */
const cause = (): Pick<JobInsert, "singletonKey"> => {
  const requestId = causeId();
  return requestId === undefined ? {} : { singletonKey: requestId };
};

const idOfDelayed = (queue: string, data: object, startAfter: Date): string =>
  uuidOf(JSON.stringify([queue, data, startAfter]));

/** The id of a row that is known by its words: the same for the same. */
export const uuidOf = (words: string): string =>
  sha256(words).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");

/**
 * Adds one job of the house, which belongs to no firm's transaction, under an id of its own: a job with an id that the queue has seen in the last week is
 * there already, and nothing is added. Says whether it was.
 */
export async function sendHouseJob(queue: string, job: { id: string; data: object }): Promise<boolean> {
  const { boss } = await sender();
  const added = await boss.insert(queue, [{ ...job, ...cause() }], { returnId: true });
  return (added?.length ?? 0) > 0;
}

/** Closes the sender, for scripts and tests. */
export async function closeQueue(): Promise<void> {
  const open = holder.arrestraQueueSender;
  holder.arrestraQueueSender = undefined;
  const made = await open?.catch(() => undefined);
  await made?.close();
}
