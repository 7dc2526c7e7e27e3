import type { JobPayload, JobType } from "@/lib/contracts/jobs";
import { lookUp } from "@/lib/domain/enrichment/look-up";
import { failureFields, log } from "@/lib/platform/log";
import { jobCtx, listFirmIds } from "./job-ctx";
import { SCHEDULES } from "./schedules";

/** Does a batch of jobs of one type. Throwing fails all of them, so a batch is tried again one by one (see run-batch.ts). */
export type JobHandler<T extends JobType> = (payloads: readonly JobPayload<T>[]) => Promise<void>;

/** Which verb does which job. Each is safe to run twice. */
export const HANDLERS: { [T in JobType]: JobHandler<T> } = {
  "enrichment.lookup": lookUpByFirm,
  "schedule.run": async (payloads) => {
    for (const { schedule } of payloads) await runForAllFirms(schedule);
  },
};

/** One call of the verb for each firm: a firm's checks share its slots, and firms do not wait for each other. */
async function lookUpByFirm(payloads: readonly JobPayload<"enrichment.lookup">[]): Promise<void> {
  const byFirm = Map.groupBy(payloads, (payload) => payload.tenantId);
  await Promise.all(
    [...byFirm].map(([tenantId, jobs]) =>
      lookUp(
        jobCtx(tenantId, "enrichment.lookup"),
        jobs.map((job) => job.enrichmentId),
      ),
    ),
  );
}

/** Runs one schedule now, for every active firm; the failures of single firms are logged and left to the next slot. */
export async function runForAllFirms(schedule: keyof typeof SCHEDULES): Promise<void> {
  const { run, full } = SCHEDULES[schedule];
  let count = 0;
  for (const tenantId of await listFirmIds()) {
    try {
      for (;;) {
        const done = await run(jobCtx(tenantId, schedule));
        count += done;
        if (full === undefined || done < full) break;
      }
    } catch (error) {
      log.error("a schedule failed for a firm", { job: schedule, tenantId, ...failureFields(error) });
    }
  }
  if (count > 0) log.info("schedule done", { job: schedule, count });
}
