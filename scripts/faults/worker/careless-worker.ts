// Workers without what protects ours, for the controls: `tsx scripts/faults/worker/careless-worker.ts early|unclaimed|whole`.
import { JOBS, type JobPayload } from "@/lib/contracts/jobs";
import { HANDLERS, type JobHandler } from "@/lib/jobs/handlers";
import { jobCtx } from "@/lib/jobs/job-ctx";
import { env, requireEnv } from "@/lib/platform/env";
import type { BatchHandler, JobTaken } from "@/lib/platform/job-source";
import { log } from "@/lib/platform/log";
import { startPostgresSource } from "@/lib/platform/postgres-source";
import { startRelay } from "@/lib/platform/sqs-relay";
import { startSqsSource } from "@/lib/platform/sqs-source";
import { lookUpWhole } from "./look-up-whole";
import { storeUnclaimed } from "./store-unclaimed";

const LOOKUP = "enrichment.lookup";
type Queue = typeof LOOKUP | "sync.consultation" | "export.prepare";

const all = (jobs: readonly JobTaken[], status: "completed" | "failed") => jobs.map(({ id }) => ({ id, status }));
const payloadsOf = <T extends Queue>(queue: T, jobs: readonly JobTaken[]) =>
  jobs.map(({ data }) => JOBS[queue].payload.parse(data) as JobPayload<T>);
const doThem = <T extends Queue>(queue: T, jobs: readonly JobTaken[]) =>
  (HANDLERS[queue] as JobHandler<T>)(payloadsOf(queue, jobs), []);

/** Says that a job is done before it does it. */
const early = (queue: Queue): BatchHandler => {
  return async (jobs) => {
    void doThem(queue, jobs).catch(() => undefined);
    return all(jobs, "completed");
  };
};
/** Stores what comes back, whoever else has stored it meanwhile. */
const unclaimed: BatchHandler = async (jobs) => {
  for (const payload of payloadsOf(LOOKUP, jobs)) await storeUnclaimed(payload, { asksFirst: true });
  return all(jobs, "completed");
};
/** A batch of which one fails has failed; what has a payload that is none is put aside, as ever. */
const whole: BatchHandler = async (jobs) => {
  const isGood = ({ data }: JobTaken) => JOBS[LOOKUP].payload.safeParse(data).success;
  const [good, none] = [jobs.filter(isGood), jobs.filter((job) => !isGood(job))];
  const byFirm = Map.groupBy(payloadsOf(LOOKUP, good), ({ tenantId }) => tenantId);
  const work = [...byFirm].map(([tenantId, payloads]) =>
    lookUpWhole(
      jobCtx(tenantId, LOOKUP),
      payloads.map(({ enrichmentId }) => enrichmentId),
    ),
  );
  const status = await Promise.all(work).then(
    () => "completed" as const,
    () => "failed" as const,
  );
  return [...all(good, status), ...none.map(({ id }) => ({ id, status: "deadletter" as const }))];
};

const WAYS: Record<string, Partial<Record<Queue, BatchHandler>>> = {
  early: {
    [LOOKUP]: early(LOOKUP),
    "sync.consultation": early("sync.consultation"),
    "export.prepare": early("export.prepare"),
  },
  unclaimed: { [LOOKUP]: unclaimed },
  whole: { [LOOKUP]: whole },
};

const way = WAYS[process.argv[2] ?? ""];
if (!way) throw new Error(`One of ${Object.keys(WAYS).join(", ")} is needed.`);
const workers = Object.entries(way).map(([queue, handle]) => {
  const { attempts, timeoutMs } = JOBS[queue as Queue];
  return { queue, batchSize: 50, concurrency: 4, attempts, timeoutMs, handle };
});
if (env().QUEUE === "postgres") await startPostgresSource(workers);
else {
  const prefix = requireEnv("SQS_URL_PREFIX");
  await startRelay(workers, { prefix });
  await startSqsSource(workers, { prefix });
}
log.info("the careless worker is ready", { event: "ready", pid: process.pid });
