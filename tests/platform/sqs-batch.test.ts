import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, afterEach, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { runBatch } from "@/lib/jobs/run-batch";
import { type BatchHandler, type JobWorker, secondsUntilNext } from "@/lib/platform/job-source";
import { batchOf } from "@/lib/platform/sqs-batch";
import { addressesOf } from "@/lib/platform/sqs-client";
import { inCalls, messageOf } from "@/lib/platform/sqs-message";
import { startSqsSource } from "@/lib/platform/sqs-source";

// A database that is away: it hangs up at once, or says nothing.
let isSilent = false;
const connected = new Set<Socket>();
const database = createServer((socket) => (isSilent ? connected.add(socket.on("error", () => {})) : socket.destroy()));
await once(database.listen(0, "127.0.0.1"), "listening");
process.env.APP_DATABASE_URL = `postgresql://app:secret@127.0.0.1:${(database.address() as AddressInfo).port}/away`;
afterAll(() => database.close());

// What the server of the protocol cannot play: calls that SQS answers in part, refuses, or answers late.
const sqs = mockClient(SQSClient);
const prefix = "https://sqs.us-east-1.amazonaws.com/111122223333/arrestra-";
const at = addressesOf(prefix, "webhook.handle");
const timing = {
  prefix,
  leaseSeconds: 60,
  waitSeconds: 1,
  replyMs: 1000,
  backOff: { baseSeconds: 5, maxSeconds: 900 },
};
const messages = (count: number, { handedOut = 1, tries = 0, data = {} } = {}): Message[] =>
  Array.from({ length: count }, (_, index) => ({
    MessageId: `message-${index}`,
    ReceiptHandle: `receipt-${index}`,
    Body: JSON.stringify({ id: `job-${index}`, data }),
    Attributes: {
      ApproximateReceiveCount: String(handedOut),
      SentTimestamp: String(Date.now()),
      MessageGroupId: "firm",
    },
    MessageAttributes: { tries: { DataType: "String", StringValue: String(tries) } },
  }));
const allDone: BatchHandler = async (jobs) => jobs.map(({ id }) => ({ id, status: "completed" }));
const workerOf = (handle: BatchHandler, timeoutMs = 60_000): JobWorker => ({
  queue: "webhook.handle",
  batchSize: 10,
  concurrency: 1,
  attempts: 8,
  timeoutMs,
  handle,
});
const deleted = () =>
  sqs
    .commandCalls(DeleteMessageBatchCommand)
    .map(({ args }) => (args[0].input.Entries ?? []).map(({ ReceiptHandle }) => ReceiptHandle));
const shown = () =>
  sqs
    .commandCalls(ChangeMessageVisibilityBatchCommand)
    .flatMap(({ args }) => args[0].input.Entries ?? [])
    .map(({ ReceiptHandle, VisibilityTimeout }) => [ReceiptHandle, VisibilityTimeout]);

beforeEach(() => {
  sqs.reset();
  sqs.on(DeleteMessageBatchCommand).resolves({});
  sqs.on(ChangeMessageVisibilityBatchCommand).resolves({});
  sqs.on(SendMessageCommand).resolves({});
});
afterEach(() => vi.useRealTimers());

// Seen red without: Failed of the deletion read.
it("deletes again what SQS names as not deleted, and that alone", async () => {
  sqs
    .on(DeleteMessageBatchCommand)
    .resolvesOnce({ Failed: [{ Id: "1", Code: "InternalError", SenderFault: false }], Successful: [] })
    .resolves({});
  await batchOf(workerOf(allDone), messages(3), timing).run();
  expect(deleted()).toEqual([["receipt-0", "receipt-1", "receipt-2"], ["receipt-1"]]);
  expect(shown()).toEqual([]);
});

// No database here: nothing can be put back. What is, tests/platform/job-transport.db.test.ts asks of both ways.
it("deletes exactly what completed, and shows what could not be put back as a row later each time", async () => {
  const handle: BatchHandler = async (jobs) =>
    jobs.map(({ id }) => ({ id, status: id === "job-1" ? "failed" : "completed" }));
  const laters: number[] = [];
  for (const handedOut of [1, 3, 7]) {
    sqs.resetHistory();
    await batchOf(workerOf(handle), messages(3, { handedOut }), timing).run();
    expect(deleted()).toEqual([["receipt-0", "receipt-2"]]);
    expect(shown()).toEqual([["receipt-1", expect.any(Number)]]);
    laters.push(Number(shown()[0]?.[1]));
  }
  // Seen red with: the same wait for every time; the waits of a try that was put back.
  expect(laters[0]).toBeGreaterThanOrEqual(60);
  expect(laters[0]).toBeLessThanOrEqual(120);
  expect(laters[1]).toBeGreaterThanOrEqual(240);
  expect(laters[2]).toBe(900);
  expect(secondsUntilNext(16, timing.backOff)).toBe(900);
});

// Seen red with: the times that SQS handed it out for its tries.
it("puts with the dead letters what failed in its last try, however often it was handed out", async () => {
  const handle: BatchHandler = async (jobs) => jobs.map(({ id }) => ({ id, status: "failed" }));
  await batchOf(workerOf(handle), messages(1, { handedOut: 9, tries: 6 }), timing).run();
  expect(deleted()).toEqual([]);
  sqs.resetHistory();
  await batchOf(workerOf(handle), messages(1, { handedOut: 1, tries: 7 }), timing).run();
  const buried = sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input);
  expect(buried).toMatchObject([{ QueueUrl: at.dead, MessageGroupId: "firm" }]);
  expect(buried[0]?.MessageAttributes).not.toHaveProperty("reason");
  expect(deleted()).toEqual([["receipt-0"]]);
});

// Seen red without: isAway in moveAll; without: isKept in what it gives.
it("keeps what failed in its last try because the database is away, shows it after a minute, and takes less", async () => {
  const away = () => Promise.reject(new AppError("unavailable", "The database is not available right now."));
  const data = { tenantId: newId(), deliveryId: newId() };
  const worker = workerOf((jobs) => runBatch("webhook.handle", away, jobs));
  expect(await batchOf(worker, messages(2, { tries: 7, data }), timing).run()).toBe(false);
  expect(sqs.commandCalls(SendMessageCommand)).toEqual([]);
  expect(deleted()).toEqual([]);
  expect(shown().map(([receipt]) => receipt)).toEqual(["receipt-0", "receipt-1"]);
  expect(Math.min(...shown().map(([, seconds]) => Number(seconds)))).toBeGreaterThanOrEqual(60);
});

// Seen red with: the removal of what is done after putBack.
it("takes what is done out of its queue before the database has said anything to what failed", async () => {
  isSilent = true;
  onTestFinished(() => {
    isSilent = false;
  });
  const handle: BatchHandler = async (jobs) =>
    jobs.map(({ id }) => ({ id, status: id === "job-0" ? "completed" : "failed" }));
  const running = batchOf(workerOf(handle), messages(2), timing).run();
  await expect.poll(() => connected.size, { timeout: 2000 }).toBe(1);
  await expect.poll(deleted, { timeout: 2000 }).toEqual([["receipt-0"]]);
  isSilent = false;
  for (const socket of connected) socket.destroy();
  expect(await running).toBe(false);
  expect(shown().map(([receipt]) => receipt)).toEqual(["receipt-1"]);
});

// Seen red with: a job taken for buried although SQS did not take it.
it("keeps a job that cannot be put with the dead letters, and a job of which its handler said nothing", async () => {
  sqs.on(SendMessageCommand).rejects(new Error("away"));
  const handle: BatchHandler = async () => [{ id: "job-0", status: "deadletter", output: { reason: "payload" } }];
  await batchOf(workerOf(handle), messages(2), timing).run();
  expect(deleted()).toEqual([]);
  expect(shown().map(([receipt]) => receipt)).toEqual(["receipt-0", "receipt-1"]);
});

it("puts what is no job with the dead letters, under its group and with the reason", async () => {
  const handle = vi.fn(allDone);
  const odd = { ...messages(1)[0], Body: "not ours" };
  await batchOf(workerOf(handle), [odd], timing).run();
  expect(handle).not.toHaveBeenCalled();
  expect(sqs.commandCalls(SendMessageCommand)[0]?.args[0].input).toMatchObject({
    QueueUrl: at.dead,
    MessageBody: "not ours",
    MessageGroupId: "firm",
    MessageAttributes: { reason: { StringValue: "message" } },
  });
  expect(deleted()).toEqual([["receipt-0"]]);
});

// Seen red without: the signs of life; without: the end of them when the time of a try is over.
it("keeps its messages while a long job is alive, until the time of a try is over", async () => {
  vi.useFakeTimers();
  const gate = Promise.withResolvers<void>();
  const handle: BatchHandler = async (jobs) => {
    await gate.promise;
    return allDone(jobs);
  };
  const running = batchOf(workerOf(handle, 300_000), messages(1), timing).run();
  await vi.advanceTimersByTimeAsync(200_000);
  expect(shown()).toEqual(Array.from({ length: 10 }, () => ["receipt-0", 60]));
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(shown()).toHaveLength(14);
  gate.resolve();
  await running;
  await vi.advanceTimersByTimeAsync(600_000);
  expect(shown()).toHaveLength(14);
  expect(deleted()).toEqual([["receipt-0"]]);
});

// Seen red without: a pause after a batch that could not be put back.
it("takes ever less while what fails cannot be put back, and all again once it can", async () => {
  const received: number[] = [];
  sqs.on(ReceiveMessageCommand).callsFake(async () => {
    received.push(performance.now());
    await new Promise((resolve) => setTimeout(resolve, 10));
    return { Messages: messages(1) };
  });
  const handle: BatchHandler = async (jobs) =>
    jobs.map(({ id }) => ({ id, status: received.length < 3 ? "failed" : "completed" }));
  const source = await startSqsSource([workerOf(handle)], timing);
  await expect.poll(() => received.length, { timeout: 5000 }).toBeGreaterThan(5);
  await source.stop(1000);
  const gaps = received.slice(1).map((at, index) => Math.round(at - (received[index] ?? 0)));
  expect(gaps[0]).toBeGreaterThanOrEqual(500);
  expect(gaps[1]).toBeGreaterThanOrEqual(1000);
  expect(Math.max(...gaps.slice(2, 5))).toBeLessThan(400);
});

// Seen red with: no signs once the handler is done; one dead letter after the other; all given back.
it("keeps what is still on its way to the dead letters, and what is settled it does not give back", async () => {
  vi.useFakeTimers();
  const gate = Promise.withResolvers<object>();
  sqs.on(SendMessageCommand).callsFake(() => gate.promise);
  const handle: BatchHandler = async (jobs) =>
    jobs.map(({ id }) => ({ id, status: id === "job-0" ? "completed" : "failed" }));
  const batch = batchOf(workerOf(handle), messages(3, { tries: 7 }), timing);
  const running = batch.run();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(sqs.commandCalls(SendMessageCommand)).toHaveLength(2);
  const held = ["receipt-1", "receipt-2"];
  expect(shown()).toEqual(held.map((receipt) => [receipt, 60]));
  sqs.resetHistory();
  await batch.giveBack();
  expect(shown()).toEqual(held.map((receipt) => [receipt, 0]));
  gate.resolve({});
  await running;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(shown()).toHaveLength(2);
});

// Seen red without: the messages given back.
it("gives back at once what a stop did not wait for", async () => {
  const began = Promise.withResolvers<void>();
  sqs
    .on(ReceiveMessageCommand)
    .resolvesOnce({ Messages: messages(2) })
    .resolves({});
  const source = await startSqsSource(
    [
      workerOf(() => {
        began.resolve();
        return new Promise(() => undefined);
      }),
    ],
    timing,
  );
  await began.promise;
  await source.stop(10);
  expect(shown()).toEqual([
    ["receipt-0", 0],
    ["receipt-1", 0],
  ]);
  expect(sqs.commandCalls(ReceiveMessageCommand)).toHaveLength(1);
});

// Seen red with: a new id for each receive.
it("asks again when SQS refuses, under the same id, so that what a lost reply held is not hidden", async () => {
  const refused = Object.assign(new Error("slow down"), { name: "ThrottlingException" });
  const stop = Promise.withResolvers<void>();
  sqs
    .on(ReceiveMessageCommand)
    .rejectsOnce(refused)
    .resolvesOnce({ Messages: messages(1) })
    .callsFake(() => stop.promise.then(() => ({})));
  const done = Promise.withResolvers<void>();
  const source = await startSqsSource(
    [
      workerOf(async (jobs) => {
        done.resolve();
        return allDone(jobs);
      }),
    ],
    timing,
  );
  await done.promise;
  await expect.poll(() => sqs.commandCalls(ReceiveMessageCommand).length).toBe(3);
  const ids = sqs.commandCalls(ReceiveMessageCommand).map(({ args }) => args[0].input.ReceiveRequestAttemptId);
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[1]);
  stop.resolve();
  await source.stop(1000);
});

it("sends ten messages in a call at most, and no more than a mebibyte", () => {
  const small = Array.from({ length: 23 }, () => ({ MessageBody: "{}" }));
  expect(inCalls(small).map((call) => call.length)).toEqual([10, 10, 3]);
  const large = Array.from({ length: 5 }, () => ({ MessageBody: "x".repeat(400_000) }));
  // Seen red without: the bytes counted.
  expect(inCalls(large).map((call) => call.length)).toEqual([2, 2, 1]);
});

it("gives a firm as many groups as it may have batches under way, and a house job its own", () => {
  const groupsOf = (group: string | null, batchSize: number, perGroup?: number) =>
    new Set(
      Array.from({ length: 200 }, (_, index) => {
        const job = { id: `job-${index}`, jobId: "job", data: {}, group, requestId: null, tries: 0 };
        return messageOf(job, { batchSize, ...(perGroup === undefined ? {} : { perGroup }) }).MessageGroupId;
      }),
    );
  expect(groupsOf("firm", 1, 1)).toEqual(new Set(["firm"]));
  expect(groupsOf("firm", 1, 2).size).toBe(2);
  expect(groupsOf("firm", 50, 100).size).toBe(10);
  expect(groupsOf("firm", 1).size).toBe(200);
  expect(groupsOf(null, 1, 2).size).toBe(200);
});
