import { JOBS, type JobPayload, type JobType } from "@/lib/contracts/jobs";
import { because, causeId } from "@/lib/platform/cause";
import type { Tx } from "@/lib/platform/db";
import { sendJobs } from "@/lib/platform/queue";

/** When jobs become due and how urgent they are; `priority` 0 is usual, more is sooner. */
export type EnqueueOptions = { startAfter?: Date; priority?: number };

/**
 * Adds jobs in the caller's transaction, in one statement whatever their number; they roll back with it. A payload is checked against
 * its schema, so nothing but ids can reach the queue.
 */
export async function enqueue<T extends JobType>(
  tx: Tx,
  type: T,
  payloads: readonly JobPayload<T>[],
  options: EnqueueOptions = {},
): Promise<void> {
  await enqueueEach(
    tx,
    type,
    payloads.map((payload) => ({ payload, ...options })),
  );
}

/** Like `enqueue`, with a time of its own for each job, and the request that it is due to when it is another than that of the work under way. */
export async function enqueueEach<T extends JobType>(
  tx: Tx,
  type: T,
  jobs: readonly ({ payload: JobPayload<T>; requestId?: string | undefined } & EnqueueOptions)[],
): Promise<void> {
  for (const [requestId, ofRequest] of Map.groupBy(jobs, (job) => job.requestId ?? causeId())) {
    const rows = ofRequest.map(({ payload, startAfter, priority }) => {
      const data = JOBS[type].payload.parse(payload);
      return { data, startAfter, priority, ...("tenantId" in data ? { group: data.tenantId } : {}) };
    });
    const send = () => sendJobs(tx, type, rows);
    await (requestId === undefined ? send() : because({ requestId }, send));
  }
}
