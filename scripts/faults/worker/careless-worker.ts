// Workers without what protects ours, for the controls: `tsx scripts/faults/worker/careless-worker.ts early|unclaimed|whole`.
import { JOBS, type JobPayload } from "@/lib/contracts/jobs";
import { HANDLERS } from "@/lib/jobs/handlers";
import { env, requireEnv } from "@/lib/platform/env";
import type { BatchHandler, JobTaken } from "@/lib/platform/job-source";
import { log } from "@/lib/platform/log";
import { startPostgresSource } from "@/lib/platform/postgres-source";
import { startRelay } from "@/lib/platform/sqs-relay";
import { startSqsSource } from "@/lib/platform/sqs-source";
import { storeUnclaimed } from "./store-unclaimed";

const QUEUE = "enrichment.lookup";
type Payload = JobPayload<typeof QUEUE>;

const payloadsOf = (jobs: readonly JobTaken[]): Payload[] => jobs.map(({ data }) => JOBS[QUEUE].payload.parse(data));
const all = (jobs: readonly JobTaken[], status: "completed" | "failed") => jobs.map(({ id }) => ({ id, status }));
const doThem = (jobs: readonly JobTaken[]) => HANDLERS[QUEUE](payloadsOf(jobs), []);

const WAYS: Record<string, BatchHandler> = {
  /** Says that a job is done before it does it. */
  early: async (jobs) => {
    void doThem(jobs).catch(() => undefined);
    return all(jobs, "completed");
  },
  /** Stores what comes back, whoever else has stored it meanwhile. */
  unclaimed: async (jobs) => {
    for (const payload of payloadsOf(jobs)) await storeUnclaimed(payload, { asksFirst: true });
    return all(jobs, "completed");
  },
  /** A batch of which one fails has failed. */
  whole: (jobs) =>
    doThem(jobs).then(
      () => all(jobs, "completed"),
      () => all(jobs, "failed"),
    ),
};

const handle = WAYS[process.argv[2] ?? ""];
if (!handle) throw new Error(`One of ${Object.keys(WAYS).join(", ")} is needed.`);
const { attempts, timeoutMs } = JOBS[QUEUE];
const worker = { queue: QUEUE, batchSize: 50, concurrency: 4, attempts, timeoutMs, handle };
if (env().QUEUE === "postgres") await startPostgresSource([worker]);
else {
  const prefix = requireEnv("SQS_URL_PREFIX");
  await startRelay([worker], { prefix });
  await startSqsSource([worker], { prefix });
}
log.info("the careless worker is ready", { event: "ready", pid: process.pid });
