import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** How long anything that a court's page said is kept here. */
const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * Removes raw pages with the index that names their addresses, and runs that some firm has refused all the while: those tell of people in the clear. Of every source,
 * also of one that is scraped no more. Gives the runs that were dropped.
 */
export function forgetOld(stateDir: string, now: Date): string[] {
  const oldest = new Date(now.getTime() - KEPT_DAYS * DAY_MS).toISOString().slice(0, 10);
  dropOlder(join(stateDir, "pages"), oldest);
  return dropOlder(join(stateDir, "runs"), oldest);
}

/** What lies in the folders of the sources is named by its day, or begins with it. */
function dropOlder(folder: string, oldest: string): string[] {
  const dropped: string[] = [];
  for (const source of existsSync(folder) ? readdirSync(folder) : []) {
    for (const name of readdirSync(join(folder, source)).filter((each) => each.slice(0, 10) < oldest)) {
      rmSync(join(folder, source, name), { recursive: true, force: true });
      dropped.push(`${source}/${name}`);
    }
  }
  return dropped;
}
