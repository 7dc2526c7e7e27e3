import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withClient } from "../../bootstrap-database";
import { run } from "../../run";
import type { Fault, Size, Verdict } from "../fault";
import type { FaultPostgres } from "../fault-postgres";
import type { House } from "../house";
import { LOAD_WORDS, startClientLoad } from "./client-load";
import { acknowledgeEarly } from "./postgres-killed";

const PLACE_MB = 320;
const ROUNDS: Record<Size, number> = { quick: 1, full: 4 };
/** How long the disk stays full once the first request was refused. */
const FULL_MS: Record<Size, number> = { quick: 3_000, full: 5_000 };
const BETWEEN_MS = 2_000;
/** From a new file of the log until there is no space for another. */
const LOG_MS = 700;
const RECOVERY_LIMIT_MS = 10_000;
/** Little log is kept ahead, so that its files soon have to grow. */
const SETTINGS = { min_wal_size: "32MB", max_wal_size: "32MB", wal_init_zero: "on", wal_recycle: "off" };

export const diskFull: Fault = {
  name: "disk-full",
  about: `Postgres has its data and its log on a file system of ${PLACE_MB} MB. ${LOAD_WORDS}, while another file takes every byte that is left, also that for the next file of the log, and later goes away. A Postgres that ended by itself is started again then, as whatever supervises it would.`,
  invariant: "no acknowledged lead is lost; meanwhile only 503 with Retry-After; good replies within 10 s of space",
  whyNotHere: () => {
    if (process.platform !== "linux" || process.getuid?.() !== 0) return "a small file system takes root on Linux";
    return spawnSync("unshare", ["-m", "true"]).status === 0 ? null : "this machine lets nobody mount a file system";
  },
  play: (house, size) => fillUp(house, size, false),
  control: {
    without:
      "the wait for the disk before a commit is acknowledged (`synchronous_commit = off`, with ten seconds between writes of the log)",
    play: (house, size) => fillUp(house, size, true),
  },
};

async function fillUp(house: House, size: Size, isEarly: boolean): Promise<Verdict> {
  const place = house.folder();
  await run("mount", ["-t", "tmpfs", "-o", `size=${PLACE_MB}m,mode=0711`, "arrestra-faults", place]);
  house.afterwards(() => run("umount", ["-l", place]));
  const postgres = await house.ownPostgres(path.join(place, "cluster"), SETTINGS);
  const database = await house.database(postgres);
  if (isEarly) await acknowledgeEarly(postgres, database);
  const app = await house.web(database);
  const load = await startClientLoad(app.baseUrl, database);
  let recoveryMs = 0;
  for (let round = 0; round < ROUNDS[size]; round++) {
    await sleep(BETWEEN_MS);
    const refusedBefore = load.refused();
    await beginLogFile(postgres);
    await sleep(LOG_MS);
    const filler = path.join(place, "filler");
    const free = takeAllSpace(filler);
    // The log needs a file that there is no space for: Postgres ends here, with all that it has acknowledged and not written.
    await beginLogFile(postgres).catch(() => undefined);
    for (const until = performance.now() + 60_000; load.refused() === refusedBefore; await sleep(50))
      if (performance.now() > until) throw new Error(`${free} MB were taken, and nothing was refused.`);
    await sleep(FULL_MS[size]);
    rmSync(filler);
    await postgres.start();
    recoveryMs = Math.max(recoveryMs, await load.recoveryMs());
    house.say(`round ${round + 1}: ${load.acknowledged.size} acknowledged, ${load.refused()} refused`);
  }
  const figures = { rounds: ROUNDS[size], ...(await load.judge(house.say)), recoveryMs };
  const isWhole = figures.lost + figures.partial + figures.otherReplies === 0;
  return { holds: isWhole && recoveryMs <= RECOVERY_LIMIT_MS, figures };
}

const beginLogFile = ({ adminUrl }: FaultPostgres) =>
  withClient(adminUrl(), (client) => client.query("SELECT pg_switch_wal()"));

/** Writes until there is no byte left; gives how many megabytes that took. */
function takeAllSpace(file: string): number {
  const opened = openSync(file, "w");
  let taken = 0;
  try {
    for (let step = 1 << 20; step >= 1; step = step > 1 ? step >> 4 : 0) {
      const block = Buffer.alloc(step);
      for (;;) {
        try {
          taken += writeSync(opened, block);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
          break;
        }
      }
    }
  } finally {
    closeSync(opened);
  }
  return taken / 2 ** 20;
}
