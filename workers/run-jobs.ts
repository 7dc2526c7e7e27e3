// Does the jobs and seals the events: `tsx workers/run-jobs.ts`. Any number of these may run. SIGTERM lets what is under way finish.
import { runMetrics } from "@/lib/jobs/emit-metrics";
import { startJobs } from "@/lib/jobs/start-jobs";
import { runSealer } from "@/lib/jobs/start-sealer";
import { assertRoleIsBound, closeDatabase } from "@/lib/platform/db";
import { failureFields, log } from "@/lib/platform/log";
import { startCounting } from "@/lib/platform/metrics";
import { closeQueue } from "@/lib/platform/queue";
import { loadSecrets } from "@/lib/platform/secrets";
import { flushTraces, startTracesIfWanted } from "@/lib/platform/traced";

/** Shorter than the 120 s that ECS gives our tasks (infra/run/background.ts). What a platform that kills sooner cuts off is done again from its last whole part. */
const DRAIN_MS = 90_000;

await loadSecrets();
await assertRoleIsBound();
startCounting();
await startTracesIfWanted("jobs");
const stopping = new AbortController();
const jobs = await startJobs();
const sealer = runSealer(stopping.signal);
const metrics = runMetrics(stopping.signal);
log.info("the job runner is ready", { event: "ready", pid: process.pid });

async function stop(): Promise<void> {
  if (stopping.signal.aborted) return;
  stopping.abort();
  try {
    await Promise.all([jobs.stop(DRAIN_MS), sealer, metrics]);
    await closeQueue();
    await closeDatabase();
    await flushTraces();
    log.info("the job runner has stopped", { event: "stopped", pid: process.pid });
    process.exit(0);
  } catch (error) {
    log.error("the job runner did not stop cleanly", failureFields(error));
    process.exit(1);
  }
}
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop());
