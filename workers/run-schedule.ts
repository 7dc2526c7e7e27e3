// Sends the jobs that run by the clock: `tsx workers/run-schedule.ts`. Several of these may run: a slot is sent once. The job runner does the work.
import { SCHEDULE_NAMES } from "@/lib/contracts/jobs";
import { SCHEDULES } from "@/lib/jobs/schedules";
import { closeDatabase } from "@/lib/platform/db";
import { failureFields, log } from "@/lib/platform/log";
import { startScheduler } from "@/lib/platform/queue";

const schedules = SCHEDULE_NAMES.map((schedule) => ({
  key: schedule,
  queue: "schedule.run",
  cron: SCHEDULES[schedule].cron,
  data: { schedule },
}));
const scheduler = await startScheduler(schedules);
log.info("the scheduler is ready", { event: "ready", pid: process.pid, count: schedules.length });

let isStopping = false;
async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  try {
    await scheduler.stop();
    await closeDatabase();
    log.info("the scheduler has stopped", { event: "stopped", pid: process.pid });
    process.exit(0);
  } catch (error) {
    log.error("the scheduler did not stop cleanly", failureFields(error));
    process.exit(1);
  }
}
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop());
