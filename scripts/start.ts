// `npm start`: the whole product on this machine. `--dev` serves with Next's development server, `--demo` seeds a given database.
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureBuild } from "./build";
import { freePort, isPortFree } from "./free-port";
import { ensureGenerated } from "./generate";
import { type Lock, tryLock } from "./lock-file";
import { migrate } from "./migrate";
import { STATE } from "./repository";
import { runNode } from "./run";
import { assertOnlyDemoFirms, EmbeddedDatabase } from "./start/database";
import { describe, lastSandboxPort, writeDemoFacts } from "./start/demo-facts";
import { type Plan, readPlan } from "./start/plan";
import { openStateFolder, readOrMakeSecrets } from "./start/secrets";
import {
  makeEnvironment,
  sandboxService,
  schedulerService,
  scraperEnvironment,
  scriptService,
  webService,
} from "./start/services";
import { step } from "./start/steps";
import { Supervisor, stopLeftovers } from "./start/supervisor";

const LEAVING_PATIENCE_MS = 30_000;
const LOCK_PATIENCE_MS = 2_000;
const SCRAPE_EVERY_MS = 3 * 60_000;

const supervisor = new Supervisor(giveUp);
const database = new EmbeddedDatabase(giveUp);
let lock: Lock | undefined;
let stopping: Promise<void> | undefined;

process.on("SIGINT", () => void stop(0));
process.on("SIGTERM", () => void stop(0));
process.on("SIGHUP", () => void stop(0));
process.on("disconnect", () => void stop(1)); // scripts/launch.mjs is gone

try {
  const plan = readPlan(process.argv.slice(2), process.env);
  openStateFolder();
  await takeLock();
  await start(plan);
} catch (error) {
  if (!stopping) console.error(`\n${error instanceof Error ? error.message : error}`);
  await stop(1);
}

async function start(plan: Plan): Promise<void> {
  const left = await stopLeftovers();
  if (left.length > 0) console.log(`  Stopped what an earlier start left behind: ${left.join(", ")}`);
  if (!(await isPortFree(plan.port))) {
    throw new Error(
      `Port ${plan.port} is taken by another program. Choose another one: PORT=${plan.port + 100} npm start`,
    );
  }
  const secrets = readOrMakeSecrets();
  await step("Generate the database client", async (note) =>
    note((await ensureGenerated()) ? "done" : "nothing changed"),
  );
  const urls = plan.given ?? (await step("Start PostgreSQL", () => database.start(secrets)));
  await step("Migrate", async (note) => {
    const { applied } = await migrate({ databaseUrl: urls.ownerUrl });
    note(applied.length > 0 ? `${applied.length} applied` : "up to date");
  });
  const sandboxPort = plan.demo ? await freePort(lastSandboxPort()) : null;
  const sandboxUrl = sandboxPort ? `http://127.0.0.1:${sandboxPort}` : undefined;
  const environment = makeEnvironment(plan, urls, secrets, sandboxUrl);
  if (plan.demo) await assertOnlyDemoFirms(urls.appUrl);
  const folder = await step(plan.demo ? "Build, and seed the three firms" : "Build", async (note) => {
    const seeding = plan.demo && seed("firms", environment, { ownerUrl: urls.ownerUrl, firms: secrets.firms });
    const [built] = await Promise.all([plan.web === "dev" ? null : build(note), seeding]);
    return built;
  });
  const services = [
    webService(plan, environment, folder),
    scriptService("jobs", "workers/run-jobs.ts", environment),
    schedulerService(plan, secrets),
    ...(sandboxPort ? [sandboxService(plan, sandboxPort)] : []),
  ];
  await step(`Start ${services.map(({ name }) => name).join(", ")}`, () =>
    Promise.all(services.map((service) => supervisor.start(service))),
  );
  if (!sandboxUrl) {
    console.log(`\n  Arrestra serves ${plan.baseUrl}\n  Ctrl-C stops it.\n`);
    return;
  }
  const { facts, firmsFile } = writeDemoFacts(
    { baseUrl: plan.baseUrl, databaseUrl: urls.ownerUrl, appDatabaseUrl: urls.appUrl, sandboxUrl },
    secrets,
  );
  const scraper = scraperEnvironment(facts, firmsFile);
  await step("Scrape the court site", () => scrape(scraper)).catch(warn);
  await step("Let smithlaw work on its leads", () => seed("activity", environment)).catch(warn);
  console.log(`\n${describe(facts)}\n  Ctrl-C stops everything.\n`);
  void scrapeAgain(scraper);
}

async function build(note: (detail: string) => void): Promise<string> {
  const { folder, built } = await ensureBuild();
  note(built ? "built" : "nothing changed");
  return folder;
}

async function seed(what: "firms" | "activity", env: NodeJS.ProcessEnv, input: unknown = null): Promise<void> {
  await runNode(["--import", "tsx", path.join("scripts", "start", "seed-demo.ts"), what], {
    env,
    input: JSON.stringify(input),
  });
}

async function scrape(env: NodeJS.ProcessEnv): Promise<void> {
  await runNode(["--import", "tsx", path.join("workers", "scrape.ts")], { env });
}

async function scrapeAgain(env: NodeJS.ProcessEnv): Promise<void> {
  while (!stopping) {
    await sleep(SCRAPE_EVERY_MS);
    if (!stopping) await scrape(env).catch(warn);
  }
}

/** One start per folder. One that is just stopping is waited for, also one that is about to find out that its terminal is gone. */
async function takeLock(): Promise<void> {
  for (const began = Date.now(); ; await sleep(100)) {
    const taken = tryLock(path.join(STATE, "start.lock"));
    if ("release" in taken) {
      lock = taken;
      process.on("exit", taken.release);
      return;
    }
    const { pid, isLeaving } = taken.holder;
    if (Date.now() - began > (isLeaving ? LEAVING_PATIENCE_MS : LOCK_PATIENCE_MS)) {
      throw new Error(`Arrestra already runs from this folder (process ${pid}). Stop it there, or: kill ${pid}`);
    }
  }
}

function stop(code: number): Promise<void> {
  stopping ??= (async () => {
    if (lock) {
      process.stdout.write("\n  Stopping ...\n");
      lock.leave();
    }
    await supervisor.stopAll();
    await database.stop();
    process.exit(code);
  })();
  return stopping;
}

function giveUp(reason: string): void {
  console.error(`\n${reason}`);
  void stop(1);
}

function warn(error: unknown): void {
  if (!stopping) console.error(`  ! ${error instanceof Error ? error.message : error}`);
}
