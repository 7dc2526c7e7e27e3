import type { Message } from "@aws-sdk/client-sqs";
import { type BackOff, type JobOutcome, type JobTaken, type JobWorker, secondsUntilNext } from "./job-source";
import { failureFields, log } from "./log";
import { requeue } from "./requeue";
import { addressesOf, sqs, within } from "./sqs-client";
import { failedOf, takenOf, textAttribute } from "./sqs-message";
import type { SqsSettings } from "./sqs-source";

/**
 * Messages that one receive brought. `run` does them and never throws; it says whether all that failed is kept somewhere else now, which is so unless the database
 * is away. `giveBack` lets others have at once what is not settled.
 */
export type Batch = { run(): Promise<boolean>; giveBack(): Promise<void> };

/** A message with its job, if it is one. */
type Taken = { message: Message; job: JobTaken | null };

/** SQS names the messages of a call that it could not deal with; so often they are asked for again at once. */
const TRIES = 3;
/** Signs of life within one lease. */
const SIGNS = 3;
/**
 * What failed and could not be put back is shown again after a minute at the earliest. SQS gives a message up once it was handed out a few times more than its job has
 * tries (infra/base/queues.ts): with two tries that takes half an hour without a database, in which rows would have lost nothing.
 */
const WHILE_AWAY: BackOff = { baseSeconds: 60, maxSeconds: 900 };

/** What to do with the messages of one receive. */
export function batchOf(worker: JobWorker, messages: readonly Message[], settings: SqsSettings): Batch {
  const { queue } = worker;
  const at = addressesOf(settings.prefix, queue);
  const taken = new Map<string, Taken>(
    messages.map((message, index) => [String(index), { message, job: takenOf(message) }]),
  );
  /** The keys of those that are ours for now: what became of them is not settled. */
  const held = new Set(taken.keys());

  /** Sets when SQS hands out again those that are still held; what it could not do so for comes back when its lease ends. */
  const setVisibility = (secondsOf: (each: Taken) => number) =>
    settle([...held], "the time of a job could not be set", async (left) => {
      const still = left.filter((key) => held.has(key));
      if (still.length === 0) return {};
      const Entries = entriesOf(still, (each) => ({ VisibilityTimeout: Math.ceil(secondsOf(each)) }));
      return (await sqs()).changeMessageVisibilityBatch({ QueueUrl: at.jobs, Entries }, within(settings.replyMs));
    });
  const remove = (keys: readonly string[]) =>
    settle(keys, "a job that is done stays in its queue and comes again", async (left) =>
      (await sqs()).deleteMessageBatch({ QueueUrl: at.jobs, Entries: entriesOf(left) }, within(settings.replyMs)),
    );

  function entriesOf<T extends object>(keys: readonly string[], more: (each: Taken) => T = () => ({}) as T) {
    return keys.flatMap((Id) => {
      const each = taken.get(Id);
      return each ? [{ Id, ReceiptHandle: each.message.ReceiptHandle, ...more(each) }] : [];
    });
  }

  type Reply = { Failed?: { Id: string | undefined; Code: string | undefined }[] | undefined };
  /** Those that SQS names as failed are asked for again, and so are all when there was no reply. */
  async function settle(
    keys: readonly string[],
    complaint: string,
    call: (left: readonly string[]) => Promise<Reply>,
  ): Promise<void> {
    let left = [...keys];
    let last: object = {};
    for (let tries = 0; tries < TRIES && left.length > 0; tries += 1) {
      try {
        const { Failed = [] } = await call(left);
        left = Failed.flatMap(({ Id }) => (Id === undefined ? [] : [Id]));
        last = { errorCode: Failed[0]?.Code };
      } catch (error) {
        last = failureFields(error);
      }
    }
    if (left.length > 0) log.warn(complaint, { job: queue, count: left.length, ...last });
  }

  /** Puts a message with the dead letters, and says whether it is there. */
  async function moveToDeadLetters({ message, job }: Taken, reason: string | null): Promise<boolean> {
    try {
      const { MessageId, Body, Attributes, MessageAttributes } = message;
      await (await sqs()).sendMessage(
        {
          QueueUrl: at.dead,
          MessageBody: Body,
          MessageGroupId: Attributes?.MessageGroupId ?? queue,
          MessageDeduplicationId: MessageId,
          MessageAttributes: { ...MessageAttributes, ...(reason === null ? {} : { reason: textAttribute(reason) }) },
        },
        within(settings.replyMs),
      );
      return true;
    } catch (error) {
      log.warn("a job could not be put with the dead letters", { job: queue, jobId: job?.id, ...failureFields(error) });
      return false;
    }
  }

  /**
   * Puts what failed back into the table of rows for later, all or none, and says whether it is there. A message that waited for its next try would hold its group, and
   * with it the jobs of its firm.
   */
  async function putBack(failed: readonly Taken[]): Promise<boolean> {
    const jobs = failed.flatMap(({ message, job }) => (job ? [failedOf(message, job, settings.backOff)] : []));
    try {
      await requeue(queue, jobs);
      return true;
    } catch (error) {
      log.warn("jobs that failed could not be put back as rows and wait in their queue", {
        job: queue,
        count: jobs.length,
        ...failureFields(error),
      });
      return false;
    }
  }

  /**
   * Brings each message to where it belongs: nowhere when its job is done, to the rows, or to the dead letters. Gives the keys of those that are there, and whether
   * nothing waits for the database. What is done leaves the queue at once: one that hangs may keep the others for longer than a lease. The last try of a job that met
   * no database does not count: it stays, and SQS itself gives it up in the end.
   */
  async function moveAll(outcomes: readonly JobOutcome[]): Promise<{ gone: string[]; isPutBack: boolean }> {
    const byId = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
    const gone: string[] = [];
    const done: string[] = [];
    let isKept = false;
    const settled = (key: string) => {
      held.delete(key);
      gone.push(key);
    };
    const failed = new Map<string, Taken>();
    const moving: Promise<void>[] = [];
    for (const key of [...held]) {
      const each = taken.get(key);
      if (!each) continue;
      const outcome = each.job ? byId.get(each.job.id) : undefined;
      const isHopeless = !each.job || outcome?.status === "deadletter";
      if (outcome?.status === "completed") {
        held.delete(key);
        done.push(key);
      } else if (!isHopeless && (each.job?.attempt ?? 1) < worker.attempts) failed.set(key, each);
      else if (!isHopeless && outcome?.isAway) isKept = true;
      else {
        const move = moveToDeadLetters(each, isHopeless ? reasonOf(outcome) : null);
        moving.push(move.then((isThere) => (isThere ? settled(key) : undefined)));
      }
    }
    const removing = remove(done);
    const isPutBack = await putBack([...failed.values()]);
    if (isPutBack) for (const key of failed.keys()) settled(key);
    await Promise.all([removing, ...moving]);
    return { gone, isPutBack: isPutBack && !isKept };
  }

  return {
    async run() {
      const began = performance.now();
      const jobs = [...taken.values()].flatMap(({ job }) => job ?? []);
      // Past its time a try counts as lost, as with the rows: it may go on, but another worker gets its jobs.
      const signs = setInterval(
        () => {
          if (performance.now() - began < worker.timeoutMs) void setVisibility(() => settings.leaseSeconds);
        },
        (settings.leaseSeconds * 1000) / SIGNS,
      );
      let outcomes: JobOutcome[] = [];
      try {
        if (jobs.length > 0) outcomes = await worker.handle(jobs);
      } catch (error) {
        log.error("a batch of jobs gave no account of itself", { job: queue, ...failureFields(error) });
      }
      const { gone, isPutBack } = await moveAll(outcomes);
      clearInterval(signs);
      const backOff = isPutBack ? settings.backOff : WHILE_AWAY;
      await Promise.all([
        remove(gone),
        setVisibility(({ message }) => secondsUntilNext(timesHandedOut(message), backOff)),
      ]);
      held.clear();
      return isPutBack;
    },
    async giveBack() {
      await setVisibility(() => 0);
      held.clear();
    },
  };
}

/** Later each time for what stays where it is, however many tries it has used up. */
const timesHandedOut = ({ Attributes }: Message): number => Number(Attributes?.ApproximateReceiveCount ?? 1);

const reasonOf = (outcome: JobOutcome | undefined): string => {
  const { reason = "message" } = (outcome?.output ?? {}) as { reason?: unknown };
  return String(reason).slice(0, 256);
};
