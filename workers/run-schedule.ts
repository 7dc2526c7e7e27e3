// Tells the web server what is due: `tsx workers/run-schedule.ts`. Several of these may run: a slot is taken once. It needs no database, only the address
// of the web server (ARRESTRA_API_URL) and a key to sign with; the job runner does the work.
import { systemClock } from "@/lib/core/clock";
import { SCHEDULES } from "@/lib/jobs/schedules";
import { env, requireEnv } from "@/lib/platform/env";
import { failureFields, log } from "@/lib/platform/log";
import { loadSecrets } from "@/lib/platform/secrets";
import { sendSlots, sendTo } from "./send-slots";

await loadSecrets();
requireEnv("SERVICE_SIGNING_KEYS");
const stopping = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stopping.abort());
log.info("the scheduler is ready", { event: "ready", pid: process.pid, count: Object.keys(SCHEDULES).length });
try {
  const send = sendTo(env().ARRESTRA_API_URL);
  await sendSlots({ schedules: SCHEDULES, send, clock: systemClock, signal: stopping.signal });
  log.info("the scheduler has stopped", { event: "stopped", pid: process.pid });
} catch (error) {
  log.error("the scheduler cannot go on", failureFields(error));
  process.exitCode = 1;
}
