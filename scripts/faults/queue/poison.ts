import { inTenant } from "@/lib/domain/context/in-tenant";
import { sendJobs } from "@/lib/platform/queue";
import type { TestProcess } from "@/tests/setup/app";
import { asOwner, type TestFirm } from "@/tests/setup/firms";
import { until } from "@/tests/setup/http";
import { quantile } from "../../bench/figures";
import { withClient } from "../../bootstrap-database";
import type { Fault, Size, Verdict } from "../fault";
import type { House, HouseDatabase } from "../house";
import { careless } from "../worker/careless";
import { letAnHourPass, untilQuiet } from "../worker/pass-time";
import { askForLookups } from "../worker/work";

const TURNS: Record<Size, number> = { quick: 2, full: 8 };
const CONTROL_TURNS = 2;
const HEALTHY_EACH = 100;
/** In the middle of a hundred healthy jobs. */
const POISON_AT = 50;
const MOST_RATIO = 1.5;
const ATTEMPTS = 5;
const DEADLINE_MS = 150_000;

/** The database refuses that a look-up of certain leads is taken, whoever tries: what is wrong with it does not get better. */
const REFUSAL = `
  CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    IF EXISTS (SELECT FROM public.enrichment e JOIN public.lead l ON l.tenant_id = e.tenant_id AND l.id = e.lead_id
               WHERE e.tenant_id = NEW.tenant_id AND e.id = NEW.enrichment_id AND l.source_id LIKE 'poison-%')
    THEN RAISE EXCEPTION 'poison'; END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER refuse_poison BEFORE INSERT ON vendor_lease FOR EACH ROW EXECUTE FUNCTION refuse_poison();`;

type Parts = { database: HouseDatabase; start: () => Promise<TestProcess> };

/** Turns with poison and without, one after the other, and how long healthy jobs took from being asked for to being stored. */
async function playTurns({ database, start }: Parts, turns: number) {
  const { firm } = database;
  await withClient(database.adminUrl, (client) => client.query(REFUSAL));
  await start();
  const took = { clean: [] as number[], poisoned: [] as number[] };
  let dead = 0;
  await turnOf(database, false);
  for (let turn = 0; turn < turns; turn += 1)
    for (const side of turn % 2 === 0 ? (["clean", "poisoned"] as const) : (["poisoned", "clean"] as const)) {
      took[side].push(...(await turnOf(database, side === "poisoned")));
      // What is tried again would be in a clean turn.
      if (side === "poisoned") dead = await untilDead(database, 2 * (turn + 1));
    }
  const [clean, poisoned] = [quantile(took.clean, 0.99), quantile(took.poisoned, 0.99)];
  return {
    healthy: took.clean.length + took.poisoned.length,
    poison: 2 * turns,
    dead,
    mostTries: await mostTries(firm),
    cleanP99Ms: clean,
    poisonedP99Ms: poisoned,
    ratio: poisoned / clean,
  };
}

/** One turn: jobs that come in one after the other. Gives the milliseconds that each healthy one took. */
async function turnOf({ firm }: HouseDatabase, isPoisoned: boolean): Promise<number[]> {
  const since = new Date();
  for (let index = 0; index < HEALTHY_EACH; index += 1) {
    if (isPoisoned && index === POISON_AT) await askForPoison(firm);
    await askForLookups(firm, 1);
  }
  const took = () => healthySince(firm, since);
  await until("all healthy jobs are done", async () => (await took()).length === HEALTHY_EACH, DEADLINE_MS);
  return took();
}

/** One job that the database refuses, and one whose payload is none, past the typed door. */
async function askForPoison(firm: TestFirm): Promise<void> {
  await askForLookups(firm, 1, "poison");
  const none = [{ data: { tenantId: "nobody" } }];
  await inTenant(firm.asService(), (tx) => sendJobs(tx, "enrichment.lookup", none));
}

const healthySince = (firm: TestFirm, since: Date): Promise<number[]> =>
  asOwner(firm.id, async (client) => {
    const { rows } = await client.query<{ ms: number }>(
      `SELECT (extract(epoch FROM v.occurred_at - e.requested_at) * 1000)::int AS ms FROM enrichment e
       JOIN event v ON v.type = 'lead.enriched' AND v.data->>'enrichmentId' = e.id::text WHERE e.requested_at >= $1`,
      [since],
    );
    return rows.map(({ ms }) => ms);
  });

/** Poison is tried again ever later; hours pass until it is where it belongs. */
async function untilDead(database: HouseDatabase, wanted: number): Promise<number> {
  const count = () => withClient(database.adminUrl, async (client) => (await client.query(DEAD)).rowCount ?? 0);
  for (let hour = 0; hour < 2 * ATTEMPTS && (await count()) < wanted; hour += 1) {
    await letAnHourPass(database);
    await untilQuiet(database);
  }
  return count();
}

const DEAD = "SELECT 1 FROM pgboss.job WHERE name = 'enrichment.lookup.dead'";

const mostTries = (firm: TestFirm): Promise<number> =>
  asOwner(firm.id, async (client) => {
    const { rows } = await client.query<{ tries: number }>(
      "SELECT coalesce(max(retry_count) + 1, 0)::int AS tries FROM pgboss.job WHERE name = 'enrichment.lookup' AND state = 'failed'",
    );
    return rows[0]?.tries ?? 0;
  });

async function play(house: House, size: Size): Promise<Verdict> {
  const [database, sandbox] = [await house.database(), await house.sandbox()];
  const start = () => house.worker(database, { sandboxUrl: sandbox.url });
  const figures = await playTurns({ database, start }, TURNS[size]);
  const holds = figures.ratio < MOST_RATIO && figures.dead === figures.poison && figures.mostTries === ATTEMPTS;
  return { holds, figures };
}

async function playWithout(house: House): Promise<Verdict> {
  const [database, sandbox] = [await house.database(), await house.sandbox()];
  const start = () => careless(house, database, sandbox.url, "whole");
  const figures = await playTurns({ database, start }, CONTROL_TURNS);
  return { holds: figures.ratio < MOST_RATIO, figures };
}

export const poison: Fault = {
  name: "poison",
  about:
    "Look-ups come in one after the other, in turns with poison and without. Poison is a job that the database refuses to have taken, so that its whole batch fails with it, and one whose payload is none. A job takes from when it is asked for to when its answer is stored; after each turn with poison hours pass until it is given up.",
  invariant: `poison is with the dead letters after ${ATTEMPTS} tries (at once when its payload is none), and the p99 of healthy jobs stays below ${MOST_RATIO} times of that without poison`,
  play,
  control: { without: "the parts in which a batch is done that cannot be done whole", play: playWithout },
  limitSeconds: { quick: 400, full: 1500 },
};
