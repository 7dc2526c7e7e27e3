import { JOBS, JOBS_PER_FIRM, type JobType } from "@/lib/contracts/jobs";
import { env, requireEnv } from "@/lib/platform/env";
import type { JobWorker, Runner, WorkerSettings } from "@/lib/platform/job-source";
import { startPostgresSource } from "@/lib/platform/postgres-source";
import { startRelay } from "@/lib/platform/sqs-relay";
import { startSqsSource } from "@/lib/platform/sqs-source";
import { HANDLERS } from "./handlers";
import { runBatch } from "./run-batch";

/** How each queue is worked off in one process. Single-job fetches reach 8 jobs/s, batches of 50 more than 300. */
const WORKERS: Record<JobType, Omit<WorkerSettings, "queue" | "perGroup">> = {
  "enrichment.lookup": { batchSize: 50, concurrency: 4 },
  // A chain of millions takes minutes: one at a time, beside everything else.
  "audit.verify": { batchSize: 1, concurrency: 1 },
  // Short, and somebody waits for what they lead to.
  "booking.look": { batchSize: 1, concurrency: 4 },
  "webhook.handle": { batchSize: 1, concurrency: 4 },
  // Each asks several services in turn.
  "sync.consultation": { batchSize: 1, concurrency: 4 },
  "sync.connected": { batchSize: 1, concurrency: 2 },
  // A turn lasts up to twenty seconds, and a firm with four services has a dozen of them.
  "sync.run": { batchSize: 1, concurrency: 4 },
  "sync.compare": { batchSize: 1, concurrency: 1 },
  "attendance.collect": { batchSize: 1, concurrency: 2 },
  // Waits for services that send mail and texts, one message after the other.
  "alerts.send": { batchSize: 1, concurrency: 2 },
  // Each holds a connection of the database for as long as it writes; what it is made of comes as fast as one core reads it.
  "export.prepare": { batchSize: 1, concurrency: 2 },
  "import.check": { batchSize: 1, concurrency: 1 },
  "import.run": { batchSize: 1, concurrency: 2 },
  "import.undo": { batchSize: 1, concurrency: 1 },
  // Each reads a file of some megabytes, and somebody waits to open it.
  "evidence.check": { batchSize: 1, concurrency: 2 },
  // One after the other: two schedules at once would only compete for the database.
  "schedule.run": { batchSize: 2, concurrency: 1 },
};

/** Takes and does jobs of every type until stopped, from where QUEUE says. */
export async function startJobs(): Promise<Runner> {
  const types = Object.keys(JOBS) as JobType[];
  const workers = types.map((type) => worker(type));
  if (env().QUEUE === "postgres") return startPostgresSource(workers);
  const prefix = requireEnv("SQS_URL_PREFIX");
  const relay = await startRelay(workers, { prefix });
  const source = await startSqsSource(workers, { prefix });
  return {
    stop: async (timeoutMs) => {
      await Promise.all([relay.stop(timeoutMs), source.stop(timeoutMs)]);
    },
  };
}

function worker<T extends JobType>(type: T): JobWorker {
  const perGroup = JOBS_PER_FIRM[type];
  const { attempts, timeoutMs } = JOBS[type];
  return {
    queue: type,
    attempts,
    timeoutMs,
    ...WORKERS[type],
    ...(perGroup === undefined ? {} : { perGroup }),
    handle: (jobs: Parameters<typeof runBatch>[2]) => runBatch(type, HANDLERS[type], jobs),
  };
}
