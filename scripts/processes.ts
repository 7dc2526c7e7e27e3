import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** True while a process with this id exists, also when it belongs to another user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  // A zombie still answers signal 0, but holds neither a port nor a file.
  return readStat(pid)?.state !== "Z";
}

/** The command line of a process with its arguments joined by spaces, or "" when there is no such process. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" ").trim();
  } catch {
    return ps(pid, "command=");
  }
}

/**
 * What tells a process from a later one that was given the same id: its start time as the system writes it
 * (clock ticks since boot on Linux, a date elsewhere), or "" when there is no such process.
 */
export function startTime(pid: number): string {
  return readStat(pid)?.startTicks ?? ps(pid, "lstart=");
}

/**
 * Ends a process: the first signal, then after `graceMs` the next one, and so on. Resolves once it is gone.
 * Throws when it outlives the last signal by its grace time.
 */
export async function endProcess(
  pid: number,
  options: { signals?: NodeJS.Signals[]; graceMs?: number; group?: boolean } = {},
): Promise<void> {
  const { signals = ["SIGTERM", "SIGKILL"], graceMs = 5_000, group = false } = options;
  for (const signal of signals) {
    try {
      process.kill(group ? -pid : pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ESRCH") return;
      throw error;
    }
    if (await isGoneWithin(pid, graceMs)) return;
  }
  throw new Error(`process ${pid} did not end`);
}

async function isGoneWithin(pid: number, ms: number): Promise<boolean> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; await sleep(20)) if (!isAlive(pid)) return true;
  return !isAlive(pid);
}

/** Field 3 (state) and 22 (start time) of /proc/PID/stat; the name before them may itself contain spaces and brackets. */
function readStat(pid: number): { state?: string; startTicks?: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0], startTicks: fields[19] };
  } catch {
    return null;
  }
}

function ps(pid: number, column: string): string {
  if (process.platform === "linux") return "";
  return spawnSync("ps", ["-o", column, "-p", String(pid)], { encoding: "utf8" }).stdout?.trim() ?? "";
}
