import { afterEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { JOBS_PER_FIRM } from "@/lib/contracts/jobs";
import { fixedClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { runMetrics } from "@/lib/jobs/emit-metrics";
import { readQueues } from "@/lib/platform/health";
import { emitMetrics } from "@/lib/platform/metrics";
import { sendHouseJob, sendJobs } from "@/lib/platform/queue";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";

/** What CloudWatch's specification of the embedded metric format asks of a line; all other members are texts or numbers of ours. */
const EmfLine = z
  .object({
    _aws: z.strictObject({
      Timestamp: z.int().positive(),
      CloudWatchMetrics: z
        .array(
          z.strictObject({
            Namespace: z.string().min(1).max(1024),
            Dimensions: z.array(z.array(z.string().min(1).max(250)).max(30)).min(1),
            Metrics: z
              .array(z.strictObject({ Name: z.string().min(1).max(1024), Unit: z.enum(["Seconds", "Count"]) }))
              .min(1)
              .max(100),
          }),
        )
        .length(1),
    }),
  })
  .catchall(z.number())
  .superRefine((line, ctx) => {
    const named = line._aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));
    for (const name of named) if (!(name in line)) ctx.addIssue(`${name} has no value`);
    for (const name of Object.keys(line))
      if (name !== "_aws" && !named.includes(name)) ctx.addIssue(`${name} is unnamed`);
  });

/** What is written to stdout while `work` runs. */
async function heard(work: () => Promise<void> | void): Promise<string> {
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => lines.push(String(chunk)) > 0);
  try {
    await work();
  } finally {
    write.mockRestore();
  }
  return lines.join("");
}

/** Lets the first numbers be written, and no more. */
async function oneRound(): Promise<string> {
  const stop = new AbortController();
  return heard(async () => {
    const running = runMetrics(stop.signal);
    await vi.waitFor(() => expect(process.stdout.write).toHaveBeenCalled(), { timeout: 10_000 });
    stop.abort();
    await running;
  });
}

afterEach(() => vi.useRealTimers());

it("writes the numbers as one line that CloudWatch reads, for the moment they were taken and without a dimension", async () => {
  const clock = fixedClock(new Date("2026-11-22T08:00:00Z"));
  const text = await heard(() => emitMetrics({ QueueAgeSeconds: 3, DeadLetters: 0 }, clock));
  expect(text.endsWith("}\n")).toBe(true);
  const line = EmfLine.parse(JSON.parse(text));
  expect(line).toMatchObject({ QueueAgeSeconds: 3, DeadLetters: 0, _aws: { Timestamp: 1795334400000 } });
  expect(line._aws.CloudWatchMetrics[0]).toMatchObject({ Namespace: "Arrestra", Dimensions: [[]] });
});

it("measures the queues of the whole house: what waits, how long, and what was given up; a stop ends it at once", async () => {
  const firm = await makeFirm();
  const late = { data: { tenantId: firm.id }, startAfter: new Date(Date.now() - 90_000) };
  await inTenant(firm.asService(), (tx) => sendJobs(tx, "enrichment.lookup", [late, { data: { tenantId: firm.id } }]));
  const before = EmfLine.parse(JSON.parse(await oneRound()));
  expect(before).toMatchObject({ JobsWaiting: 2, JobsActive: 0, DeadLetters: 0 });
  expect(before.QueueAgeSeconds).toBeGreaterThanOrEqual(90);

  await sendHouseJob("enrichment.lookup.dead", { id: newId(), data: { tenantId: firm.id } });
  const text = await oneRound();
  // Seen red without: the dead letters told from what waits.
  expect(EmfLine.parse(JSON.parse(text))).toMatchObject({ JobsWaiting: 2, DeadLetters: 1 });
  for (const name of [firm.id, firm.slug]) expect(text).not.toContain(name);
});

it("takes a job that waits for another one of its firm for no sign of a queue that stands still", async () => {
  const [busy, free] = [await makeFirm(), await makeFirm()];
  const send = (firm: TestFirm) =>
    inTenant(firm.asService(), (tx) => {
      const job = { data: { tenantId: firm.id }, group: firm.id, startAfter: new Date(Date.now() - 600_000) };
      return sendJobs(tx, "export.prepare", [job]);
    });
  const read = async () =>
    (await readQueues(JOBS_PER_FIRM)).find(({ queue }) => queue === "export.prepare")?.oldestWaitingSeconds;
  await send(busy);
  expect(await read()).toBeGreaterThanOrEqual(600);
  await asOwner(busy.id, (client) =>
    client.query("UPDATE pgboss.job SET state = 'active' WHERE name = 'export.prepare' AND group_id = $1", [busy.id]),
  );
  await send(busy);
  // Seen red without: the groups that have as many under way as they may.
  expect((await readQueues(JOBS_PER_FIRM)).find(({ queue }) => queue === "export.prepare")).toEqual({
    queue: "export.prepare",
    waiting: 1,
    active: 1,
    oldestWaitingSeconds: null,
  });
  await send(free);
  expect(await read()).toBeGreaterThanOrEqual(600);
});
