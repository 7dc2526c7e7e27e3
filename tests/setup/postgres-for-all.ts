import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { bootstrapDatabase, type RolePasswords, withClient } from "../../scripts/bootstrap-database";
import { type PostgresServer, removePostgres, startPostgres } from "../../scripts/embedded-postgres";
import { migrate } from "../../scripts/migrate";
import { isAlive } from "../../scripts/processes";

/** What a test file needs to make databases of its own. */
export type TestPostgres = {
  port: number;
  superuserPassword: string;
  passwords: RolePasswords;
  template: string;
};

declare module "vitest" {
  interface ProvidedContext {
    postgres: TestPostgres;
  }
}

const FOLDER = "arrestra-test-";
const TEMPLATE = "arrestra_template";

type Running = { server: PostgresServer; base: string; facts: TestPostgres };
type Shared = { users: number; running?: Promise<Running> };

/** The projects load this file once each, in one process: they share one server through the global object. */
const holder = globalThis as { arrestraTestPostgres?: Shared };
holder.arrestraTestPostgres ??= { users: 0 };
const shared = holder.arrestraTestPostgres;

/** One throw-away PostgreSQL for the whole run, with a migrated template that each test file clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.users++;
  shared.running ??= start();
  const { server, base, facts } = await shared.running;
  project.provide("postgres", facts);
  return async () => {
    if (--shared.users > 0) return;
    await server.stop();
    rmSync(base, { recursive: true, force: true });
  };
}

async function start(): Promise<Running> {
  await removeLeftovers();
  const base = mkdtempSync(path.join(tmpdir(), `${FOLDER}${process.pid}-`));
  // Without autovacuum the plans that tests look at depend on their own ANALYZE alone.
  // Proving a password is made costly for who guesses it: here it would be paid at each connection.
  const settings = { autovacuum: "off", scram_iterations: 1 };
  const server = await startPostgres(base, { durable: false, settings });
  endWithRun(server.pid);
  const secret = () => randomBytes(12).toString("hex");
  const passwords = { owner: secret(), app: secret(), platform: secret() };
  const { ownerUrl } = await bootstrapDatabase(server, TEMPLATE, passwords);
  await migrate({ databaseUrl: ownerUrl });
  await withClient(server.adminUrl(), (client) => client.query(`ALTER DATABASE ${TEMPLATE} ALLOW_CONNECTIONS false`));
  const superuserPassword = decodeURIComponent(new URL(server.adminUrl()).password);
  return { server, base, facts: { port: server.port, superuserPassword, passwords, template: TEMPLATE } };
}

/** A run that is cut short skips its teardown: the server must not stay behind. Its folder goes with the next run. */
function endWithRun(pid: number): void {
  process.once("exit", () => isAlive(pid) && process.kill(pid, "SIGQUIT"));
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
}

/** A run that was killed could not clean up: its folder names the process that owned it. */
async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(name.match(/^arrestra-test-(\d+)-/)?.[1]);
    if (pid && !isAlive(pid)) {
      await removePostgres(path.join(tmpdir(), name)).catch(() => {}); // another user's folder is not ours to remove
    }
  }
}
