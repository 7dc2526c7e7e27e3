import type { Message } from "@aws-sdk/client-sqs";
import { deadOf } from "@/lib/core/queue-names";
import type { QueueHealth } from "./health";
import { addressesOf, REPLY_MS, sqs, within } from "./sqs-client";

// The longest wait of what this process was handed, since somebody asked.
const waits = new Map<string, number>();

/** Notes how long messages have waited for their first try: a later one waited for its turn, which says nothing of how the queue gets on. */
export function noteWaits(queue: string, messages: readonly Message[]): void {
  for (const { Attributes } of messages) {
    if (Attributes?.ApproximateReceiveCount !== "1") continue;
    const seconds = Math.max(0, Math.round((Date.now() - Number(Attributes.SentTimestamp)) / 1000));
    waits.set(queue, Math.max(waits.get(queue) ?? 0, seconds));
  }
}

/**
 * The queues of SQS with work in them, counted by SQS and so about right, and those of dead letters, called as the others are. SQS tells nobody but CloudWatch how old
 * its oldest message is, where an alarm looks at it (infra/watch/job-alarms.ts); here the age is how long what this process was handed since the last look had waited.
 */
export async function readSqsQueues(prefix: string, queues: readonly string[]): Promise<QueueHealth[]> {
  const read = await Promise.all(
    queues.map(async (queue) => {
      const at = addressesOf(prefix, queue);
      const [jobs, dead] = await Promise.all([countsOf(at.jobs), countsOf(at.dead)]);
      const waited = waits.get(queue);
      waits.delete(queue);
      return [
        { queue, ...jobs, oldestWaitingSeconds: waited ?? null },
        { queue: deadOf(queue), waiting: dead.waiting + dead.active, active: 0, oldestWaitingSeconds: null },
      ];
    }),
  );
  return read.flat().filter((each) => each.waiting + each.active > 0 || each.oldestWaitingSeconds !== null);
}

async function countsOf(QueueUrl: string): Promise<{ waiting: number; active: number }> {
  const client = await sqs();
  const { Attributes = {} } = await client.getQueueAttributes(
    { QueueUrl, AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] },
    within(REPLY_MS),
  );
  return {
    waiting: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    active: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
  };
}
