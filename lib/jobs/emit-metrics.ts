import { setTimeout as delay } from "node:timers/promises";
import { JOBS, JOBS_PER_FIRM } from "@/lib/contracts/jobs";
import { DEAD } from "@/lib/core/queue-names";
import type { QueueHealth } from "@/lib/platform/health";
import { failureFields, log } from "@/lib/platform/log";
import { emitMetrics, type MetricValues } from "@/lib/platform/metrics";
import { readAllQueues } from "@/lib/platform/queue-health";

const EVERY_MS = 60_000;

/** What all queues together come to. Dead letters wait for a person and not for a worker: they have a number of their own. */
export function totalsOf(queues: readonly QueueHealth[]) {
  const live = queues.filter(({ queue }) => !queue.endsWith(DEAD));
  const dead = queues.filter(({ queue }) => queue.endsWith(DEAD));
  const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
  return {
    QueueAgeSeconds: Math.max(0, ...live.map(({ oldestWaitingSeconds }) => oldestWaitingSeconds ?? 0)),
    JobsWaiting: sum(live.map(({ waiting }) => waiting)),
    JobsActive: sum(live.map(({ active }) => active)),
    DeadLetters: sum(dead.map(({ waiting }) => waiting)),
  } satisfies MetricValues;
}

/**
 * Writes the numbers of the queues at once and then each minute, until `signal` says stop. When the database or SQS does not answer there is no line: the alarm on
 * the age of the queue takes silence for trouble.
 */
export async function runMetrics(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      emitMetrics(totalsOf(await readAllQueues(Object.keys(JOBS), JOBS_PER_FIRM)));
    } catch (error) {
      log.warn("the queues could not be measured", { job: "emit-metrics", ...failureFields(error) });
    }
    await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
