import { startFauxqs } from "fauxqs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { POST as takeSlot } from "@/app/api/internal/schedules/route";
import { JOBS } from "@/lib/contracts/jobs";
import { fixedClock } from "@/lib/core/clock";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { LOST_AFTER_MS, sweepLookups } from "@/lib/domain/enrichment/sweep-lookups";
import { verifyChain } from "@/lib/domain/events/verify-chain";
import { sendJobs } from "@/lib/platform/queue";
import { addressesOf } from "@/lib/platform/sqs-client";
import { callsTo, enrichmentsOf, leadsWith, phone, sandbox } from "../enrichment/vendors";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { killWorkers, startWorker, until } from "./processes";
import { serveRoute } from "./route-server";

/** What a scheduler is not told. */
const NO_DATABASE = Object.fromEntries(
  ["DATABASE_URL", "APP_DATABASE_URL", "PLATFORM_DATABASE_URL", "FIELD_KEYS", "BLIND_INDEX_KEY", "NEXTAUTH_SECRET"].map(
    (name) => [name, ""],
  ),
);
let firm: TestFirm;
const states = async () => (await enrichmentsOf(firm)).map((row) => row.state);
const allFound = async () => (await states()).every((state) => state === "found");
const jobs = (where: string) =>
  asOwner(firm.id, async (client) => (await client.query(`SELECT * FROM pgboss.job WHERE ${where}`)).rows);

beforeEach(async () => {
  firm = await makeFirm();
});
afterEach(killWorkers);

describe("the job runner", () => {
  it("makes the checks that ingest asked for, seals the events, and stops cleanly when told to", async () => {
    await leadsWith(
      firm,
      Array.from({ length: 30 }, (_, index) => [phone(`+1512444${2000 + index}`)]),
    );
    const worker = startWorker("run-jobs");
    await worker.ready;
    await until(allFound, "all numbers are checked");
    const count = (await eventsOf(firm)).length;
    await until(async () => {
      const report = await verifyChain(firm.asService());
      return report.intact && report.sealed === count;
    }, "all events are sealed");
    worker.child.kill("SIGTERM");
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(callsTo("twilio")).toBe(30);
  });

  it("killed in the middle of its calls loses nothing and stores nothing twice", async () => {
    sandbox.twilio.faults.add({ kind: "slow", delayMs: 3000, count: 10 });
    await leadsWith(
      firm,
      Array.from({ length: 15 }, (_, index) => [phone(`+1512444${3000 + index}`)]),
    );
    const first = startWorker("run-jobs");
    await until(async () => sandbox.log.totals("twilio").inFlight > 0, "a call is under way");
    first.child.kill("SIGKILL");
    await first.exited;
    expect((await states()).filter((state) => state === "found").length).toBeLessThan(15);

    // Time is what heals a dead worker: its slots run out and the sweep gives its checks a job again.
    await asOwner(firm.id, (client) =>
      client.query("UPDATE vendor_lease SET expires_at = now() - interval '1 second'"),
    );
    await sweepLookups(firm.asService(fixedClock(new Date(Date.now() + LOST_AFTER_MS + 1000))));
    await asOwner(firm.id, (client) =>
      client.query("UPDATE enrichment SET next_attempt_at = NULL WHERE state = 'pending'"),
    );
    const second = startWorker("run-jobs");
    await until(allFound, "all numbers are checked");
    const enriched = (await eventsOf(firm)).filter((event) => event.type === "lead.enriched");
    expect(enriched).toHaveLength(15);
    expect(new Set(enriched.map((event) => event.data.enrichmentId)).size).toBe(15);
    second.child.kill("SIGTERM");
    expect((await second.exited).code).toBe(0);
  });

  it("puts a job that can never be done with the dead letters, and does the others", async () => {
    // Past the typed door, which would refuse it.
    const poison = [{ data: { tenantId: "nobody" } }];
    await inTenant(firm.asService(), (tx) => sendJobs(tx, "enrichment.lookup", poison));
    await leadsWith(firm, [[phone("+15125550100")]]);
    const worker = startWorker("run-jobs");
    await until(allFound, "the good one is checked");
    const [dead] = await until(async () => {
      const rows = await jobs("name = 'enrichment.lookup.dead'");
      return rows.length > 0 && rows;
    }, "the bad one is a dead letter");
    expect(dead?.data).toEqual({ tenantId: "nobody" });
    worker.child.kill("SIGTERM");
    await worker.exited;
  });
});

it("does the jobs by way of SQS where QUEUE says so", async () => {
  const server = await startFauxqs({ port: 0, logger: false });
  for (const type of Object.keys(JOBS))
    for (const address of Object.values(addressesOf("arrestra-", type)))
      server.createQueue(address, { attributes: { FifoQueue: "true" } });
  await leadsWith(firm, [[phone("+15125550177")]]);
  const worker = startWorker("run-jobs", {
    QUEUE: "sqs",
    SQS_URL_PREFIX: `${server.address}/000000000000/arrestra-`,
    AWS_ENDPOINT_URL_SQS: server.address,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "not-a-key",
  });
  await worker.ready;
  await until(allFound, "the number is checked");
  await until(
    async () => (await jobs(`data->>'tenantId' = '${firm.id}' AND state <> 'completed'`)).length === 0,
    "its row is done with",
  );
  worker.child.kill("SIGKILL");
  await worker.exited;
  await server.stop();
});

describe("the scheduler", () => {
  it("has each slot taken once, also when two of them run without a database, and the runner does the work", async () => {
    const web = await serveRoute(takeSlot);
    const told = { ARRESTRA_API_URL: web.url, ...NO_DATABASE };
    const [leadId] = await leadsWith(firm, [[]]);
    await asOwner(firm.id, (client) =>
      client.query("UPDATE lead SET score = 99, score_changes_at = now() - interval '1 hour' WHERE id = $1", [leadId]),
    );
    const startedAt = Date.now();
    const sentSlots = async () =>
      (await jobs("name = 'schedule.run' AND data->>'schedule' = 'rescore-due-leads'")).length;
    const workers = [startWorker("run-schedule", told), startWorker("run-schedule", told), startWorker("run-jobs")];
    await Promise.all(workers.map((worker) => worker.ready));
    await until(
      async () => {
        const { rows } = await asOwner(firm.id, (client) =>
          client.query("SELECT score FROM lead WHERE id = $1", [leadId]),
        );
        return rows[0]?.score !== 99;
      },
      "the lead is rescored",
      100_000,
    );
    // The minute under way at the start, and the next ones; each of them once, though both have sent it.
    await until(async () => (await sentSlots()) >= 2, "the next slot is sent too", 100_000);
    const minutes = Math.floor(Date.now() / 60_000) - Math.floor(startedAt / 60_000) + 1;
    expect(await sentSlots()).toBeLessThanOrEqual(minutes);
    await web.close();
    for (const worker of workers) worker.child.kill("SIGTERM");
    const ends = await Promise.all(workers.map((worker) => worker.exited));
    expect(ends.map((end) => end.code)).toEqual([0, 0, 0]);
  }, 120_000);
});
