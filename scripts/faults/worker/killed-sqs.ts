import { setTimeout as sleep } from "node:timers/promises";
import { SQS } from "@aws-sdk/client-sqs";
import { startFauxqs } from "fauxqs";
import { JOBS } from "@/lib/contracts/jobs";
import { addressesOf, WAIT_SECONDS } from "@/lib/platform/sqs-client";
import type { TestProcess } from "@/tests/setup/app";
import { makeFirm, type TestFirm } from "@/tests/setup/firms";
import { until } from "@/tests/setup/http";
import type { Fault, Size, Verdict } from "../fault";
import type { House, HouseDatabase } from "../house";
import { chance } from "../queue/machines";
import { careless } from "./careless";
import { letAnHourPass } from "./pass-time";
import { askForLookups, lookupEffects, sumOf } from "./work";

const KILLS: Record<Size, number> = { quick: 3, full: 8 };
const CONTROL_KILLS = 3;
const LOOKUPS_EACH = 12;
const CALL_MS = 200;
/** SQS gives what a dead worker held to another after a minute, and its time cannot be moved: a message may be held by one dead worker after another. */
const HEALED_MS = 200_000;

/** A server that speaks the protocol of SQS, with our queues: what a worker has to be told of it, and how many look-ups lie there, handed out or not. */
async function startSqs(house: House): Promise<{ env: Record<string, string>; waiting: () => Promise<number> }> {
  const server = await startFauxqs({ port: 0, logger: false });
  house.afterwards(() => server.stop());
  for (const type of Object.keys(JOBS))
    for (const address of Object.values(addressesOf("arrestra-", type)))
      server.createQueue(address, { attributes: { FifoQueue: "true" } });
  const [region, prefix] = ["us-east-1", `${server.address}/000000000000/arrestra-`];
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "not-a-key" };
  const client = new SQS({ endpoint: server.address, region, credentials });
  house.afterwards(async () => client.destroy());
  return {
    env: {
      QUEUE: "sqs",
      SQS_URL_PREFIX: prefix,
      AWS_ENDPOINT_URL_SQS: server.address,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    waiting: async () => {
      const { Attributes = {} } = await client.getQueueAttributes({
        QueueUrl: addressesOf(prefix, "enrichment.lookup").jobs,
        AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
      });
      return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
    },
  };
}

type Start = (database: HouseDatabase, sandboxUrl: string, env: Record<string, string>) => Promise<TestProcess>;

async function playKills(house: House, kills: number, start: Start, waitMs: number): Promise<Verdict> {
  const [database, sandbox] = [await house.database(), await house.sandbox()];
  const { env, waiting } = await startSqs(house);
  const random = chance(kills);
  const firms: TestFirm[] = [];
  const effects = async () => sumOf(await Promise.all(firms.map((firm) => lookupEffects(firm))));
  sandbox.twilio.faults.add({ kind: "slow", delayMs: CALL_MS });
  for (let kill = 0; kill < kills; kill += 1) {
    // What a dead worker held keeps the other jobs of its firm waiting for a minute: each turn has a firm of its own.
    const firm = await makeFirm();
    firms.push(firm);
    await askForLookups(firm, LOOKUPS_EACH);
    const worker = await start(database, sandbox.url, env);
    const had = sandbox.log.totals("twilio").requests;
    await until("it asks", () => sandbox.log.totals("twilio").requests > had + 1);
    await sleep(random() * CALL_MS * 2);
    await worker.kill9();
    // The server does not see that whoever asks is dead, and hands the next jobs to its last polls: they would be held for a minute more, by nobody.
    await sleep(WAIT_SECONDS * 1000);
  }
  sandbox.twilio.faults.clear();
  const before = await effects();
  await letAnHourPass(database);
  const worker = await start(database, sandbox.url, env);
  await until("all is done", async () => (await effects()).lost === 0, waitMs).catch(() => undefined);
  // What dead workers held comes back, and must not come about once more.
  await until("the queue is empty", async () => (await waiting()) === 0, waitMs);
  await worker.stop();
  const { asked, lost, double } = await effects();
  return {
    holds: lost === 0 && double === 0,
    figures: { kills, jobs: asked, leftOpenByKills: before.lost, lost, double },
  };
}

export const workerKilledSqs: Fault = {
  name: "worker-killed-sqs",
  about:
    "The same kills with QUEUE=sqs: the jobs go by way of a server on this machine that speaks the protocol of SQS. What a dead worker held comes back by itself when its minute is over; no schedule looks for it.",
  invariant: "every job has its effect (lost 0), once (double 0)",
  play: (house, size) =>
    playKills(
      house,
      KILLS[size],
      (database, sandboxUrl, env) => house.worker(database, { sandboxUrl, env }),
      HEALED_MS,
    ),
  control: {
    without: "the order of things: the worker says that a job is done, and its message is deleted, before it does it",
    play: (house) =>
      playKills(
        house,
        CONTROL_KILLS,
        (database, sandboxUrl, env) => careless(house, database, sandboxUrl, "early", env),
        75_000,
      ),
  },
  limitSeconds: { quick: 600, full: 900 },
};
