import { Client } from "pg";
import { JOBS } from "@/lib/contracts/jobs";
import { makeFirm } from "@/tests/setup/firms";
import { until } from "@/tests/setup/http";
import type { Fault, Size, Verdict } from "../fault";
import type { House, HouseDatabase } from "../house";
import { untilEmpty } from "../worker/pass-time";
import { storeUnclaimed } from "../worker/store-unclaimed";
import { askForLookups, lookupEffects, sumOf } from "../worker/work";

const WORKERS = 8;
/** A firm may have ten look-ups under way, so the jobs are those of several. */
const FIRMS = 8;
const JOBS_EACH: Record<Size, number> = { quick: 25, full: 250 };
const DEADLINE_MS = 240_000;

type Firms = HouseDatabase["firm"][];
async function makeFirms(): Promise<Firms> {
  const firms: Firms = [];
  while (firms.length < FIRMS) firms.push(await makeFirm());
  return firms;
}
const effectsOf = async (firms: Firms) => sumOf(await Promise.all(firms.map((firm) => lookupEffects(firm))));

async function play(house: House, size: Size): Promise<Verdict> {
  const [database, sandbox] = [await house.database(), await house.sandbox()];
  const firms = await makeFirms();
  // One after the other: a machine with two cores is minutes about eight that start at once.
  for (let count = 0; count < WORKERS; count += 1) await house.worker(database, { sandboxUrl: sandbox.url });
  const began = performance.now();
  for (const firm of firms) await askForLookups(firm, JOBS_EACH[size]);
  await until("all look-ups are made", async () => (await effectsOf(firms)).lost === 0, DEADLINE_MS).catch(() => false);
  const seconds = (performance.now() - began) / 1000;
  // A job that two have taken may be done by the second of them long after the first.
  await untilEmpty(database);
  const { asked, lost, double } = await effectsOf(firms);
  const calls = sandbox.log.totals("twilio").requests;
  return {
    holds: lost === 0 && double === 0,
    figures: { workers: WORKERS, jobs: asked, lost, double, callsTooMany: calls - asked, seconds },
  };
}

/** Takers that look for what waits, do it, and then say that it is done: each sees what the others are about. */
async function playWithout(house: House): Promise<Verdict> {
  const database = await house.database();
  const firms = await makeFirms();
  for (const firm of firms) await askForLookups(firm, JOBS_EACH.quick);
  await Promise.all(Array.from({ length: WORKERS }, () => takeAll(database)));
  const { asked, lost, double } = await effectsOf(firms);
  return { holds: lost === 0 && double === 0, figures: { workers: WORKERS, jobs: asked, lost, double } };
}

async function takeAll({ appUrl }: HouseDatabase): Promise<void> {
  const client = new Client({ connectionString: appUrl });
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query<{ id: string; data: unknown }>(
        "SELECT id, data FROM pgboss.job WHERE name = 'enrichment.lookup' AND state = 'created' ORDER BY created_on LIMIT 10",
      );
      if (rows.length === 0) return;
      for (const { data } of rows)
        await storeUnclaimed(JOBS["enrichment.lookup"].payload.parse(data), { asksFirst: false });
      await client.query(
        "UPDATE pgboss.job SET state = 'completed', completed_on = now() WHERE name = 'enrichment.lookup' AND id = ANY($1::uuid[])",
        [rows.map(({ id }) => id)],
      );
    }
  } finally {
    await client.end();
  }
}

export const workersRace: Fault = {
  name: "workers-race",
  about:
    "Eight workers take the look-ups of eight firms at the same time, until none is left. Counted are the events that they record; calls to the stand-in of Twilio beyond one for each job are told as well.",
  invariant: "every job has its effect (lost 0), once (double 0)",
  play,
  control: { without: "the lock and the claim with which a job is taken", play: playWithout },
  limitSeconds: { quick: 400, full: 1500 },
};
