import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { ensureBuild } from "../../scripts/build";
import { freePort } from "../../scripts/free-port";
import { endProcess } from "../../scripts/processes";
import { ROOT } from "../../scripts/repository";
import { firmUrl } from "../../scripts/start/demo-facts";
import { standIns } from "../../scripts/start/services";
import { environmentFor, type TestDatabase } from "./database";
import { request, until } from "./http";

export type TestProcess = {
  pid: number;
  logs: () => string;
  /** Resolves when the process is gone, with its exit code or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  /** SIGTERM, as a deploy sends it; resolves when the process is gone. */
  stop: () => Promise<void>;
  /** SIGKILL: the process gets no chance to finish anything. */
  kill9: () => Promise<void>;
};

export type TestApp = TestProcess & {
  /** The apex, `http://localhost:PORT`. */
  baseUrl: string;
  firmUrl: (slug: string) => string;
  /** What the server was told, for a job runner or verbs beside it. */
  env: Record<string, string>;
};

export type AppOptions = {
  database: Pick<TestDatabase, "ownerUrl" | "appUrl" | "platformUrl">;
  /** The sandbox that answers for the vendors. Without one they cannot be reached. */
  sandboxUrl?: string;
  env?: Record<string, string>;
  /** To start again where a killed one was. */
  port?: number;
  /** Another build than that of the sources as they are. */
  folder?: string;
};

/** Starts the packed web server that `npm start` runs (built first if a source has changed), on this database. */
export async function startApp({ database, sandboxUrl, env = {}, port, ...given }: AppOptions): Promise<TestApp> {
  const folder = given.folder ?? (await ensureBuild()).folder;
  const own = port ?? (await freePort());
  const baseUrl = `http://localhost:${own}`;
  const told: Record<string, string> = {
    ...environmentFor(database),
    APP_BASE_URL: baseUrl,
    AUTH_TRUST_HOST: "1",
    PORT: String(own),
    HOSTNAME: "127.0.0.1",
    NODE_ENV: "production",
    ...(sandboxUrl ? standIns(sandboxUrl) : {}),
    ...env,
  };
  const server = startProcess([path.join(folder, "server.js")], told, folder);
  await until("the web server answers", async () => {
    if (server.hasEnded()) throw new Error(`the web server ended:\n${server.logs()}`);
    return request(`${baseUrl}/api/health`).then(
      (reply) => reply.status < 500,
      () => false,
    );
  });
  return { ...server, baseUrl, firmUrl: (slug) => firmUrl(baseUrl, slug), env: told };
}

/** Starts a process of ours, such as workers/run-jobs.ts or what it was packed into, with the environment of an app. */
export function startScript(script: string, env: Record<string, string>, args: string[] = []): TestProcess {
  const loader = script.endsWith(".ts") ? ["--import", "tsx"] : [];
  return startProcess([...loader, path.join(ROOT, script), ...args], env, ROOT);
}

/** What a process of ours takes from the machine beside its paths: where it may write, and another date than today's (CONTRIBUTING.md). */
const PASSED = [
  "TMPDIR",
  "NODE_COMPILE_CACHE",
  "LD_PRELOAD",
  "FAKETIME",
  "FAKETIME_SHARED",
  "FAKETIME_DONT_FAKE_MONOTONIC",
];

function startProcess(args: string[], env: Record<string, string>, cwd: string) {
  const { PATH = "", HOME = "" } = process.env;
  const passed = Object.fromEntries(PASSED.map((name) => [name, process.env[name]]).filter(([, value]) => value));
  const own: NodeJS.ProcessEnv = { NODE_ENV: "test", PATH, HOME, ...passed, ...env };
  const child = spawn(process.execPath, args, { cwd, env: own, stdio: ["ignore", "pipe", "pipe"] });
  const words: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => words.push(chunk.toString("utf8")));
  const endWithUs = () => child.kill("SIGKILL");
  process.once("exit", endWithUs);
  child.once("exit", () => process.removeListener("exit", endWithUs));
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once("exit", (code, signal) => resolve(code ?? signal ?? 0)),
  );
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? 0,
    logs: () => words.join(""),
    hasEnded,
    ended,
    stop: () => end(child, ["SIGTERM", "SIGKILL"]),
    kill9: () => end(child, ["SIGKILL"]),
  };
}

async function end(child: ChildProcess, signals: NodeJS.Signals[]): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || !child.pid) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  await endProcess(child.pid, { signals, graceMs: 10_000 });
  await gone;
}
