import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcess, isAlive, startTime } from "../processes";
import { ROOT, STATE } from "../repository";

/** A process of ours that should be there as long as the start runs. */
export type Service = {
  name: string;
  /** Arguments of Node. */
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** Resolves when it does its work; asked again until then. */
  isReady?: () => Promise<boolean>;
};

type Running = { service: Service; child: ChildProcess; restarts: number[]; timer?: NodeJS.Timeout };
type Recorded = { name: string; pid: number; startedAt: string };

const RECORD = path.join(STATE, "running.json");
const STOP_GRACE_MS = 8_000;
const READY_DEADLINE_MS = 60_000;
const MAX_RESTARTS = 6;
const RESTART_WINDOW_MS = 120_000;

/** Starts processes, restarts those that die, and stops them all. Each writes to .arrestra/logs/<name>.log. */
export class Supervisor {
  #running = new Map<string, Running>();
  #stopping = false;

  /** `onGivingUp` is called when a process keeps dying. */
  constructor(private readonly onGivingUp: (reason: string) => void) {}

  /** Starts a process and waits until it is ready. Throws with its last words when it ends before. */
  async start(service: Service): Promise<void> {
    if (this.#stopping) throw new Error("stopping");
    const running: Running = { service, child: this.#spawn(service), restarts: [] };
    this.#running.set(service.name, running);
    this.#record();
    for (
      const deadline = Date.now() + READY_DEADLINE_MS;
      service.isReady && !(await service.isReady());
      await sleep(50)
    ) {
      if (hasEnded(running.child))
        throw new Error(`${service.name} ended before it was ready:\n${lastWords(service.name)}`);
      if (Date.now() > deadline)
        throw new Error(`${service.name} is not ready after a minute:\n${lastWords(service.name)}`);
    }
    running.child.once("exit", (code, signal) => this.#onDeath(running, signal ?? code ?? "?"));
    if (hasEnded(running.child)) this.#onDeath(running, running.child.exitCode ?? "?");
  }

  /** Stops everything, the last started first; whoever does not leave in time is killed. */
  async stopAll(): Promise<void> {
    this.#stopping = true;
    for (const running of [...this.#running.values()].reverse()) {
      clearTimeout(running.timer);
      if (!hasEnded(running.child)) await endGroup(running.child.pid);
    }
    rmSync(RECORD, { force: true });
  }

  #spawn(service: Service): ChildProcess {
    const log = openSync(logFile(service.name), "a", 0o600);
    // A process group of its own: Ctrl-C reaches this supervisor alone, which then stops the others in order.
    const child = spawn(process.execPath, service.args, {
      cwd: service.cwd ?? ROOT,
      env: service.env,
      stdio: ["ignore", log, log],
      detached: true,
    });
    child.on("error", (error) => console.error(`${service.name}: ${error.message}`));
    closeSync(log);
    return child;
  }

  #onDeath(running: Running, how: number | string): void {
    if (this.#stopping) return;
    const { name } = running.service;
    running.restarts = [...running.restarts.filter((at) => at > Date.now() - RESTART_WINDOW_MS), Date.now()];
    const count = running.restarts.length;
    if (count > MAX_RESTARTS) {
      this.onGivingUp(`${name} keeps ending (${how}):\n${lastWords(name)}`);
      return;
    }
    const waitMs = Math.min(500 * 2 ** (count - 1), 15_000);
    console.error(`  ! ${name} ended (${how}); starting it again in ${waitMs / 1000} s. Its log: ${logFile(name)}`);
    running.timer = setTimeout(() => {
      running.child = this.#spawn(running.service);
      running.child.once("exit", (code, signal) => this.#onDeath(running, signal ?? code ?? "?"));
      this.#record();
    }, waitMs);
  }

  /** Written at every change, so that the next start can stop what a crash of this one left behind. */
  #record(): void {
    const all = [...this.#running.values()].map(({ service, child }) => ({
      name: service.name,
      pid: child.pid ?? 0,
      startedAt: startTime(child.pid ?? 0),
    }));
    writeFileSync(RECORD, JSON.stringify(all), { mode: 0o600 });
  }
}

/** Stops the processes that an earlier start left behind when it was killed. Gives their names. */
export async function stopLeftovers(): Promise<string[]> {
  mkdirSync(path.join(STATE, "logs"), { recursive: true, mode: 0o700 });
  let recorded: Recorded[] = [];
  try {
    if (existsSync(RECORD)) recorded = JSON.parse(readFileSync(RECORD, "utf8"));
  } catch {
    recorded = []; // cut short by the crash
  }
  const ours = recorded.filter(({ pid, startedAt }) => pid > 1 && isAlive(pid) && startTime(pid) === startedAt);
  await Promise.all(ours.map(({ pid }) => endGroup(pid)));
  for (const { name } of recorded) rmSync(logFile(name), { force: true });
  rmSync(RECORD, { force: true });
  return ours.map(({ name }) => name);
}

/** The last lines that a process wrote. */
export function lastWords(name: string): string {
  const file = logFile(name);
  const words = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").slice(-15).join("\n") : "";
  return words || "(it wrote nothing)";
}

const logFile = (name: string): string => path.join(STATE, "logs", `${name}.log`);
const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;
const endGroup = (pid = 0): Promise<void> => endProcess(pid, { graceMs: STOP_GRACE_MS, group: true });
