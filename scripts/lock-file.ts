import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
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
  // Nobody may read a file that is not yet written: it would be of no living holder.
  const put = (holder: Holder, under: (written: string) => void) => {
    const written = `${file}.${randomUUID()}`;
    writeFileSync(written, JSON.stringify(holder), { mode: 0o600 });
    try {
      under(written);
    } finally {
      rmSync(written, { force: true });
    }
  };
  for (;;) {
    try {
      put(me, (written) => linkSync(written, file));
      return {
        leave: () => put({ ...me, isLeaving: true }, (written) => renameSync(written, file)),
        release: () => rmSync(file, { force: true }),
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const text = readIfThere(file);
    if (text === null) continue;
    const holder = livingHolder(text);
    if (holder) return { holder };
    removeDead(file, text);
  }
}

/**
 * Removes what a dead holder left, one process at a time: else it would be that of who has taken the lock since. A dead holder does not let go by itself,
 * so what is still its file stays so until it is removed here.
 */
function removeDead(file: string, text: string): void {
  const turn = tryLock(`${file}.dead`);
  // Somebody else is at it, for a moment.
  if ("holder" in turn) return;
  try {
    if (readIfThere(file) === text) rmSync(file, { force: true });
  } finally {
    turn.release();
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

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Who wrote it, unless that process is gone. What cannot be read was written by nobody who is alive. */
function livingHolder(text: string): Holder | null {
  try {
    const holder = JSON.parse(text) as Holder;
    return isAlive(holder.pid) && startTime(holder.pid) === holder.startedAt ? holder : null;
  } catch {
    return null;
  }
}
