import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { withClient } from "../../scripts/bootstrap-database";
import { type PostgresServer, removePostgres, startPostgres } from "../../scripts/embedded-postgres";
import { isAlive } from "../../scripts/processes";

let base: string;
const started: PostgresServer[] = [];

beforeEach(() => {
  base = path.join(mkdtempSync(path.join(tmpdir(), "arrestra postgres ")), "a clone");
});

afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
  await removePostgres(base);
  rmSync(path.dirname(base), { recursive: true, force: true });
});

async function start(options: Parameters<typeof startPostgres>[1] = {}): Promise<PostgresServer> {
  const server = await startPostgres(base, { durable: false, ...options });
  started.push(server);
  return server;
}

const query = <T extends object>(server: PostgresServer, sql: string): Promise<T[]> =>
  withClient(server.adminUrl(), async (client) => (await client.query<T>(sql)).rows);

it("keeps what was written through a kill -9", async () => {
  const first = await start({ durable: true });
  await query(first, "CREATE TABLE kept AS SELECT 1 AS n");
  process.kill(first.pid, "SIGKILL");
  await first.exited;
  expect(await query(await start({ durable: true }), "SELECT n FROM kept")).toEqual([{ n: 1 }]);
});

it("stops a server that an earlier start left running, and takes over its data", async () => {
  const first = await start();
  await query(first, "CREATE TABLE kept AS SELECT 1 AS n");
  const second = await start();
  expect(isAlive(first.pid)).toBe(false);
  expect(await query(second, "SELECT n FROM kept")).toEqual([{ n: 1 }]);
});

it("is not blocked by a lock file whose process is another program by now", async () => {
  const first = await start();
  await first.stop();
  const data = dataFolder(first);
  writeFileSync(path.join(data, "postmaster.pid"), `${process.pid}\n${data}\n0\n5432\n\n127.0.0.1\n0 0\nready\n`);
  await query(await start(), "SELECT 1");
  expect(isAlive(process.pid)).toBe(true);
});

it("listens on this machine alone, and asks for a password that nobody else can read", async () => {
  const server = await start();
  expect(await query(server, "SHOW listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
  const url = new URL(server.adminUrl());
  url.password = "guess";
  await expect(withClient(url.toString(), async () => {})).rejects.toThrow("password authentication failed");
  expect(statSync(path.join(path.dirname(dataFolder(server)), "superuser-password")).mode & 0o077).toBe(0);
});

it("takes the port it had when asked to", async () => {
  const first = await start();
  await first.stop();
  expect((await start({ port: first.port })).port).toBe(first.port);
});

it("has the extensions and folds the case of accented letters", async () => {
  const server = await start();
  const wanted = "'pg_trgm', 'btree_gin', 'unaccent', 'citext', 'pgcrypto'";
  expect(await query(server, `SELECT name FROM pg_available_extensions WHERE name IN (${wanted})`)).toHaveLength(5);
  expect(await query(server, "SELECT lower('ÓSCAR ÑANDÚ') AS name")).toEqual([{ name: "óscar ñandú" }]);
});

const dataFolder = (server: PostgresServer): string => path.join(path.dirname(server.logFile), "data");
