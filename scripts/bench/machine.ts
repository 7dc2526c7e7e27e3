// What the machine did meanwhile: a figure from a machine that was busy with something else is no figure.
import { readdirSync, readFileSync } from "node:fs";
import os from "node:os";

/** Above this share of stolen CPU a run is void. */
const MAX_STEAL = 0.05;
/** Above this share of CPU taken by other programs its ratios are shaky. */
const MAX_OTHERS = 0.1;

const TICKS_PER_SECOND = 100;

type Sample = { total: number; stolen: number; idle: number; ours: number };

/** CPU seconds of a process: its threads' own, without those of its children. */
export function cpuSeconds(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
}

/** CPU seconds of a process and everything below it, also of children that have ended. */
export const treeCpuSeconds = (pid: number): number => ticksOf([pid]) / TICKS_PER_SECOND;

/** Resident memory of a process in MB. */
export function residentMb(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1] ?? 0);
  return (pages * 4096) / 1e6;
}

/** Fields of /proc/PID/stat from the third on (the name before them may hold spaces). */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** Ticks of these processes and everything below them, also of children that have ended. */
function ticksOf(roots: readonly number[]): number {
  const ours = new Set(roots);
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [{ pid: Number(name), fields: statFields(Number(name)) }];
      } catch {
        return []; // ended meanwhile
      }
    });
  for (let before = -1; before !== ours.size; ) {
    before = ours.size;
    for (const { pid, fields } of all) if (ours.has(Number(fields[1]))) ours.add(pid);
  }
  const own = all.filter(({ pid }) => ours.has(pid));
  return own.reduce((sum, { fields }) => sum + [11, 12, 13, 14].reduce((n, at) => n + Number(fields[at] ?? 0), 0), 0);
}

function sample(roots: readonly number[]): Sample {
  const [, ...ticks] = (readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "").trim().split(/\s+/);
  // user, nice, system, idle, iowait, irq, softirq, steal; guest time is part of user
  const numbers = ticks.slice(0, 8).map(Number);
  return {
    total: numbers.reduce((sum, each) => sum + each, 0),
    idle: (numbers[3] ?? 0) + (numbers[4] ?? 0),
    stolen: numbers[7] ?? 0,
    ours: ticksOf(roots),
  };
}

export type Verdict = {
  loadBefore: number;
  loadAfter: number;
  stolen: number;
  others: number;
  isVoid: boolean;
  isDisturbed: boolean;
};

/** Watches the machine from now on; `roots` are our processes. */
export function watchMachine(roots: readonly number[]): () => Verdict {
  const before = sample(roots);
  const loadBefore = os.loadavg()[0] ?? 0;
  return () => {
    const after = sample(roots);
    const total = Math.max(1, after.total - before.total);
    const stolen = (after.stolen - before.stolen) / total;
    const busy = total - (after.idle - before.idle) - (after.stolen - before.stolen);
    const others = Math.max(0, busy - (after.ours - before.ours)) / total;
    const isVoid = stolen > MAX_STEAL;
    return { loadBefore, loadAfter: os.loadavg()[0] ?? 0, stolen, others, isVoid, isDisturbed: others > MAX_OTHERS };
  };
}

/** The machine in one line. */
export function describeMachine(): string {
  const cpus = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return `${cpus.length} x ${cpus[0]?.model.trim() ?? "unknown CPU"}, ${memory} GB, ${os.platform()} ${os.release()}, Node ${process.versions.node}`;
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** What the machine did, in one line. */
export function describeVerdict(verdict: Verdict): string {
  const { loadBefore, loadAfter, stolen, others } = verdict;
  const facts = `load ${loadBefore.toFixed(2)} before, ${loadAfter.toFixed(2)} after; ${percent(stolen)} of CPU stolen, ${percent(others)} taken by other programs`;
  if (verdict.isVoid) return `VOID, too much was stolen: ${facts}`;
  return verdict.isDisturbed ? `Disturbed by other programs, ratios are shaky: ${facts}` : facts;
}
