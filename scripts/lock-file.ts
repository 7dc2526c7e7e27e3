import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, startTime } from "./processes";

/** Who holds a lock: the start time tells it from a later process that was given the same id. */
export type Holder = { pid: number; startedAt: string; isLeaving?: boolean };

export type Lock = {
  /** Tells those who wait that it will soon be free. */
  leave: () => void;
  release: () => void;
};

/**
 * Takes a lock that lives as long as this process does: a crash leaves the file, but no living holder. Gives a function that lets it
 * go, or the living holder.
 */
export function tryLock(file: string): Lock | { holder: Holder } {
  mkdirSync(path.dirname(file), { recursive: true });
  const me: Holder = { pid: process.pid, startedAt: startTime(process.pid) };
  for (;;) {
    try {
      writeFileSync(file, JSON.stringify(me), { flag: "wx", mode: 0o600 });
      return {
        leave: () => writeFileSync(file, JSON.stringify({ ...me, isLeaving: true })),
        release: () => rmSync(file, { force: true }),
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = readHolder(file);
    if (holder && isAlive(holder.pid) && startTime(holder.pid) === holder.startedAt) return { holder };
    rmSync(file, { force: true });
  }
}

/** Does `work` while nobody else holds the lock, waiting for it if need be. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const lock = tryLock(file);
    if ("holder" in lock) {
      await sleep(250);
      continue;
    }
    try {
      return await work();
    } finally {
      lock.release();
    }
  }
}

function readHolder(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return null;
  }
}
