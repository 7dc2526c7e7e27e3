import { setTimeout as sleep } from "node:timers/promises";
import { sha256 } from "@/lib/core/secret";
import { RATE_LIMITS } from "@/lib/platform/rate-table";
import { makeFirm, type TestFirm } from "@/tests/setup/firms";
import { request, until } from "@/tests/setup/http";
import { quantile } from "../../bench/figures";
import { withClient } from "../../bootstrap-database";
import type { Fault, Figures, Size } from "../fault";
import type { House, HouseDatabase } from "../house";
import { FLOOD } from "./batch-of";
import { postBatch } from "./batches";
import { jobAges, QUIET_PHONES, queueLookups } from "./flood-jobs";

const QUIET_FIRMS = 3;
const QUIET_PAUSE_MS = 30;
/** What the flooding firm may ask, and how much more it asks. */
const QUOTA_PER_SECOND = 2;
const TIMES_QUOTA = 50;
/** Not counted: the flood gets going. */
const BEGIN_MS = 1_000;
const WINDOW_MS: Record<Size, number> = { quick: 3_000, full: 5_000 };
const WINDOWS: Record<Size, number> = { quick: 2, full: 8 };
const JOBS = 1_500;
const ANSWER_MS = 300;
const RATIO_LIMIT = 1.5;
const AGE_LIMIT_S = 30;

export const flood: Fault = {
  name: "flood",
  about: `One firm may ask ${QUOTA_PER_SECOND} times a second (so much of its minute is left for each window) and posts batches of ${FLOOD.leads} leads at ${TIMES_QUOTA} times that pace (what would be more than ${FLOOD.atOnce} requests at once is held back and counted), in turns with windows in which it is silent; ${QUIET_FIRMS} others read their lists all the time, and their p99 beside the flood is held against that of the silent windows. Before, it had ${JOBS.toLocaleString("en-US")} numbers looked up at once, each answered after ${ANSWER_MS} ms, with some of the others' behind them: how long those waited is the age of their jobs. It does not show what a firm does to others that uses a large quota up at once: its batches are done two at a time, and take processor time as any request does.`,
  invariant:
    "the p99 of the other firms at most 1.5 times what it is alone; the p99 of the age of their jobs at most 30 s",
  limitSeconds: { quick: 300 },
  play: async (house, size) => {
    const { figures, isServed, isDoneInTime } = await playFlood(house, size, true);
    return { figures, holds: isServed && isDoneInTime };
  },
  control: {
    without:
      "both limits: a quota that holds the whole flood, and workers that take jobs as they come, whoever's they are",
    play: async (house, size) => {
      const { figures, isServed, isDoneInTime } = await playFlood(house, size, false);
      // Each limit has to be missed.
      return { figures, holds: isServed || isDoneInTime };
    },
  },
};

type Played = { figures: Figures; isServed: boolean; isDoneInTime: boolean };

async function playFlood(house: House, size: Size, isLimited: boolean): Promise<Played> {
  const database = await house.database();
  const sandbox = await house.sandbox();
  const quiet: TestFirm[] = [];
  while (quiet.length < QUIET_FIRMS) quiet.push(await makeFirm());
  const app = await house.web(database, { sandboxUrl: sandbox.url });
  for (const firm of quiet) await postBatch(app.baseUrl, firm.key.text, "first", 50);
  const ages = await playJobs(house, database, { sandbox, quiet, count: JOBS, isLimited });
  const { alone, beside, ...counts } = await playRequests(house, app.baseUrl, database, quiet, size, isLimited);
  const [aloneP99Ms, besideP99Ms] = [quantile(alone, 0.99), quantile(beside, 0.99)];
  const figures = {
    ...counts,
    aloneP99Ms: Math.round(aloneP99Ms),
    besideP99Ms: Math.round(besideP99Ms),
    ratio: besideP99Ms / aloneP99Ms,
    jobs: ages.length,
    jobAgeP99S: quantile(ages, 0.99),
  };
  const isServed = figures.ratio <= RATIO_LIMIT && counts.quietRefused === 0;
  return { figures, isServed, isDoneInTime: figures.jobAgeP99S <= AGE_LIMIT_S };
}

type Jobs = {
  sandbox: import("@/sandbox/server").Sandbox;
  quiet: readonly TestFirm[];
  count: number;
  isLimited: boolean;
};

async function playJobs(house: House, database: HouseDatabase, jobs: Jobs): Promise<number[]> {
  const { sandbox, quiet, count, isLimited } = jobs;
  // Answers take a moment, as they do of a real service: whoever waits behind all of them waits long.
  sandbox.twilio.faults.add({ kind: "slow", delayMs: ANSWER_MS });
  await queueLookups(database.firm, count);
  for (const firm of quiet) await queueLookups(firm, QUIET_PHONES);
  const worker = isLimited
    ? await house.worker(database, { sandboxUrl: sandbox.url })
    : house.script("scripts/faults/web/greedy-worker.ts", database, { sandboxUrl: sandbox.url });
  const ages = await jobAges(quiet, (line) => house.say(line));
  await worker.kill9();
  sandbox.twilio.faults.clear();
  return ages;
}

/** What a window of flood came to (flood-client.ts). */
export type Flooded = { asked: number; heldBack: number; taken: number; refused: number; others: number };

async function playRequests(
  house: House,
  baseUrl: string,
  database: HouseDatabase,
  quiet: readonly TestFirm[],
  size: Size,
  isLimited: boolean,
) {
  const { firm, adminUrl } = database;
  const times = { alone: [] as number[], beside: [] as number[] };
  let window: keyof typeof times | null = null;
  let [isOn, quietRefused] = [true, 0];
  const readers = quiet.map(async ({ key }) => {
    while (isOn) {
      const [began, at] = [performance.now(), window];
      const reply = await request(`${baseUrl}/api/leads?limit=10`, { headers: { "x-api-key": key.text } });
      if (reply.status !== 200) quietRefused++;
      // A request that ran from one window into the next is of neither.
      if (at && at === window) times[at].push(performance.now() - began);
      await sleep(QUIET_PAUSE_MS);
    }
  });
  const flood: Flooded = { asked: 0, heldBack: 0, taken: 0, refused: 0, others: 0 };
  await sleep(1_000);
  for (let turn = 0; turn < WINDOWS[size]; turn++) {
    window = "alone";
    await sleep(WINDOW_MS[size]);
    window = null;
    const lastsMs = BEGIN_MS + WINDOW_MS[size];
    if (isLimited) await leaveOnly(QUOTA_PER_SECOND * (lastsMs / 1000), adminUrl, firm);
    const args = [baseUrl, firm.key.text, QUOTA_PER_SECOND * TIMES_QUOTA, lastsMs, `flood-${turn}`].map(String);
    const client = house.script("scripts/faults/web/flood-client.ts", database, { args });
    await until("the flood begins", () => client.logs().includes("flooding"));
    await sleep(BEGIN_MS);
    window = "beside";
    await until("the flood is over", () => client.logs().includes("over"));
    window = null;
    if ((await client.ended) !== 0) throw new Error(`The flood failed: ${client.logs().slice(-500)}`);
    const came = JSON.parse(client.logs().trim().split("\n").at(-1) ?? "") as Flooded;
    for (const name of ["asked", "heldBack", "taken", "refused", "others"] as const) flood[name] += came[name];
  }
  isOn = false;
  await Promise.all(readers);
  if (flood.taken + flood.refused === 0) throw new Error(`The flood was not understood: ${JSON.stringify(flood)}`);
  const { asked, heldBack, taken, refused, others } = flood;
  return {
    ...times,
    floodAsked: asked,
    floodHeldBack: heldBack,
    floodTaken: taken,
    floodRefused: refused,
    floodOtherReplies: others,
    quietRefused,
  };
}

/** As if the firm had asked so much in this minute already that only so many requests are left. */
async function leaveOnly(left: number, adminUrl: string, firm: TestFirm): Promise<void> {
  const { points } = RATE_LIMITS["api.key"];
  await withClient(adminUrl, (client) =>
    client.query(
      `INSERT INTO rate_limit (key, points, expire) VALUES ($1, $2, (extract(epoch FROM now()) * 1000)::bigint + 60000)
       ON CONFLICT (key) DO UPDATE SET points = EXCLUDED.points, expire = EXCLUDED.expire`,
      [`api.key:${sha256(firm.key.id)}`, points - left],
    ),
  );
}
