import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SendMessageBatchCommand, type SendMessageBatchCommandInput, SQSClient } from "@aws-sdk/client-sqs";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { newId } from "@/lib/core/ids";
import { inTenant } from "@/lib/domain/context/in-tenant";
import type { Runner } from "@/lib/platform/job-source";
import { closeQueue, sendJobs } from "@/lib/platform/queue";
import { startBoss, withClient } from "@/lib/platform/queue-boss";
import { requeue } from "@/lib/platform/requeue";
import { startRelay } from "@/lib/platform/sqs-relay";
import { asSuperuser } from "../jobs/superuser";
import { makeFirm, type TestFirm } from "../setup/firms";

const WORKER = { queue: "webhook.handle", batchSize: 1, perGroup: 2 };
const DUE_AT = new Date("2026-11-20T08:00:00Z");
let firm: TestFirm;
let relay: Runner | undefined;
const sends = mockClient(SQSClient);
// A listener that hears a call and answers nothing, or for ever a little.
let swallowing: Server;
let isTrickling = false;

type Row = { id: string; state: string; retry_count: number; start_after: Date };
const rows = () =>
  asSuperuser(
    async (client) =>
      (
        await client.query<Row>(
          `SELECT id, state, retry_count, start_after FROM pgboss.job WHERE name = '${WORKER.queue}' ORDER BY data->>'turn'`,
        )
      ).rows,
  );
const states = async () => (await rows()).map(({ state }) => state);
const send = (count: number) =>
  inTenant(firm.asService(), (tx) =>
    sendJobs(
      tx,
      WORKER.queue,
      Array.from({ length: count }, (_, turn) => ({ data: { turn }, group: firm.id, startAfter: DUE_AT })),
    ),
  );
const start = async (replyMs = 5000) => {
  relay = await startRelay([WORKER], { prefix: `${process.env.AWS_ENDPOINT_URL_SQS}/111122223333/arrestra-`, replyMs });
};
const entriesOf = ({ Entries = [] }: SendMessageBatchCommandInput) => Entries.map(({ Id }) => String(Id));

beforeAll(async () => {
  Object.assign(process.env, {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "not-a-key",
  });
  swallowing = createServer((_, response) => {
    if (!isTrickling) return;
    response.writeHead(200, { "content-type": "application/x-amz-json-1.0" });
    const drops = setInterval(() => response.write(" "), 50);
    response.on("close", () => clearInterval(drops));
  });
  await new Promise<void>((done) => swallowing.listen(0, "127.0.0.1", done));
  process.env.AWS_ENDPOINT_URL_SQS = `http://127.0.0.1:${(swallowing.address() as AddressInfo).port}`;
  firm = await makeFirm();
});
beforeEach(async () => {
  sends.reset();
  await asSuperuser((client) => client.query(`DELETE FROM pgboss.job WHERE name = '${WORKER.queue}'`));
});
afterEach(async () => {
  await relay?.stop(2000);
  relay = undefined;
});
afterAll(async () => {
  swallowing.closeAllConnections();
  await new Promise((done) => swallowing.close(done));
  await closeQueue();
});

// Seen red with: every row of a batch completed.
it("leaves a row what SQS did not take of a batch, due since when it was, and tries it again", async () => {
  const gate = Promise.withResolvers<void>();
  let bad: string | undefined;
  let calls = 0;
  sends.on(SendMessageBatchCommand).callsFake(async (input: SendMessageBatchCommandInput) => {
    calls += 1;
    const ids = entriesOf(input);
    if (calls > 1) await gate.promise;
    else bad = ids.at(1);
    const isBad = (Id: string) => calls === 1 && Id === bad;
    return {
      Successful: ids.filter((Id) => !isBad(Id)).map((Id) => ({ Id })),
      Failed: ids.filter(isBad).map((Id) => ({ Id, Code: "InternalError", SenderFault: false })),
    };
  });
  await send(3);
  await start();
  await expect.poll(() => calls).toBe(2);
  const left = (await rows()).filter(({ state }) => state !== "completed");
  expect(left).toEqual([{ id: bad, state: "created", retry_count: 0, start_after: DUE_AT }]);
  gate.resolve();
  await expect.poll(states).toEqual(["completed", "completed", "completed"]);
  expect(sends.commandCalls(SendMessageBatchCommand).map(({ args }) => entriesOf(args[0].input).length)).toEqual([
    3, 1,
  ]);
});

// Seen red with: the outcome failed for pg-boss, which counts it as a try.
it("uses up no try of a job while SQS throttles, and carries all when it no longer does", async () => {
  const refused = Object.assign(new Error("slow down"), { name: "ThrottlingException" });
  let calls = 0;
  sends.on(SendMessageBatchCommand).callsFake(async (input: SendMessageBatchCommandInput) => {
    calls += 1;
    if (calls <= 3) throw refused;
    return { Successful: entriesOf(input).map((Id) => ({ Id })) };
  });
  // Ten to a call: three calls for each turn, so one turn is refused.
  await send(25);
  await start();
  await expect.poll(() => calls).toBe(3);
  for (const row of await rows()) expect(row).toMatchObject({ state: "created", retry_count: 0, start_after: DUE_AT });
  await expect.poll(async () => new Set(await states()), { timeout: 15_000 }).toEqual(new Set(["completed"]));
});

// Seen red without: the deadline of the whole call.
it.each([false, true])("does not wait for a reply that never comes, or comes for ever: %s", async (isForEver) => {
  isTrickling = isForEver;
  sends.restore();
  let heard = 0;
  swallowing.on("request", () => {
    heard += 1;
  });
  await send(1);
  await start(200);
  await expect.poll(() => heard).toBeGreaterThanOrEqual(2);
  await relay?.stop(2000);
  relay = undefined;
  expect(await rows()).toMatchObject([{ state: "created", retry_count: 0, start_after: DUE_AT }]);
  swallowing.removeAllListeners("request");
});

// Seen red without: an id that is the try's; the tries counted in its row; the column for the job's id.
it("carries a try that was put back twice once, with what the job had: its id, firm, request and tries", async () => {
  const sent: SendMessageBatchCommandInput[] = [];
  sends.on(SendMessageBatchCommand).callsFake(async (input: SendMessageBatchCommandInput) => {
    sent.push(input);
    return { Successful: entriesOf(input).map((Id) => ({ Id })) };
  });
  const [jobId, requestId] = [newId(), newId()];
  const again = { key: newId(), jobId, data: { turn: 1 }, tries: 3, afterSeconds: 0, group: firm.id, requestId };
  await requeue(WORKER.queue, [again]);
  await requeue(WORKER.queue, [again]);
  expect(await rows()).toMatchObject([{ state: "created", retry_count: 3 }]);
  await start();
  await expect.poll(states).toEqual(["completed"]);
  const attributes = { tries: "3", group: firm.id, requestId };
  expect(sent.flatMap(({ Entries }) => Entries)).toMatchObject([
    {
      MessageBody: JSON.stringify({ id: jobId, data: { turn: 1 } }),
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { StringValue }]),
      ),
    },
  ]);
  await requeue(WORKER.queue, [again]);
  expect(await states()).toEqual(["completed"]);
});

// Seen red without: ROLLBACK on a failure.
it("works on one connection with nothing of the work that failed before, and not on one that was lost", async () => {
  const open = await startBoss({ max: 1, supervise: false, name: "test" });
  const pid = () =>
    withClient(open, async (client) => (await client.query("SELECT pg_backend_pid() AS pid")).rows[0].pid);
  const first = await pid();
  const failing = withClient(open, async (client) => {
    await client.query("BEGIN; SET LOCAL application_name = 'left over'");
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  const name = withClient(
    open,
    async (client) => (await client.query("SHOW application_name")).rows[0].application_name,
  );
  expect([await pid(), await name]).toEqual([first, "arrestra-test"]);
  await withClient(open, async (client) => {
    const gone = once(client, "error");
    await asSuperuser((other) => other.query("SELECT pg_terminate_backend($1)", [first]));
    await gone;
  });
  expect(await pid()).not.toBe(first);
  await open.close();
});
