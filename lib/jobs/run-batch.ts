import { JOBS, type JobPayload, type JobType } from "@/lib/contracts/jobs";
import { newId } from "@/lib/core/ids";
import { FailedInPart, inHalves } from "@/lib/core/in-halves";
import { because } from "@/lib/platform/cause";
import { isUnavailable } from "@/lib/platform/db";
import type { JobOutcome, JobTaken } from "@/lib/platform/job-source";
import { failureFields, type LogFields, log } from "@/lib/platform/log";
import { countMetrics } from "@/lib/platform/metrics";
import { traced } from "@/lib/platform/traced";
import type { JobHandler } from "./handlers";

type Good<T extends JobType> = { id: string; attempt: number; payload: JobPayload<T>; requestId: string };

/**
 * Does a batch of taken jobs and says of each how it went. A payload that is none goes straight to the dead letters. When a handler says which of its jobs
 * failed, the others are done; when it does not, they are done in halves, one after the other, so that only the poisoned one fails, unless what failed is away for all
 * of them. The queue tries what failed again, later each time, and after its attempts puts it with the dead letters. Each job has one line in the log, and works
 * on behalf of the request that set it off, or of a new id.
 */
export async function runBatch<T extends JobType>(
  type: T,
  handler: JobHandler<T>,
  jobs: readonly JobTaken[],
): Promise<JobOutcome[]> {
  const outcomes: JobOutcome[] = [];
  const good: Good<T>[] = [];
  for (const { id, data, attempt, requestId = newId() } of jobs) {
    const parsed = JOBS[type].payload.safeParse(data);
    if (parsed.success) good.push({ id, attempt, payload: parsed.data as JobPayload<T>, requestId });
    else {
      say(type, { id, attempt, requestId }, { status: "deadletter", kind: "payload" });
      outcomes.push({ id, status: "deadletter", output: { reason: "payload" } });
    }
  }
  const startedAt = performance.now();
  const parts = await inHalves(good, (some) => doAll(type, handler, some), isUnavailable);
  for (const part of parts) {
    if ("result" in part) outcomes.push(...part.result);
    else outcomes.push(...part.items.map((job) => failed(type, job, startedAt, part.error)));
  }
  return outcomes;
}

/** Does them in one go, and says how each went; throws when the handler does not say which of them failed. */
async function doAll<T extends JobType>(
  type: T,
  handler: JobHandler<T>,
  jobs: readonly Good<T>[],
): Promise<JobOutcome[]> {
  const startedAt = performance.now();
  try {
    await handAll(type, handler, jobs);
    return jobs.map((job) => completed(type, job, startedAt));
  } catch (error) {
    if (error instanceof FailedInPart) {
      const failures: ReadonlyMap<unknown, unknown> = error.failures;
      return jobs.map((job) =>
        failures.has(job.payload)
          ? failed(type, job, startedAt, failures.get(job.payload))
          : completed(type, job, startedAt),
      );
    }
    if (jobs.length > 1 && !isUnavailable(error)) {
      const fields = { job: type, count: jobs.length, ...failureFields(error) };
      log.warn("a batch of jobs failed and is done in halves", fields);
    }
    throw error;
  }
}

/** A batch of several requests has an id of its own for what belongs to all of them; the handler is told those of its jobs. */
function handAll<T extends JobType>(type: T, handler: JobHandler<T>, jobs: readonly Good<T>[]): Promise<void> {
  const requestIds = jobs.map(({ requestId }) => requestId);
  const [first = newId()] = requestIds;
  const requestId = requestIds.every((each) => each === first) ? first : newId();
  const work = () =>
    handler(
      jobs.map(({ payload }) => payload),
      requestIds,
    );
  return because({ requestId }, () => traced("job", { "arrestra.job": type, "arrestra.jobs": jobs.length }, work));
}

function completed<T extends JobType>(type: T, job: Good<T>, startedAt: number): JobOutcome {
  countMetrics({ JobsDone: 1 });
  say(type, job, { status: "completed", durationMs: Math.round(performance.now() - startedAt) });
  return { id: job.id, status: "completed" };
}

function failed<T extends JobType>(type: T, job: Good<T>, startedAt: number, error: unknown): JobOutcome {
  const fields = failureFields(error);
  const status = job.attempt >= JOBS[type].attempts ? "deadletter" : "failed";
  countMetrics({ JobsFailed: 1 });
  say(type, job, { status, durationMs: Math.round(performance.now() - startedAt), ...fields });
  // The message may quote input, so it stays out of the queue's tables as it stays out of the log. The queue itself counts how often it may be tried.
  const output = { errorName: fields.errorName, errorCode: fields.errorCode };
  return { id: job.id, status: "failed", output, ...(isUnavailable(error) ? { isAway: true } : {}) };
}

type Said = { id: string; attempt: number; requestId: string; payload?: object };

function say(type: JobType, { id, attempt, requestId, payload }: Said, how: LogFields): void {
  const tenantId = payload && "tenantId" in payload ? String(payload.tenantId) : undefined;
  const fields = { job: type, jobId: id, attempt, tenantId, requestId, ...how };
  if (how.status === "completed") log.info("job", fields);
  else log.error(how.kind === "payload" ? "a job has a payload of another shape" : "a job failed", fields);
}
