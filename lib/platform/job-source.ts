/** How many jobs of a queue are handed out in one process. */
export type WorkerSettings = {
  queue: string;
  /** Jobs taken in one go. */
  batchSize: number;
  /** Batches under way at once in this process. */
  concurrency: number;
  /** Jobs of one group under way at once over all processes: fairness between firms, not a limit. */
  perGroup?: number;
};

/** A job that this process was handed; `attempt` counts from 1. `requestId` is the request that set it off, when there was one. */
export type JobTaken = { id: string; data: unknown; attempt: number; requestId?: string };
/** How a job ended; `deadletter` is for one that no retry can mend. `isAway` says of a failed one that the database was away or busy, whatever the job is. */
export type JobOutcome = {
  id: string;
  status: "completed" | "failed" | "deadletter";
  output?: object;
  isAway?: boolean;
};
/** Does a batch and gives one outcome for each of its jobs. */
export type BatchHandler = (jobs: JobTaken[]) => Promise<JobOutcome[]>;

/** One kind of job with what does it: how often it is tried in all, and after how long a try counts as lost. */
export type JobWorker = WorkerSettings & { attempts: number; timeoutMs: number; handle: BatchHandler };

/**
 * A running set of workers; `stop` lets what is under way finish, for `timeoutMs` at most. Wherever its jobs come from: each is done at least once, tried as often as
 * it may be and then kept with the dead letters; of a batch only what failed is tried again, later each time; no group keeps the others waiting; a worker that died
 * loses nothing.
 */
export type Runner = { stop(timeoutMs?: number): Promise<void> };

/** How long what failed waits for its next try, in seconds: as pg-boss counts it, so that both sources do the same. */
export type BackOff = { baseSeconds: number; maxSeconds: number };

/** scripts/migration/install-queues.ts tells pg-boss the same. */
export const BACK_OFF: BackOff = { baseSeconds: 5, maxSeconds: 900 };

/** Seconds until the try after this one: twice as long each time, spread so that what failed together does not come back together. */
export function secondsUntilNext(
  attempt: number,
  { baseSeconds, maxSeconds }: BackOff,
  random = Math.random(),
): number {
  const most = baseSeconds * 2 ** Math.min(16, attempt);
  return Math.min(maxSeconds, most / 2 + (most / 2) * random);
}
