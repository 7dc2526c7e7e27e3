import { setTimeout as delay } from "node:timers/promises";
import type { Message } from "@aws-sdk/client-sqs";
import { newId } from "@/lib/core/ids";
import { BACK_OFF, type BackOff, type JobWorker, type Runner } from "./job-source";
import { failureFields, log } from "./log";
import { type Batch, batchOf } from "./sqs-batch";
import { addressesOf, REPLY_MS, sqs, WAIT_SECONDS, within } from "./sqs-client";
import { noteWaits } from "./sqs-health";
import { ASKED, SQS_BATCH } from "./sqs-message";

/** Where the queues are, and numbers that a test makes shorter. */
export type SqsOptions = {
  /** What the addresses of the queues begin with. */
  prefix: string;
  /** How long a message is ours without a sign of life: so long a worker that was killed keeps its jobs from the others. */
  leaseSeconds?: number;
  waitSeconds?: number;
  replyMs?: number;
  backOff?: BackOff;
};
/** The same with every number said. */
export type SqsSettings = Required<SqsOptions>;

/** As long as a runner of Postgres takes to notice a dead one (scripts/migration/install-queues.ts), and two tries of a sign of life more. */
const LEASE_SECONDS = 60;
const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Hands the messages of SQS to workers until stopped. Each queue is polled while a batch of its kind may begin in this process. */
export async function startSqsSource(workers: readonly JobWorker[], options: SqsOptions): Promise<Runner> {
  const settings: SqsSettings = {
    leaseSeconds: LEASE_SECONDS,
    waitSeconds: WAIT_SECONDS,
    replyMs: REPLY_MS,
    backOff: BACK_OFF,
    ...options,
  };
  const stopping = new AbortController();
  const open = new Set<Batch>();
  const polling = Promise.all(workers.map((worker) => poll(worker, settings, { open, stopping: stopping.signal })));
  return {
    stop: async (timeoutMs = 20_000) => {
      stopping.abort();
      await Promise.race([polling, delay(timeoutMs, undefined, { ref: false })]);
      // What is still under way is not waited for: others may have it at once, and doing it twice changes nothing.
      await Promise.all([...open].map((batch) => batch.giveBack()));
    },
  };
}

type Process = { open: Set<Batch>; stopping: AbortSignal };

async function poll(worker: JobWorker, settings: SqsSettings, { open, stopping }: Process): Promise<void> {
  const underWay = new Set<Promise<void>>();
  // In a row: receives that failed, and batches of which something failed and could not be put back.
  let [refused, stuck] = [0, 0];
  let attemptId = newId();
  while (!stopping.aborted) {
    if (underWay.size >= worker.concurrency) {
      await Promise.race(underWay);
      continue;
    }
    // Each receive counts against what it brings, so there is none too many while the database is away.
    await pauseAfter(Math.max(refused, stuck), stopping);
    if (stopping.aborted) break;
    let messages: Message[];
    try {
      messages = await receive(worker, settings, attemptId);
      attemptId = newId();
      refused = 0;
    } catch (error) {
      // Asked again under the same id, SQS gives what its lost reply held.
      log.warn("the queue does not hand out jobs", { job: worker.queue, ...failureFields(error) });
      refused += 1;
      continue;
    }
    if (messages.length === 0) continue;
    const batch = batchOf(worker, messages, settings);
    open.add(batch);
    // A poll that was under way when we were told to stop may still bring something, which is for others.
    const run = async () => {
      stuck = (await batch.run()) ? 0 : stuck + 1;
    };
    const work = (stopping.aborted ? batch.giveBack() : run()).finally(() => {
      open.delete(batch);
      underWay.delete(work);
    });
    underWay.add(work);
  }
  await Promise.all(underWay);
}

/** Longer after each failure. */
async function pauseAfter(failures: number, signal: AbortSignal): Promise<void> {
  if (failures === 0) return;
  const pauseMs = Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** (failures - 1));
  await delay(pauseMs, undefined, { signal }).catch(() => undefined);
}

async function receive(
  { queue, batchSize }: JobWorker,
  { prefix, leaseSeconds, waitSeconds, replyMs }: SqsSettings,
  attemptId: string,
): Promise<Message[]> {
  const client = await sqs();
  const { Messages = [] } = await client.receiveMessage(
    {
      QueueUrl: addressesOf(prefix, queue).jobs,
      MaxNumberOfMessages: Math.min(batchSize, SQS_BATCH),
      VisibilityTimeout: leaseSeconds,
      WaitTimeSeconds: waitSeconds,
      ReceiveRequestAttemptId: attemptId,
      MessageSystemAttributeNames: [...ASKED.MessageSystemAttributeNames],
      MessageAttributeNames: [...ASKED.MessageAttributeNames],
    },
    within(waitSeconds * 1000 + replyMs),
  );
  noteWaits(queue, Messages);
  return Messages;
}
