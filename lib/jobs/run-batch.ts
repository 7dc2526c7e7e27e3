import { JOBS, type JobPayload, type JobType } from "@/lib/contracts/jobs";
import type { JobOutcome, JobTaken } from "@/lib/platform/job-source";
import { failureFields, log } from "@/lib/platform/log";
import type { JobHandler } from "./handlers";

/**
 * Does a batch of taken jobs and says of each how it went. A payload that is none goes straight to the dead letters. When a batch throws, its jobs are
 * done one by one, so that only the poisoned one fails; the queue tries that one again, later each time, and after its attempts puts it with the
 * dead letters.
 */
export async function runBatch<T extends JobType>(
  type: T,
  handler: JobHandler<T>,
  jobs: readonly JobTaken[],
): Promise<JobOutcome[]> {
  const outcomes: JobOutcome[] = [];
  const good: { id: string; attempt: number; payload: JobPayload<T> }[] = [];
  for (const { id, data, attempt } of jobs) {
    const parsed = JOBS[type].payload.safeParse(data);
    if (parsed.success) good.push({ id, attempt, payload: parsed.data as JobPayload<T> });
    else {
      log.error("a job has a payload of another shape", { job: type, jobId: id });
      outcomes.push({ id, status: "deadletter", output: { reason: "payload" } });
    }
  }
  if (good.length === 0) return outcomes;
  try {
    await handler(good.map((job) => job.payload));
    return [...outcomes, ...good.map(({ id }): JobOutcome => ({ id, status: "completed" }))];
  } catch (error) {
    if (good.length === 1) return [...outcomes, ...good.map((job) => failed(type, job, error))];
    log.warn("a batch of jobs failed and is done one by one", {
      job: type,
      count: good.length,
      ...failureFields(error),
    });
  }
  for (const job of good) {
    try {
      await handler([job.payload]);
      outcomes.push({ id: job.id, status: "completed" });
    } catch (error) {
      outcomes.push(failed(type, job, error));
    }
  }
  return outcomes;
}

function failed(type: JobType, { id, attempt }: { id: string; attempt: number }, error: unknown): JobOutcome {
  const fields = failureFields(error);
  log.error("a job failed", { job: type, jobId: id, attempt, ...fields });
  // The message may quote input, so it stays out of the queue's tables as it stays out of the log.
  return { id, status: "failed", output: { errorName: fields.errorName, errorCode: fields.errorCode } };
}
