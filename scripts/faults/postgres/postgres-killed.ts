import { setTimeout as sleep } from "node:timers/promises";
import { request, until } from "@/tests/setup/http";
import { withClient } from "../../bootstrap-database";
import type { Fault, Size, Verdict } from "../fault";
import type { House, HouseDatabase } from "../house";
import { judgeBatches, postBatch, storedBatches } from "../web/batches";

const BATCH = 10;
const ROUNDS: Record<Size, number> = { quick: 2, full: 10 };
const SENDERS = 3;
const READERS = 2;
/** How long Postgres stays away, and how long it is there before the next round. */
const AWAY_MS = 700;
const BACK_MS = 1_500;
const RECOVERY_LIMIT_MS = 10_000;
/** What did not come through is asked again after this, by clients that know no better. */
const PAUSE_MS = 50;

export const postgresKilled: Fault = {
  name: "postgres-killed",
  about: `${SENDERS} clients post batches of ${BATCH} leads, sent again under their idempotency key until they are acknowledged, and ${READERS} read the list, while every process of Postgres gets SIGKILL and is started again, in turns with a fast restart. The web server stays as it is. Recovery is the time from when Postgres takes connections until each client has had a good reply.`,
  invariant: "what was acknowledged is stored; meanwhile only 503 with Retry-After; good replies within 10 s",
  play: async (house, size) => playRounds(house, await house.database(), ROUNDS[size]),
  control: {
    without:
      "the wait for the disk before a commit is acknowledged (`synchronous_commit = off`, with ten seconds between writes of the log)",
    play: async (house, size) => {
      const database = await house.database();
      await withClient(database.adminUrl, async (client) => {
        await client.query(`ALTER DATABASE ${database.name} SET synchronous_commit = off`);
        await client.query("ALTER SYSTEM SET wal_writer_delay = '10s'");
        await client.query("SELECT pg_reload_conf()");
      });
      house.afterwards(() =>
        withClient(house.postgres.adminUrl(), async (client) => {
          await client.query("ALTER SYSTEM RESET wal_writer_delay");
          await client.query("SELECT pg_reload_conf()");
        }),
      );
      return playRounds(house, database, ROUNDS[size]);
    },
  },
};

async function playRounds(house: House, database: HouseDatabase, rounds: number): Promise<Verdict> {
  const { postgres } = house;
  const app = await house.web(database);
  const { firm } = database;
  const acknowledged = new Set<string>();
  const strange: string[] = [];
  let [refused, isOn] = [0, true];
  /** When each client last had a good reply. */
  const goodAt: number[] = Array.from({ length: SENDERS + READERS }, () => 0);

  async function tell(client: number, ask: () => ReturnType<typeof request>): Promise<boolean> {
    const reply = await ask().catch((error: Error) => error);
    if (!(reply instanceof Error) && reply.status === 200) {
      goodAt[client] = performance.now();
      return true;
    }
    if (!(reply instanceof Error) && reply.status === 503 && reply.headers["retry-after"]) refused++;
    else strange.push(reply instanceof Error ? reply.message : `${reply.status} ${reply.text.slice(0, 200)}`);
    await sleep(PAUSE_MS);
    return false;
  }
  const senders = Array.from({ length: SENDERS }, async (_, sender) => {
    for (let i = 0; isOn; i++) {
      const name = `s${sender}-${i}`;
      while (isOn && !(await tell(sender, () => postBatch(app.baseUrl, firm.key.text, name, BATCH))));
      if (isOn) acknowledged.add(name);
    }
  });
  const readers = Array.from({ length: READERS }, async (_, reader) => {
    const headers = { "x-api-key": firm.key.text };
    while (isOn) await tell(SENDERS + reader, () => request(`${app.baseUrl}/api/leads?limit=10`, { headers }));
  });
  const allSince = (moment: number) => goodAt.every((at) => at > moment);
  const began = performance.now();
  await until("every client has had a good reply", () => allSince(began));

  let recoveryMs = 0;
  for (let round = 0; round < rounds; round++) {
    await sleep(BACK_MS);
    if (round % 2 === 0) await postgres.kill9();
    else await postgres.stop();
    await sleep(AWAY_MS);
    await postgres.start();
    const back = performance.now();
    await until("every client has had a good reply", () => allSince(back), 60_000);
    recoveryMs = Math.max(recoveryMs, performance.now() - back);
    house.say(`round ${round + 1} of ${rounds}: ${acknowledged.size} batches acknowledged, ${refused} refused`);
  }
  isOn = false;
  await Promise.all([...senders, ...readers]);
  const judged = judgeBatches(await storedBatches(firm.id), acknowledged, BATCH);
  const figures = { rounds, ...judged, refused, otherReplies: strange.length, recoveryMs: Math.round(recoveryMs) };
  for (const each of new Set(strange.slice(0, 5))) house.say(`other reply: ${each}`);
  if (refused === 0) throw new Error("No request met the outage.");
  const holds = judged.lost + judged.partial + figures.otherReplies === 0 && figures.recoveryMs <= RECOVERY_LIMIT_MS;
  return { holds, figures };
}
