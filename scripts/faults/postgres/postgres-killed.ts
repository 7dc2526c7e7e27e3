import { setTimeout as sleep } from "node:timers/promises";
import { withClient } from "../../bootstrap-database";
import type { Fault, Size, Verdict } from "../fault";
import type { FaultPostgres } from "../fault-postgres";
import type { House, HouseDatabase } from "../house";
import { LOAD_WORDS, startClientLoad } from "./client-load";

const ROUNDS: Record<Size, number> = { quick: 2, full: 10 };
/** How long Postgres stays away, and how long it is there before the next round. */
const AWAY_MS = 700;
const BACK_MS = 1_500;
const RECOVERY_LIMIT_MS = 10_000;

export const postgresKilled: Fault = {
  name: "postgres-killed",
  about: `${LOAD_WORDS}, while every process of Postgres gets SIGKILL and is started again, in turns with a fast restart. The web server stays as it is. Recovery is the time from when Postgres takes connections until each client has had a good reply; the figure is the longest.`,
  invariant: "what was acknowledged is stored; meanwhile only 503 with Retry-After; good replies within 10 s",
  play: async (house, size) => playRounds(house, await house.database(), ROUNDS[size]),
  control: {
    without:
      "the wait for the disk before a commit is acknowledged (`synchronous_commit = off`, with ten seconds between writes of the log)",
    play: async (house, size) => {
      const database = await house.database();
      house.afterwards(await acknowledgeEarly(house.postgres, database));
      return playRounds(house, database, ROUNDS[size]);
    },
  },
};

/** What else would have the log written before its writer comes by: a lot of it, or a page of a table that goes to disk. */
const LEFT_TO_THE_WRITER = {
  wal_writer_delay: "10s",
  wal_writer_flush_after: "1GB",
  bgwriter_lru_maxpages: "0",
};

/** Makes a database acknowledge commits that only memory holds. Gives what takes it back. */
export async function acknowledgeEarly(postgres: FaultPostgres, { name }: HouseDatabase): Promise<() => Promise<void>> {
  const tell = (...statements: string[]) =>
    withClient(postgres.adminUrl(), async (client) => {
      for (const statement of [...statements, "SELECT pg_reload_conf()"]) await client.query(statement);
    });
  const settings = Object.entries(LEFT_TO_THE_WRITER);
  await tell(
    `ALTER DATABASE ${name} SET synchronous_commit = off`,
    ...settings.map(([setting, value]) => `ALTER SYSTEM SET ${setting} = '${value}'`),
  );
  return () => tell(...settings.map(([setting]) => `ALTER SYSTEM RESET ${setting}`));
}

async function playRounds(house: House, database: HouseDatabase, rounds: number): Promise<Verdict> {
  const { postgres } = house;
  const app = await house.web(database);
  const load = await startClientLoad(app.baseUrl, database);
  let recoveryMs = 0;
  for (let round = 0; round < rounds; round++) {
    await sleep(BACK_MS);
    if (round % 2 === 0) await postgres.kill9();
    else await postgres.stop();
    await sleep(AWAY_MS);
    await postgres.start();
    recoveryMs = Math.max(recoveryMs, await load.recoveryMs());
    house.say(`round ${round + 1} of ${rounds}: ${load.acknowledged.size} acknowledged, ${load.refused()} refused`);
  }
  const figures = { rounds, ...(await load.judge(house.say)), recoveryMs };
  if (figures.refused === 0) throw new Error("No request met the outage.");
  const isWhole = figures.lost + figures.partial + figures.otherReplies === 0;
  return { holds: isWhole && recoveryMs <= RECOVERY_LIMIT_MS, figures };
}
