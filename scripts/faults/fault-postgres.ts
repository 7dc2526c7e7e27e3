import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { RolePasswords } from "../bootstrap-database";
import { type PostgresServer, removePostgres, startPostgres } from "../embedded-postgres";
import { freePort } from "../free-port";
import { isAlive } from "../processes";

/** A PostgreSQL that can be killed and comes back on its port, so that the addresses of its databases stay as they are. */
export type FaultPostgres = PostgresServer & {
  passwords: RolePasswords;
  /** SIGKILL to every process of it at once: nothing is flushed that was not. */
  kill9: () => Promise<void>;
  /** Starts it again, with other settings if some are given; nothing when it runs. Resolves when it takes connections. */
  start: (settings?: Record<string, string | number>) => Promise<void>;
  /** A fast shutdown and a start, as a maintenance window has it. */
  restart: () => Promise<void>;
  /** Stops it and deletes its files. */
  remove: () => Promise<void>;
};

/** Starts one in `base`, anew: every acknowledged commit is on disk, as in production. */
export async function startFaultPostgres(
  base: string,
  passwords: RolePasswords,
  usual: Record<string, string | number> = {},
): Promise<FaultPostgres> {
  await removePostgres(base);
  const port = await freePort();
  const launch = (more: Record<string, string | number> = {}) =>
    startPostgres(base, { port, settings: { max_connections: 200, ...usual, ...more } });
  let server = await launch();
  let isUp = true;
  let isRemoved = false;
  process.once("exit", () => isAlive(server.pid) && process.kill(server.pid, "SIGQUIT"));
  let starting: Promise<void> = Promise.resolve();
  const start: FaultPostgres["start"] = (settings) => {
    const wait = starting.catch(() => undefined);
    starting = wait.then(() => startNow(settings));
    return starting;
  };
  const startNow: FaultPostgres["start"] = async (settings) => {
    // It may have ended by itself.
    if (isUp && isAlive(server.pid)) return;
    // A play may still be about to start it when the house is closed: nobody would end that one.
    if (isRemoved) throw new Error("PostgreSQL is gone with its house.");
    for (let turn = 0; ; turn++) {
      server = await launch(settings);
      // Another program may have the port for a moment.
      if (server.port === port) break;
      await server.stop();
      if (turn === 20) throw new Error(`Port ${port} was taken while PostgreSQL was down.`);
      await sleep(250);
    }
    isUp = true;
  };
  const stop = async () => {
    isUp = false;
    await server.stop();
  };
  // The address is asked before a restart and after it, and is the same.
  const { adminUrl, url, logFile } = server;
  if (server.port !== port) {
    await server.stop();
    return startFaultPostgres(base, passwords, usual);
  }
  return {
    port,
    passwords,
    adminUrl,
    url,
    logFile,
    get pid() {
      return server.pid;
    },
    get exited() {
      return server.exited;
    },
    start,
    stop,
    restart: async () => {
      await stop();
      await start();
    },
    kill9: async () => {
      isUp = false;
      for (const pid of [server.pid, ...childrenOf(server.pid)]) kill(pid);
      await server.exited;
    },
    remove: async () => {
      isUp = false;
      isRemoved = true;
      // One that is just being started would come up on files that go away.
      await starting.catch(() => undefined);
      await removePostgres(base);
    },
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Where there is no /proc, they end by themselves once they find that their parent is gone. */
function childrenOf(parent: number): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => parentOf(pid) === parent);
  } catch {
    return [];
  }
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return null; // ended meanwhile
  }
}
