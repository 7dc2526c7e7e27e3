import { type Dirent, existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** How long anything that a court's page said is kept here. */
const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;
/** What another source left belongs to whoever holds the lock of its host: it is taken away a day later, and only when nobody has written there for so long. */
const QUIET_MS = 3_600_000;

/** The source whose host the caller holds the lock of. */
type Held = { id: string };

/**
 * Removes raw pages with the index that names their addresses, and runs that some firm has refused all the while: those tell of people in the clear. Of every source,
 * also of one that is scraped no more; of one that another process may be delivering from, only what lies still. Gives the runs that were dropped.
 */
export function forgetOld(stateDir: string, { id }: Held, now: Date): string[] {
  const [oldest, oldestOfOthers] = [dayBefore(now, KEPT_DAYS), dayBefore(now, KEPT_DAYS + 1)];
  dropFrom(join(stateDir, "pages"), (_source, name) => name.slice(0, 10) < oldest);
  return dropFrom(join(stateDir, "runs"), (source, name, path) =>
    source === id
      ? name.slice(0, 10) < oldest
      : name.slice(0, 10) < oldestOfOthers && now.getTime() - lastWrittenAt(path) > QUIET_MS,
  );
}

const dayBefore = (now: Date, days: number): string =>
  new Date(now.getTime() - days * DAY_MS).toISOString().slice(0, 10);

/** What lies in the folders of the sources is named by its day, or begins with it; anything else there is not ours to take. */
function dropFrom(folder: string, isOver: (source: string, name: string, path: string) => boolean): string[] {
  const dropped: string[] = [];
  for (const { name: source } of foldersIn(folder)) {
    for (const { name } of foldersIn(join(folder, source))) {
      const path = join(folder, source, name);
      if (!/^\d{4}-\d\d-\d\d/.test(name) || !isOver(source, name, path)) continue;
      rmSync(path, { recursive: true, force: true });
      dropped.push(`${source}/${name}`);
    }
  }
  return dropped;
}

const foldersIn = (folder: string): Dirent[] =>
  existsSync(folder) ? readdirSync(folder, { withFileTypes: true }).filter((each) => each.isDirectory()) : [];

/** A line that is added to a file does not show at the folder, so the files are asked too. */
function lastWrittenAt(path: string): number {
  try {
    const all = [path, ...readdirSync(path).map((name) => join(path, name))];
    return Math.max(...all.map((each) => statSync(each, { throwIfNoEntry: false })?.mtimeMs ?? 0));
  } catch {
    // Gone meanwhile: whoever delivers from it has just closed it.
    return Number.POSITIVE_INFINITY;
  }
}
