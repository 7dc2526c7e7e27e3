import { JOBS, type JobPayload, type JobType } from "@/lib/contracts/jobs";
import { newId } from "@/lib/core/ids";
import { because } from "@/lib/platform/cause";
import type { JobOutcome, JobTaken } from "@/lib/platform/job-source";
import { failureFields, type LogFields, log } from "@/lib/platform/log";
import { countMetrics } from "@/lib/platform/metrics";
import { traced } from "@/lib/platform/traced";
import type { JobHandler } from "./handlers";

type Good<T extends JobType> = { id: string; attempt: number; payload: JobPayload<T>; requestId: string };

/**
 * Does a batch of taken jobs and says of each how it went. A payload that is none goes straight to the dead letters. When a batch throws, its jobs are
 * done in halves, and those in halves again, so that only the poisoned one fails; the queue tries that one again, later each time, and after its attempts puts
 * it with the dead letters. Each job has one line in the log, and works on behalf of the request that set it off, or of a new id.
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
  return [...outcomes, ...(await doOrHalve(type, handler, good))];
}

/** A batch that fails is done in halves, and those in halves again: one poisoned job of fifty costs the others a dozen turns, not fifty. */
async function doOrHalve<T extends JobType>(
  type: T,
  handler: JobHandler<T>,
  jobs: readonly Good<T>[],
): Promise<JobOutcome[]> {
  const [first] = jobs;
  if (!first) return [];
  const startedAt = performance.now();
  try {
    await doAll(type, handler, jobs);
    return jobs.map((job) => completed(type, job, startedAt));
  } catch (error) {
    if (jobs.length === 1) return [failed(type, first, startedAt, error)];
    log.warn("a batch of jobs failed and is done in halves", {
      job: type,
      count: jobs.length,
      ...failureFields(error),
    });
  }
  const middle = Math.ceil(jobs.length / 2);
  const outcomes = await doOrHalve(type, handler, jobs.slice(0, middle));
  return [...outcomes, ...(await doOrHalve(type, handler, jobs.slice(middle)))];
}

/** A batch of several requests has an id of its own for what belongs to all of them; the handler is told those of its jobs. */
function doAll<T extends JobType>(type: T, handler: JobHandler<T>, jobs: readonly Good<T>[]): Promise<void> {
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
  return { id: job.id, status: "failed", output: { errorName: fields.errorName, errorCode: fields.errorCode } };
}

type Said = { id: string; attempt: number; requestId: string; payload?: object };

function say(type: JobType, { id, attempt, requestId, payload }: Said, how: LogFields): void {
  const tenantId = payload && "tenantId" in payload ? String(payload.tenantId) : undefined;
  const fields = { job: type, jobId: id, attempt, tenantId, requestId, ...how };
  if (how.status === "completed") log.info("job", fields);
  else log.error(how.kind === "payload" ? "a job has a payload of another shape" : "a job failed", fields);
}
