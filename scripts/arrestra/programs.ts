import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../repository";

/** Bad usage, as the scraper numbers it. */
const SCRAPER_USAGE = 2;

/** The scraper is a process of its own: it knows no database, and takes its own settings. */
export async function runScraper(args: string[], usage: number): Promise<number> {
  if (!existsSync(path.join(ROOT, "workers", "scrape.ts")))
    throw new Error("Scrapers have an image of their own. docs/runbooks/source-silent.md starts one pass of it.");
  const script = path.join("scripts", "scrape.ts");
  const child = spawn(process.execPath, ["--import", "tsx", script, ...args], { cwd: ROOT, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status, signal) => resolve(signal ? 130 : (status ?? 1)));
  });
  return code === SCRAPER_USAGE ? usage : code;
}
