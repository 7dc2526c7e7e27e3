import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newId } from "@/lib/core/ids";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { runBatch } from "@/lib/jobs/run-batch";
import { because } from "@/lib/platform/cause";
import type { BatchHandler, JobTaken, JobWorker, Runner } from "@/lib/platform/job-source";
import { closeQueue, type JobToSend, sendJobs } from "@/lib/platform/queue";
import { readAllQueues } from "@/lib/platform/queue-health";
import { redriveQueue } from "@/scripts/arrestra/queue";
import { makeFirm, type TestFirm } from "../setup/firms";
import { packed } from "../setup/programs";
import { ATTEMPTS, DYING, postgres, QUEUE, sqs } from "./job-ways";

type Payload = { tenantId: string; deliveryId: string };
const payloadOf = (firm: TestFirm): Payload => ({ tenantId: firm.id, deliveryId: newId() });
const jobOf = (data: object, firm: TestFirm): JobToSend => ({ data, group: firm.id });
const send = (firm: TestFirm, ...payloads: object[]) => sendTo(QUEUE, firm, ...payloads);
const sendTo = (queue: string, firm: TestFirm, ...payloads: object[]) =>
  inTenant(firm.asService(), (tx) =>
    sendJobs(
      tx,
      queue,
      payloads.map((data) => jobOf(data, firm)),
    ),
  );

/** A handler of the house's kind, and what it was given in all. */
function handlerThat(work: (payload: Payload) => Promise<void> | void = () => undefined) {
  const done: string[] = [];
  const tries: string[] = [];
  const handle: BatchHandler = (jobs) =>
    runBatch(
      QUEUE,
      async (payloads) => {
        for (const payload of payloads) {
          tries.push(payload.deliveryId);
          await work(payload);
          done.push(payload.deliveryId);
        }
      },
      jobs,
    );
  return { handle, done, tries };
}

const inQueue = async () => (await readAllQueues([QUEUE], {})).filter(({ queue }) => queue === QUEUE);

function takeAndDie(name: string): { child: ChildProcess; taken: Promise<void> } {
  const child = spawn(process.execPath, [packed("tests/platform/dying-worker.ts"), name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const taken = new Promise<void>((resolve) =>
    child.stdout.on("data", (chunk) => {
      if (String(chunk).includes("taken")) resolve();
    }),
  );
  return { child, taken };
}

const workerOf = (handle: BatchHandler, more: Partial<JobWorker> = {}): JobWorker => ({
  queue: QUEUE,
  batchSize: 1,
  concurrency: 4,
  attempts: ATTEMPTS,
  timeoutMs: 60_000,
  handle,
  ...more,
});

describe.each([postgres, sqs])("jobs that are handed out by $name", (way) => {
  let firm: TestFirm;
  /** Dies with a job in its hands; slow to start, so it does while the others run. */
  let dying: { child: ChildProcess; taken: Promise<void>; data: Payload };
  const runners: Runner[] = [];
  const start = async (worker: JobWorker, backOffSeconds?: number) => {
    const runner = await way.start(worker, backOffSeconds);
    runners.push(runner);
    return {
      stop: async (timeoutMs: number) => {
        runners.splice(runners.indexOf(runner), 1);
        await runner.stop(timeoutMs);
      },
    };
  };
  const stopAll = async () => void (await Promise.all(runners.splice(0).map((runner) => runner.stop(2000))));
  beforeAll(async () => {
    await way.open();
    firm = await makeFirm();
    dying = { data: payloadOf(firm), ...takeAndDie(way.name) };
    await sendTo(DYING, firm, dying.data);
  });
  beforeEach(way.clear);
  afterAll(async () => {
    await stopAll();
    dying.child.kill("SIGKILL");
    await way.close();
  });

  describe("to one runner", () => {
    let current: BatchHandler;
    const work = (handle: BatchHandler) => {
      current = handle;
    };
    beforeAll(() => start(workerOf((jobs) => current(jobs), { perGroup: 2 })));
    afterAll(stopAll);

    it("are done when their transaction committed, and never when it rolled back", async () => {
      const [kept, lost, last] = [payloadOf(firm), payloadOf(firm), payloadOf(firm)];
      const { handle, done } = handlerThat();
      work(handle);
      await send(firm, kept);
      await expect(
        inTenant(firm.asService(), async (tx) => {
          await sendJobs(tx, QUEUE, [jobOf(lost, firm)]);
          throw new Error("rolled back");
        }),
      ).rejects.toThrow("rolled back");
      await send(firm, last);
      await expect.poll(() => done.toSorted()).toEqual([kept, last].map((each) => each.deliveryId).toSorted());
    });

    // Seen red without: the cause in sendJobs; includeMetadata of the runner of Postgres.
    it("bring the id of the request that set them off, when there was one, and the attempt", async () => {
      const taken: JobTaken[] = [];
      work(async (jobs) => {
        taken.push(...jobs);
        return jobs.map(({ id, attempt }) => ({
          id,
          status: attempt === 1 ? ("failed" as const) : ("completed" as const),
        }));
      });
      const requestId = newId();
      const data = payloadOf(firm);
      await because({ requestId }, () => send(firm, data));
      await expect.poll(() => taken.length).toBe(2);
      expect(taken).toEqual([1, 2].map((attempt) => ({ id: taken[0]?.id, data, attempt, requestId })));
      await send(firm, data);
      await expect.poll(() => taken.length).toBeGreaterThan(2);
      expect(taken[2]).not.toHaveProperty("requestId");
    });

    it("that are poisoned are tried as often as they may and land with the dead letters, while the others flow", async () => {
      const poison = payloadOf(firm);
      const others = Array.from({ length: 8 }, () => payloadOf(firm));
      const { handle, done, tries } = handlerThat((payload) => {
        if (payload.deliveryId === poison.deliveryId) throw new TypeError("poison");
      });
      work(handle);
      await send(firm, poison, ...others);
      await expect.poll(way.dead).toEqual([{ data: poison, reason: null }]);
      await expect.poll(() => done.toSorted()).toEqual(others.map((each) => each.deliveryId).toSorted());
      expect(tries.filter((id) => id === poison.deliveryId)).toHaveLength(ATTEMPTS);
      const dead = (await readAllQueues([QUEUE], {})).find(({ queue }) => queue === `${QUEUE}.dead`);
      expect(dead).toMatchObject({ waiting: 1 });
    });

    // Seen red without: the outcome deadletter told from a failure.
    it("that no retry can mend are with the dead letters at once, with the reason", async () => {
      const { handle, tries } = handlerThat();
      work(handle);
      const wrong = { tenantId: "nobody" };
      await send(firm, wrong);
      await expect.poll(way.dead).toEqual([{ data: wrong, reason: "payload" }]);
      expect(tries).toEqual([]);
    });

    // Seen red with: one group for all firms; without groupConcurrency.
    it("of one firm that floods do not hold up another firm's", async () => {
      const other = await makeFirm();
      const [gate, flooded] = [Promise.withResolvers<void>(), [] as string[]];
      const { handle, done } = handlerThat(async ({ tenantId, deliveryId }) => {
        if (tenantId !== firm.id) return;
        flooded.push(deliveryId);
        await gate.promise;
      });
      work(handle);
      await send(firm, ...Array.from({ length: 12 }, () => payloadOf(firm)));
      await expect.poll(() => flooded.length).toBeGreaterThan(0);
      const one = payloadOf(other);
      await send(other, one);
      await expect.poll(() => done).toEqual([one.deliveryId]);
      expect(flooded.length).toBeLessThanOrEqual(2);
      gate.resolve();
      await expect.poll(() => done.length).toBe(13);
    });

    // Seen red with: the job's own id for SQS to know a redriven one by; the tries of a dead letter handed on.
    it("that are dead are jobs again by a redrive, with all their tries, and are done", async () => {
      const data = payloadOf(firm);
      const requestId = newId();
      let isMended = false;
      const requests = new Set<string | undefined>();
      const attempts: number[] = [];
      const { handle, done } = handlerThat(() => {
        if (!isMended) throw new TypeError("not yet");
      });
      work((jobs) => {
        for (const { requestId, attempt } of jobs) {
          requests.add(requestId);
          attempts.push(attempt);
        }
        return handle(jobs);
      });
      await because({ requestId }, () => send(firm, data));
      await expect.poll(async () => (await way.dead()).length).toBe(1);
      isMended = true;
      const said: string[] = [];
      expect(await redriveQueue([QUEUE], (line) => said.push(line))).toBe(0);
      expect(said[0]).toBe(`${QUEUE}: 1 dead letters were requeued; 0 are left.`);
      await expect.poll(() => done).toEqual([data.deliveryId]);
      expect(await way.dead()).toEqual([]);
      expect([...requests]).toEqual([requestId]);
      expect(attempts).toEqual([1, ATTEMPTS, 1]);
    });

    it("for later wait until then", async () => {
      const [later, now] = [payloadOf(firm), payloadOf(firm)];
      const { handle, done } = handlerThat();
      work(handle);
      const startAfter = new Date(Date.now() + 1000);
      let doneAt = 0;
      await inTenant(firm.asService(), (tx) => sendJobs(tx, QUEUE, [{ ...jobOf(later, firm), startAfter }]));
      await send(firm, now);
      await expect.poll(() => done).toEqual([now.deliveryId]);
      await expect
        .poll(() => {
          doneAt = Date.now();
          return done.length;
        })
        .toBe(2);
      expect(doneAt).toBeGreaterThanOrEqual(startAfter.getTime());
    });
  });

  describe("to runners that come and go", () => {
    afterEach(stopAll);

    // Seen red with: nothing deleted of a batch in which one failed.
    it("are tried again alone when they failed in a batch", async () => {
      const [firms, taken] = [[firm, await makeFirm(), await makeFirm()], [] as JobTaken[]];
      const payloads = firms.map(payloadOf);
      for (const [index, each] of firms.entries()) await send(each, payloads[index] ?? {});
      await start(
        workerOf(
          async (jobs) => {
            taken.push(...jobs);
            return jobs.map(({ id, data, attempt }) => {
              const isBad = (data as Payload).tenantId === firm.id && attempt === 1;
              return { id, status: isBad ? "failed" : "completed" };
            });
          },
          { batchSize: 10 },
        ),
      );
      await expect.poll(() => taken.length).toBe(4);
      const tries = payloads.map(({ tenantId }) => taken.filter(({ data }) => (data as Payload).tenantId === tenantId));
      expect(tries.map((each) => each.length)).toEqual([2, 1, 1]);
      await expect.poll(inQueue).toEqual([]);
    });

    // Seen red with: a stop that does not wait.
    it("under way are finished by a stop, and those that wait are left to others", async () => {
      const [first, second] = [payloadOf(firm), payloadOf(firm)];
      const [began, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const one = handlerThat(async () => {
        began.resolve();
        await gate.promise;
      });
      const runner = await start(workerOf(one.handle, { concurrency: 1, perGroup: 1 }));
      await send(firm, first);
      await began.promise;
      await send(firm, second);
      // The job takes longer than a stop that does not wait for it.
      setTimeout(gate.resolve, 300);
      await runner.stop(10_000);
      expect(one.done).toEqual([first.deliveryId]);
      const other = handlerThat();
      await start(workerOf(other.handle));
      await expect.poll(() => other.done).toEqual([second.deliveryId]);
    });

    // Seen red with: a message shown again after its back-off instead of put back.
    it("of a firm with one at a time are not held up by one that failed and waits for its next try", async () => {
      const poison = payloadOf(firm);
      const others = [payloadOf(firm), payloadOf(firm)];
      const { handle, done, tries } = handlerThat(({ deliveryId }) => {
        if (deliveryId === poison.deliveryId) throw new TypeError("poison");
      });
      const runner = await start(workerOf(handle, { perGroup: 1 }), 60);
      await send(firm, poison);
      await expect.poll(() => tries).toEqual([poison.deliveryId]);
      await send(firm, ...others);
      await expect.poll(() => done.toSorted()).toEqual(others.map((each) => each.deliveryId).toSorted());
      await runner.stop(2000);
      expect(tries.filter((id) => id === poison.deliveryId)).toHaveLength(1);
      expect(await inQueue()).toMatchObject([{ waiting: 1, active: 0 }]);
    });

    // Seen red with: tries counted by how often SQS handed the message out.
    it("lose no try by a stop before they began", async () => {
      const attempts: number[] = [];
      const handle: BatchHandler = async (jobs) => {
        attempts.push(...jobs.map(({ attempt }) => attempt));
        return jobs.map(({ id, attempt }) => ({ id, status: attempt < ATTEMPTS ? "failed" : "completed" }));
      };
      const runner = await start(workerOf(handle));
      const stopping = runner.stop(5000);
      // Comes to a poll that is still under way.
      await send(firm, payloadOf(firm));
      await stopping;
      await start(workerOf(handle));
      await expect.poll(() => attempts).toEqual([1, ATTEMPTS]);
      await stopAll();
      expect(await way.dead()).toEqual([]);
    });

    // Seen red with: the message deleted when it was received.
    it("of a worker that dies are done by another", async () => {
      await dying.taken;
      dying.child.kill("SIGKILL");
      if (dying.child.exitCode === null && dying.child.signalCode === null) await once(dying.child, "exit");
      await way.passTime();
      const { handle, done } = handlerThat();
      await start(workerOf(handle, { queue: DYING }));
      await expect.poll(() => done).toEqual([dying.data.deliveryId]);
    });
  });
});

afterAll(closeQueue);
