import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { request, until } from "@/tests/setup/http";
import { quantile } from "../../bench/figures";
import { type DatabaseUrls, withClient } from "../../bootstrap-database";
import type { Fault, Size, Verdict } from "../fault";
import type { House, HouseDatabase } from "../house";
import { postBatch } from "../web/batches";

/** Far more than the server has connections. */
const CLIENTS = 40;
const LOCK_MS: Record<Size, number> = { quick: 8_000, full: 20_000 };
const LIMIT_MS = 3_000;
/** A client that was told 503 waits as told, a moment less. */
const PAUSE_MS = 500;

export const poolExhausted: Fault = {
  name: "pool-exhausted",
  about: `Somebody holds an exclusive lock on the table of leads, and ${CLIENTS} clients ask for lists and change leads: each takes a connection and waits, until the pool of the server has none left. Counted are the replies to what was asked while the lock was held; then the lock is let go.`,
  invariant: "p99 of the replies at most 3 s, each a 503 with Retry-After; good replies after the lock is gone",
  play: async (house, size) => {
    const database = await house.database();
    return holdLock(house, database, database, LOCK_MS[size]);
  },
  control: {
    without: "the time limits for locks and statements",
    play: async (house, size) => {
      const database = await house.database();
      await withClient(database.adminUrl, (client) => client.query(DEAF));
      return holdLock(house, database, unlimited(database), LOCK_MS[size]);
    },
  },
};

/** Found before the one of Postgres, it sets everything but the limit that a transaction asks for. */
const DEAF = `
  CREATE FUNCTION public.set_config(name text, value text, is_local boolean) RETURNS text LANGUAGE sql AS
    $$ SELECT CASE WHEN name = 'lock_timeout' THEN value ELSE pg_catalog.set_config(name, value, is_local) END $$`;

/** What an address says of itself counts before what the pool asks for. */
function unlimited(database: DatabaseUrls): DatabaseUrls {
  const options = encodeURIComponent(
    "-c statement_timeout=0 -c lock_timeout=0 -c timezone=UTC -c search_path=public,pg_catalog",
  );
  return {
    ...database,
    appUrl: `${database.appUrl}?options=${options}`,
    platformUrl: `${database.platformUrl}?options=${options}`,
  };
}

async function holdLock(house: House, database: HouseDatabase, told: DatabaseUrls, lockMs: number): Promise<Verdict> {
  const app = await house.web(told);
  const headers = { "x-api-key": database.firm.key.text };
  const made = await postBatch(app.baseUrl, database.firm.key.text, "to-lock", 10);
  const { results } = made.json<{ results: { leadId: string }[] }>();
  const list = () => request(`${app.baseUrl}/api/leads?limit=10`, { headers, timeoutMs: 60_000 });
  const change = (client: number) =>
    request(`${app.baseUrl}/api/leads/status`, {
      headers,
      body: { leadId: results[client % results.length]?.leadId, to: "reviewed" },
      timeoutMs: 60_000,
    });
  if ((await list()).status !== 200) throw new Error("The list was not to be had before the lock.");

  const holder = new pg.Client({ connectionString: database.adminUrl });
  await holder.connect();
  house.afterwards(() => holder.end());
  await holder.query("BEGIN; LOCK TABLE lead IN ACCESS EXCLUSIVE MODE");
  let isHeld = true;
  const times: number[] = [];
  let [refused, others] = [0, 0];
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    while (isHeld) {
      const began = performance.now();
      const reply = await (client % 4 === 3 ? change(client) : list()).catch(() => null);
      const isWithin = isHeld;
      times.push(performance.now() - began);
      if (reply?.status === 503 && reply.headers["retry-after"]) refused++;
      // What was let go in time may still be done.
      else if (isWithin) others++;
      await sleep(PAUSE_MS);
    }
  });
  await sleep(lockMs);
  isHeld = false;
  await holder.query("ROLLBACK");
  await Promise.all(clients);
  const freed = performance.now();
  await until("the list is to be had again", async () => (await list()).status === 200, 60_000);
  const recoveryMs = Math.round(performance.now() - freed);
  const figures = {
    replies: times.length,
    refused,
    others,
    p50Ms: Math.round(quantile(times, 0.5)),
    p99Ms: Math.round(quantile(times, 0.99)),
    recoveryMs,
  };
  if (times.length < CLIENTS) throw new Error(`Too few replies: ${JSON.stringify(figures)}`);
  return { holds: figures.p99Ms <= LIMIT_MS && others === 0, figures };
}
