// The control of flood: a worker without a limit for one firm. Takes look-ups in the order in which they came.
import type { JobType } from "@/lib/contracts/jobs";
import { HANDLERS } from "@/lib/jobs/handlers";
import { runBatch } from "@/lib/jobs/run-batch";
import { startPostgresSource } from "@/lib/platform/postgres-source";

const QUEUE = "enrichment.lookup" satisfies JobType;
await startPostgresSource([
  { queue: QUEUE, batchSize: 50, concurrency: 4, handle: (jobs) => runBatch(QUEUE, HANDLERS[QUEUE], jobs) },
]);
