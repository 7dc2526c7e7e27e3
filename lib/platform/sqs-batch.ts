import type { Message } from "@aws-sdk/client-sqs";
import { type JobOutcome, type JobTaken, type JobWorker, secondsUntilNext } from "./job-source";
import { failureFields, log } from "./log";
import { requeue } from "./requeue";
import { addressesOf, sqs, within } from "./sqs-client";
import { failedOf, takenOf, textAttribute } from "./sqs-message";
import type { SqsTiming } from "./sqs-source";

/** Messages that one receive brought. `run` does them and never throws; `giveBack` lets others have at once what is not settled. */
export type Batch = { run(): Promise<void>; giveBack(): Promise<void> };

/** A message that is ours for now. */
type Held = { message: Message; job: JobTaken | null };

/** SQS names the messages of a call that it could not deal with; so often they are asked for again at once. */
const TRIES = 3;
/** Signs of life within one lease. */
const SIGNS = 3;

/** What to do with the messages of one receive. */
export function batchOf(worker: JobWorker, messages: readonly Message[], timing: SqsTiming): Batch {
  const { queue } = worker;
  const at = addressesOf(timing.prefix, queue);
  const held = new Map<string, Held>(
    messages.map((message, index) => [String(index), { message, job: takenOf(message) }]),
  );

  /** Sets when SQS hands these out again; what it could not do so for comes back when its lease ends. */
  const show = (keys: readonly string[], secondsOf: (each: Held) => number) =>
    settle(keys, "the time of a job could not be set", async (left) => {
      const Entries = entriesOf(left, (each) => ({ VisibilityTimeout: Math.ceil(secondsOf(each)) }));
      return (await sqs()).changeMessageVisibilityBatch({ QueueUrl: at.jobs, Entries }, within(timing.replyMs));
    });
  const remove = (keys: readonly string[]) =>
    settle(keys, "a job that is done stays in its queue and comes again", async (left) =>
      (await sqs()).deleteMessageBatch({ QueueUrl: at.jobs, Entries: entriesOf(left) }, within(timing.replyMs)),
    );

  function entriesOf<T extends object>(keys: readonly string[], more: (each: Held) => T = () => ({}) as T) {
    return keys.flatMap((Id) => {
      const each = held.get(Id);
      return each ? [{ Id, ReceiptHandle: each.message.ReceiptHandle, ...more(each) }] : [];
    });
  }

  type Reply = { Failed?: { Id: string | undefined; Code: string | undefined }[] | undefined };
  /** Gives the keys that SQS dealt with; those that it names as failed are asked for again, and so are all when there was no reply. */
  async function settle(
    keys: readonly string[],
    complaint: string,
    call: (left: readonly string[]) => Promise<Reply>,
  ): Promise<string[]> {
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
    return keys.filter((key) => !left.includes(key));
  }

  /** Puts a message with the dead letters, and says whether it is there. */
  async function bury({ message, job }: Held, reason: string | null): Promise<boolean> {
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
        within(timing.replyMs),
      );
      return true;
    } catch (error) {
      log.warn("a job could not be put with the dead letters", { job: queue, jobId: job?.id, ...failureFields(error) });
      return false;
    }
  }

  /**
   * Puts what failed back into the table of rows for later, and says what is there. A message that waited for its next try would hold its group, and with it
   * the jobs of its firm.
   */
  async function putBack(keys: readonly string[]): Promise<string[]> {
    const jobs = keys.flatMap((key) => {
      const { message, job } = held.get(key) ?? {};
      return message && job ? [failedOf(message, job, timing.backOff)] : [];
    });
    try {
      await requeue(queue, jobs);
      return [...keys];
    } catch (error) {
      log.warn("jobs that failed could not be put back as rows and wait in their queue", {
        job: queue,
        count: keys.length,
        ...failureFields(error),
      });
      return [];
    }
  }

  /** What became of each message. It is deleted when its job is done, a row again, or with the dead letters, and else shown again later. */
  async function conclude(outcomes: readonly JobOutcome[]): Promise<void> {
    const byId = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
    const gone: string[] = [];
    const failed: string[] = [];
    for (const [key, each] of held) {
      const outcome = each.job ? byId.get(each.job.id) : undefined;
      const isHopeless = !each.job || outcome?.status === "deadletter";
      if (outcome?.status === "completed") gone.push(key);
      else if (!isHopeless && (each.job?.attempt ?? 1) < worker.attempts) failed.push(key);
      else if (await bury(each, isHopeless ? reasonOf(outcome) : null)) gone.push(key);
    }
    gone.push(...(await putBack(failed)));
    const left = [...held.keys()].filter((key) => !gone.includes(key));
    await Promise.all([
      remove(gone),
      show(left, ({ message }) => secondsUntilNext(timesHandedOut(message), timing.backOff)),
    ]);
    held.clear();
  }

  return {
    async run() {
      const began = performance.now();
      const jobs = [...held.values()].flatMap(({ job }) => job ?? []);
      // Past its time a try counts as lost, as with the rows: it may go on, but another worker gets its jobs.
      const signs = setInterval(
        () => {
          if (performance.now() - began < worker.timeoutMs) void show([...held.keys()], () => timing.leaseSeconds);
        },
        (timing.leaseSeconds * 1000) / SIGNS,
      );
      let outcomes: JobOutcome[] = [];
      try {
        if (jobs.length > 0) outcomes = await worker.handle(jobs);
      } catch (error) {
        log.error("a batch of jobs gave no account of itself", { job: queue, ...failureFields(error) });
      } finally {
        clearInterval(signs);
      }
      await conclude(outcomes);
    },
    async giveBack() {
      await show([...held.keys()], () => 0);
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
