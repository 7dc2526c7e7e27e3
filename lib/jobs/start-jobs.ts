import { JOBS, JOBS_PER_FIRM, type JobType } from "@/lib/contracts/jobs";
import { type Runner, startRunner, type WorkerSettings } from "@/lib/platform/queue";
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
  // One after the other: two schedules at once would only compete for the database.
  "schedule.run": { batchSize: 2, concurrency: 1 },
};

/** Takes and does jobs of every type until stopped. */
export function startJobs(): Promise<Runner> {
  const types = Object.keys(JOBS) as JobType[];
  return startRunner(types.map((type) => worker(type)));
}

function worker<T extends JobType>(type: T) {
  const perGroup = JOBS_PER_FIRM[type];
  return {
    queue: type,
    ...WORKERS[type],
    ...(perGroup === undefined ? {} : { perGroup }),
    handle: (jobs: Parameters<typeof runBatch>[2]) => runBatch(type, HANDLERS[type], jobs),
  };
}
