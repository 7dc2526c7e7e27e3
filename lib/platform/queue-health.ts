import { env, requireEnv } from "./env";
import { type QueueHealth, readQueues } from "./health";
import { readSqsQueues } from "./sqs-health";

/** Every queue with work in it, wherever its jobs are: rows, and with QUEUE=sqs what was carried on. For processes that may ask SQS, which the web server may not. */
export async function readAllQueues(
  queues: readonly string[],
  perGroup: Readonly<Record<string, number>>,
): Promise<QueueHealth[]> {
  const rows = readQueues(perGroup);
  if (env().QUEUE === "postgres") return rows;
  const carried = await Promise.all([rows, readSqsQueues(requireEnv("SQS_URL_PREFIX"), queues)]);
  const byName = new Map<string, QueueHealth>();
  for (const each of carried.flat()) byName.set(each.queue, added(byName.get(each.queue), each));
  return [...byName.values()].sort((a, b) => (a.queue < b.queue ? -1 : 1));
}

function added(one: QueueHealth | undefined, other: QueueHealth): QueueHealth {
  if (!one) return other;
  const ages = [one.oldestWaitingSeconds, other.oldestWaitingSeconds].filter((age) => age !== null);
  return {
    queue: one.queue,
    waiting: one.waiting + other.waiting,
    active: one.active + other.active,
    oldestWaitingSeconds: ages.length === 0 ? null : Math.max(...ages),
  };
}
