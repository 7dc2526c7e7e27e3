// `npm run scrape -- --county Travis`: one scraper run. Beside a running demonstration it uses that; else the environment decides.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { chromiumSettings } from "./chromium";
import { ROOT, STATE } from "./repository";
import type { DemoFacts } from "./start/demo-facts";
import { scraperEnvironment } from "./start/services";

const demoFile = path.join(STATE, "demo.json");
const hasFirms = process.env.SCRAPER_FIRMS_FILE || process.env.SCRAPER_FIRMS;
const isDemo = !hasFirms && existsSync(demoFile);
const env = isDemo
  ? scraperEnvironment(JSON.parse(readFileSync(demoFile, "utf8")) as DemoFacts, path.join(STATE, "scraper-firms.json"))
  : process.env;
const args = ["--import", "tsx", path.join("workers", "scrape.ts"), ...process.argv.slice(2)];
// Scrapers take the browser they are given: they know no package that carries one.
const browser = args.includes("--browser") ? await chromiumSettings() : {};
const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...env, ...browser }, stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.once("exit", (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
