// The house under test: PostgreSQL as `npm start` has it (every commit on disk), migrated, and the packed web server on it.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bootstrapDatabase } from "../bootstrap-database";
import { ensureBuild } from "../build";
import { removePostgres, startPostgres } from "../embedded-postgres";
import { freePort } from "../free-port";
import { migrate } from "../migrate";
import { endProcess } from "../processes";
import { STATE } from "../repository";
import { HttpClient } from "./http-client";

const BASE = path.join(STATE, "bench");
const START_DEADLINE_MS = 60_000;

/** What a measurement needs. `adminUrl` is the superuser's, whom row-level security does not bind. */
export type House = {
  http: HttpClient;
  adminUrl: string;
  appUrl: string;
  serverPid: number;
  postgresPid: number;
  close: () => Promise<void>;
};

/** Starts everything on free ports. Sets this process' environment too, so that verbs can be called beside the server. */
export async function openHouse(server?: string): Promise<House> {
  const folder = server ? path.resolve(server) : (await ensureBuild()).folder;
  await removePostgres(BASE);
  const postgres = await startPostgres(BASE);
  try {
    const secret = () => randomBytes(12).toString("hex");
    const urls = await bootstrapDatabase(postgres, "bench", { owner: secret(), app: secret(), platform: secret() });
    await migrate({ databaseUrl: urls.ownerUrl });
    const port = await freePort();
    const env = environment(urls, port);
    Object.assign(process.env, env, { DATABASE_URL: urls.ownerUrl });
    const web = startServer(folder, env);
    const http = new HttpClient(port);
    try {
      await untilItAnswers(http, web);
    } catch (error) {
      await stop(web);
      throw error;
    }
    return {
      http,
      adminUrl: postgres.adminUrl("bench"),
      appUrl: urls.appUrl,
      serverPid: web.pid ?? 0,
      postgresPid: postgres.pid,
      async close() {
        http.close();
        await stop(web);
        await postgres.stop();
        await removePostgres(BASE);
      },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

function environment(urls: { appUrl: string; platformUrl: string }, port: number): Record<string, string> {
  const key = () => randomBytes(32).toString("base64");
  return {
    ARRESTRA_ENV: "test",
    APP_DATABASE_URL: urls.appUrl,
    PLATFORM_DATABASE_URL: urls.platformUrl,
    APP_BASE_URL: `http://localhost:${port}`,
    PORT: String(port),
    HOSTNAME: "127.0.0.1",
    AUTH_TRUST_HOST: "1",
    NEXTAUTH_SECRET: key(),
    FIELD_KEYS: `bench:${key()}`,
    BLIND_INDEX_KEY: key(),
    // Nothing that is measured calls a vendor.
    TWILIO_BASE_URL: "http://127.0.0.1:9",
    KICKBOX_BASE_URL: "http://127.0.0.1:9",
  };
}

function startServer(folder: string, env: Record<string, string>): ChildProcess {
  const log = openSync(path.join(STATE, "bench-server.log"), "w", 0o600);
  const { PATH = "", HOME = "", NODE_OPTIONS } = process.env;
  const child = spawn(process.execPath, [path.join(folder, "server.js")], {
    cwd: folder,
    env: { PATH, HOME, ...(NODE_OPTIONS ? { NODE_OPTIONS } : {}), ...env, NODE_ENV: "production" },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  process.once("exit", () => child.kill("SIGKILL"));
  return child;
}

async function untilItAnswers(http: HttpClient, web: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + START_DEADLINE_MS; Date.now() < deadline; await sleep(50)) {
    if (web.exitCode !== null) break;
    const status = await http.get("/api/health").then(
      (reply) => reply.status,
      () => 0,
    );
    if (status > 0 && status < 500) return;
  }
  throw new Error(`The web server did not start; see ${path.join(STATE, "bench-server.log")}.`);
}

async function stop(web: ChildProcess): Promise<void> {
  if (web.exitCode !== null || web.signalCode !== null || !web.pid) return;
  const gone = new Promise((resolve) => web.once("exit", resolve));
  await endProcess(web.pid, { graceMs: 10_000 });
  await gone;
}
