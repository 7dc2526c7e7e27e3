import { PgBoss } from "pg-boss";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "@/lib/core/clock";
import type { Ctx } from "@/lib/domain/context/ctx";
import { getExport } from "@/lib/domain/reports/exports/list-exports";
import { sweepExports } from "@/lib/domain/reports/exports/sweep-exports";
import { jobCtx } from "@/lib/jobs/job-ctx";
import { startJobs } from "@/lib/jobs/start-jobs";
import { closeDatabase } from "@/lib/platform/db";
import type { Runner } from "@/lib/platform/job-source";
import { closeQueue } from "@/lib/platform/queue";
import { until } from "../jobs/processes";
import { makeFirm, type TestFirm } from "../setup/firms";
import { ask, change } from "./house";

let firm: TestFirm;
let owner: Ctx;
let runner: Runner | undefined;
beforeEach(async () => {
  firm = await makeFirm();
  owner = firm.asUser(systemClock);
});
afterEach(async () => {
  await runner?.stop(2000);
  runner = undefined;
});
afterAll(async () => {
  await closeQueue();
  await closeDatabase();
});

/** What SIGKILL leaves of a run of an export: its job active, its row at work, and both silent. */
async function leaveDead(id: string): Promise<void> {
  const ago = "now() - interval '90 s'";
  await change(
    firm,
    `UPDATE pgboss.job SET state = 'active', started_on = ${ago}, heartbeat_on = ${ago} WHERE data->>'exportId' = $1`,
    [id],
  );
  await change(
    firm,
    `UPDATE file_export SET state = 'running', run_id = gen_random_uuid(), attempts = 1, beat_at = ${ago} WHERE id = $1`,
    [id],
  );
}

/** The housekeeping that a runner does each minute, now. */
async function keepHouse(): Promise<void> {
  const boss = new PgBoss({ connectionString: process.env.APP_DATABASE_URL ?? "", supervise: false, migrate: false });
  await boss.start();
  await boss.supervise("export.prepare");
  await boss.stop({ graceful: false });
}

// Seen red without: heartbeatSeconds of long jobs.
it("does not keep the firm's exports waiting: its place is free again within minutes, and the export ends", async () => {
  const { id } = await ask(owner);
  await leaveDead(id);
  expect(await sweepExports(jobCtx(firm.id, "sweep-files"))).toBe(1);
  await keepHouse();
  runner = await startJobs();
  await until(async () => (await getExport(owner, id)).state === "ready", "the export is ready", 20_000);
});
