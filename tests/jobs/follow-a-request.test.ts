import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { POST as ingestRoute } from "@/app/api/leads/ingest/route";
import { newId } from "@/lib/core/ids";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { numbersOf } from "@/lib/domain/events/numbers-of";
import { recordEvents } from "@/lib/domain/events/record-events";
import { HANDLERS } from "@/lib/jobs/handlers";
import { jobCtx } from "@/lib/jobs/job-ctx";
import { runBatch } from "@/lib/jobs/run-batch";
import { startJobs } from "@/lib/jobs/start-jobs";
import { log } from "@/lib/platform/log";
import { writeCounts } from "@/lib/platform/metrics";
import { enrichmentsOf, jobsOf, leadsWith, phone, sandbox } from "../enrichment/vendors";
import { call, type Route } from "../http/call";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";

let firm: TestFirm;
const lines: Record<string, unknown>[] = [];
const ofRequest = (requestId: string) => lines.filter((line) => line.requestId === requestId);
const post = (numbers: string[]) =>
  call(ingestRoute as Route, "/api/leads/ingest", {
    headers: { authorization: `Bearer ${firm.key.text}` },
    body: {
      source: "api",
      leads: numbers.map((number, index) => ({
        sourceId: `lead-${index}-${number}`,
        name: { full: "FICTUS, ROWAN" },
        county: "Travis",
        charges: [{ offense: "DRIVING WHILE INTOXICATED" }],
        contacts: [phone(number)],
      })),
    },
  });
const allChecked = async () => {
  const rows = await enrichmentsOf(firm);
  return rows.length > 0 && rows.every(({ state }) => state === "found");
};
const written: string[] = [];
/** What would be told CloudWatch by now. */
const numbers = (): Record<string, unknown> => {
  written.length = 0;
  writeCounts();
  return written.length > 0 ? (JSON.parse(written.join("")) as Record<string, unknown>) : {};
};

beforeEach(async () => {
  firm = await makeFirm();
  lines.length = 0;
  for (const level of ["info", "warn", "error"] as const)
    vi.spyOn(log, level).mockImplementation((message, fields) => void lines.push({ message, ...fields }));
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => written.push(String(chunk)) > 0);
  writeCounts();
});
afterEach(() => vi.restoreAllMocks());

// Seen red without: causeHeaders in http-client.ts.
it("one id leads from the request through its job to the call of the vendor and to what that left in the history", async () => {
  const reply = await post(["+15124442001"]);
  expect(reply.status).toBe(200);
  const requestId = reply.headers.get("x-request-id") ?? "";
  const jobs = await startJobs();
  try {
    await vi.waitFor(async () => expect(await allChecked()).toBe(true), { timeout: 20_000, interval: 100 });
  } finally {
    await jobs.stop();
  }
  expect(sandbox.log.last("twilio", 10).map((asked) => asked.requestId)).toEqual([requestId]);
  expect(ofRequest(requestId)).toMatchObject([
    { message: "request", route: "/api/leads/ingest", tenantId: firm.id, status: 200 },
    { message: "job", job: "enrichment.lookup", attempt: 1, status: "completed", tenantId: firm.id },
  ]);
  const events = await asOwner(firm.id, async (client) => {
    const { rows } = await client.query("SELECT type FROM event WHERE request_id = $1 ORDER BY occurred_at, id", [
      requestId,
    ]);
    return rows.map(({ type }) => type as string);
  });
  expect(events).toContain("lead.ingested");
  expect(events).toContain("lead.enriched");
});

// Seen red without: causeOf in look-up.ts.
it("jobs of two requests in one batch keep each its own id, and have a line each", async () => {
  const [first, second] = [await post(["+15124442002"]), await post(["+15124442003"])];
  const ids = [first, second].map((reply) => reply.headers.get("x-request-id"));
  const taken = await waiting("now");
  expect(taken.map((job) => job.singleton_key).sort()).toEqual([...ids].sort());
  const jobs = taken.map(({ id, data, singleton_key }) => ({ id, data, attempt: 1, requestId: singleton_key }));
  await runBatch("enrichment.lookup", HANDLERS["enrichment.lookup"], jobs);
  const asked = sandbox.log.last("twilio", 10).map(({ path, requestId }) => [path.includes("2002"), requestId]);
  expect(new Map(asked as [boolean, string][])).toEqual(
    new Map([
      [true, ids[0]],
      [false, ids[1]],
    ]),
  );
  expect(lines.filter((line) => line.message === "job")).toHaveLength(2);
});

// Seen red without: because in run-batch.ts.
it("a job acts for the request that set it off, and one that nobody asked for under an id of its own", async () => {
  const seen: string[] = [];
  const take = (requestId?: string) => ({
    id: newId(),
    data: { tenantId: firm.id },
    attempt: 1,
    ...(requestId ? { requestId } : {}),
  });
  const verify = async () => void seen.push(jobCtx(firm.id, "audit.verify").requestId);
  const requestId = newId();
  await runBatch("audit.verify", verify, [take(requestId)]);
  await runBatch("audit.verify", verify, [take()]);
  expect(seen[0]).toBe(requestId);
  expect(seen[1]).not.toBe(requestId);
  expect(lines.map((line) => line.requestId)).toEqual(seen);
});

type Waiting = { id: string; data: { enrichmentId: string }; singleton_key: string };
const waiting = (when: "now" | "later"): Promise<Waiting[]> =>
  asOwner(firm.id, async (client) => {
    const { rows } = await client.query(
      `SELECT id, data, singleton_key FROM pgboss.job WHERE name = 'enrichment.lookup' AND group_id = $1
         AND (start_after > now() + interval '1 minute') = $2 ORDER BY created_on, id`,
      [firm.id, when === "later"],
    );
    return rows as Waiting[];
  });
const idsOf = (jobs: Waiting[]) => new Map(jobs.map(({ data, singleton_key }) => [data.enrichmentId, singleton_key]));

// Seen red without: the request of each job in enqueueEach.
it("a try that comes later still carries the id, of a batch each its own", async () => {
  sandbox.twilio.faults.add({ kind: "throttle", count: 2, retryAfterSeconds: 90 });
  const replies = [await post(["+15124442004"]), await post(["+15124442007"])];
  const first = await waiting("now");
  await runBatch(
    "enrichment.lookup",
    HANDLERS["enrichment.lookup"],
    first.map(({ id, data, singleton_key }) => ({ id, data, attempt: 1, requestId: singleton_key })),
  );
  expect([...idsOf(first).values()].sort()).toEqual(replies.map(({ headers }) => headers.get("x-request-id")).sort());
  expect(idsOf(await waiting("later"))).toEqual(idsOf(first));
  expect(lines).toContainEqual(
    expect.objectContaining({ message: "a vendor failed", provider: "twilio", kind: "throttled", status: 429 }),
  );
  expect(numbers()).toMatchObject({ VendorFailures: 2 });
});

// Seen red without: afterCommit, with the numbers counted at once.
it("counts what was committed, by list price, and never what was taken back", async () => {
  await leadsWith(firm, [[phone("+15124442005")], [phone("+15124442005")]]);
  expect(numbers()).toMatchObject({ RowsCreated: 2 });
  const { job, payloads } = { job: "enrichment.lookup", payloads: await jobsOf(firm) } as const;
  await runBatch(
    job,
    HANDLERS[job],
    payloads.map(({ id, data }) => ({ id, data, attempt: 1 })),
  );
  // Two leads share the number: one call, one price.
  expect(numbers()).toMatchObject({ LookupsAnswered: 1, LookupCostMicroUsd: 8000, JobsDone: 2 });
  const failure = { type: "auth.sign_in_failed", data: { reason: "unknown_user", userId: null } } as const;
  const undone = inTenant(firm.asService(), async (tx) => {
    await recordEvents(tx, firm.asService(), [failure]);
    throw new RangeError("taken back");
  });
  await expect(undone).rejects.toThrow(RangeError);
  expect(numbers()).toEqual({});
  await inTenant(firm.asService(), (tx) => recordEvents(tx, firm.asService(), [failure]));
  expect(numbers()).toMatchObject({ SignInFailures: 1 });
});

// Seen red without: NO_FAULT.
it("counts an alert that a service failed, and none that was one too many or had no way", () => {
  const failed = (problem: string) =>
    numbersOf([{ type: "user.alert_failed", data: { userId: newId(), by: "text", leads: 1, problem } }]);
  expect(["unavailable", "too_many", "no_way"].map(failed)).toEqual([{ AlertsFailed: 1 }, null, null]);
});

/** A line of numbers: a name for each, and nothing beside. */
const NumbersLine = z
  .strictObject({ _aws: z.object({ CloudWatchMetrics: z.array(z.object({ Dimensions: z.tuple([z.tuple([])]) })) }) })
  .catchall(z.number());

it("no line of numbers has a dimension, a text or an id", async () => {
  await post(["+15124442006"]);
  await inTenant(firm.asService(), (tx) =>
    recordEvents(tx, firm.asService(), [
      { type: "auth.sign_in_failed", data: { reason: "unknown_user", userId: null } },
    ]),
  );
  const line = numbers();
  expect(Object.keys(line).length).toBeGreaterThan(3);
  expect(NumbersLine.safeParse(line).error).toBeUndefined();
  expect(JSON.stringify(line)).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}/);
});
