import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { packed } from "../setup/programs";

/** A process of ours under test. `ready` resolves at its log line that says so. */
export type Worker = {
  child: ChildProcess;
  ready: Promise<void>;
  exited: Promise<{ code: number | null; signal: string | null }>;
};

const started = new Set<ChildProcess>();

/** Starts what `workers/<name>.ts` is packed into, with the environment of this test file. */
export function startWorker(name: "run-jobs" | "run-schedule", env: Record<string, string> = {}): Worker {
  const child = spawn(process.execPath, [packed(`workers/${name}.ts`)], {
    env: { ...process.env, LOG_LEVEL: "info", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  started.add(child);
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once("exit", (code, signal) => {
      started.delete(child);
      resolve({ code, signal });
    });
  });
  const ready = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      if (line.includes('"event":"ready"')) resolve();
    });
    void exited.then(({ code }) => reject(new Error(`${name} ended with ${code} before it was ready`)));
  });
  ready.catch(() => undefined);
  return { child, ready, exited };
}

/** Ends whatever a failed test left running. */
export function killWorkers(): void {
  for (const child of started) child.kill("SIGKILL");
}

/** Asks again until it is so. What is awaited happens in another process, which has no event to give us. */
export async function until<T>(ask: () => Promise<T | false>, what: string, timeoutMs = 30_000): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false) return answer;
    if (performance.now() > end) throw new Error(`It did not happen in ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
