import type { Client } from "pg";
import { PgBoss } from "pg-boss";
import { JOBS, type ScheduleName } from "@/lib/contracts/jobs";
import { newId } from "@/lib/core/ids";
import { sendHouseJob } from "@/lib/platform/queue";
import { until } from "@/tests/setup/http";
import { withClient } from "../../bootstrap-database";
import type { HouseDatabase } from "../house";

/** Every time by which somebody knows that a worker is dead, or that something is due. */
const AGED = [
  "UPDATE pgboss.job SET started_on = started_on - $1::interval, heartbeat_on = heartbeat_on - $1::interval WHERE state = 'active'",
  "UPDATE pgboss.job SET start_after = start_after - $1::interval WHERE state IN ('created', 'retry')",
  "UPDATE pgboss.queue SET monitor_on = monitor_on - $1::interval, monitor_claim_on = monitor_claim_on - $1::interval",
  "UPDATE vendor_lease SET expires_at = expires_at - $1::interval",
  "UPDATE vendor_budget SET not_before = not_before - $1::interval WHERE not_before IS NOT NULL",
  "UPDATE enrichment SET requested_at = requested_at - $1::interval, next_attempt_at = next_attempt_at - $1::interval WHERE state = 'pending'",
  "UPDATE sync_link SET claimed_until = claimed_until - $1::interval, next_attempt_at = next_attempt_at - $1::interval",
  "UPDATE file_export SET beat_at = beat_at - $1::interval, created_at = created_at - $1::interval WHERE state IN ('waiting', 'running')",
];

const HOURS = 8;

/** Lets an hour pass: every lease is over, and the housekeeping of the queues, which a runner does each minute, is done once. */
export async function letAnHourPass({ adminUrl, appUrl }: HouseDatabase): Promise<void> {
  await withClient(adminUrl, async (client) => {
    for (const sql of AGED) await client.query(sql, ["1 hour"]);
  });
  const boss = new PgBoss({ connectionString: appUrl, supervise: false, schedule: false, migrate: false });
  boss.on("error", () => {}); // a failing call rejects as well
  await boss.start();
  try {
    for (const queue of Object.keys(JOBS)) await boss.supervise(queue);
  } finally {
    await boss.stop({ graceful: false });
  }
}

/** Has these schedules run once, as their next slot would. */
export async function runSchedules(schedules: readonly ScheduleName[]): Promise<void> {
  for (const schedule of schedules) await sendHouseJob("schedule.run", { id: newId(), data: { schedule } });
}

/** Waits until no job is under way or due, but not for longer than `timeoutMs`: what a dead worker left is under way for ever. */
export async function untilQuiet({ adminUrl }: HouseDatabase, timeoutMs = 20_000): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const isQuiet = async () => (await countOpen(client, "AND (state = 'active' OR start_after <= now())")) === 0;
    await until("the queues are quiet", isQuiet, timeoutMs).catch(() => undefined);
  });
}

/**
 * Lets hours pass until no job is left, also none that waits for a later try: only then is it known that nothing comes twice. @throws Error when some never end.
 */
export async function untilEmpty(database: HouseDatabase): Promise<void> {
  const left = () => withClient(database.adminUrl, (client) => countOpen(client));
  for (let hour = 0; hour < HOURS; hour += 1) {
    await untilQuiet(database);
    if ((await left()) === 0) return;
    await letAnHourPass(database);
  }
  throw new Error(`After ${HOURS} hours ${await left()} jobs are not done.`);
}

async function countOpen(client: Client, which = ""): Promise<number> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM pgboss.job WHERE name NOT LIKE '%.dead' AND state IN ('created', 'retry', 'active') ${which}`,
  );
  return rowCount ?? 0;
}
