import type { JobResult } from "pg-boss";
import type { JobTaken, JobWorker, Runner } from "./job-source";
import { startBoss } from "./queue-boss";

/** Hands the rows of the queues to workers until stopped, and does the queue's own housekeeping (expired, retried and old jobs). */
export async function startPostgresSource(
  workers: readonly Pick<JobWorker, "queue" | "batchSize" | "concurrency" | "perGroup" | "handle">[],
): Promise<Runner> {
  const { boss, close } = await startBoss({ max: 4, supervise: true, name: "runner" });
  for (const { queue, batchSize, concurrency, perGroup, handle } of workers) {
    const options = {
      batchSize,
      localConcurrency: concurrency,
      ...(perGroup === undefined ? {} : { groupConcurrency: perGroup }),
      burstWhenBatchFull: true,
      pollingIntervalSeconds: 0.5,
      perJobResults: true,
      // For the id of the request.
      includeMetadata: true,
    } as const;
    await boss.work(queue, options, async (jobs): Promise<JobResult[]> => handle(jobs.map(takenOf)));
  }
  return {
    stop: (timeoutMs = 20_000) => close({ graceful: true, timeout: timeoutMs }),
  };
}

type Row = { id: string; data: unknown; retryCount: number; singletonKey: string | null };

/** The id of the request is in a column that pg-boss carries along, to the dead letters and back too (lib/platform/queue.ts). */
const takenOf = ({ id, data, retryCount, singletonKey }: Row): JobTaken => ({
  id,
  data,
  attempt: retryCount + 1,
  ...(singletonKey === null ? {} : { requestId: singletonKey }),
});
