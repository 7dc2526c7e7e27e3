// `npm run bench`: what the product costs beside the least that the same work can cost, interleaved in one run. docs/performance.md
// says what each figure means.
import path from "node:path";
import type { Figure } from "./bench/figures";
import { type House, openHouse } from "./bench/house";
import { watchMachine } from "./bench/machine";
import { toTerminal, writeDocument } from "./bench/report";
import { readOptions, type Sizes, USAGE } from "./bench/sizes";
import { withClient } from "./bootstrap-database";
import { withLock } from "./lock-file";
import { STATE } from "./repository";

const options = readOptions(process.argv.slice(2));
if (options.help) console.log(USAGE);
else await withLock(path.join(STATE, "bench.lock"), bench);

async function bench(): Promise<void> {
  console.log("Building when a source has changed, starting PostgreSQL and the web server ...");
  const house = await openHouse(options.server);
  const leave = () => void house.close().finally(() => process.exit(130));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, leave);
  process.once("disconnect", leave);
  try {
    const startedAt = performance.now();
    const sinceStart = watchMachine([process.pid, house.postgresPid]);
    const figures = await measureAll(house, options.sizes);
    const run = {
      figures,
      verdict: sinceStart(),
      postgres: await describePostgres(house),
      kind: options.kind,
      turns: options.sizes.turns,
      seconds: (performance.now() - startedAt) / 1000,
    };
    console.log(toTerminal(run));
    if (options.write) writeDocument(run);
  } finally {
    const { closeDatabase } = await import("@/lib/platform/db");
    await closeDatabase();
    await house.close();
    // Who listens for it keeps the process alive.
    process.removeListener("disconnect", leave);
  }
}

/** One goal after the other; verbs are loaded only now, when the environment that they read once is there. */
async function measureAll(house: House, sizes: Sizes): Promise<Figure[]> {
  const { wants } = options;
  const figures: Figure[] = [];
  const step = async (what: string, measure: () => Promise<Figure[]>) => {
    console.log(`  ${what} ...`);
    figures.push(...(await measure()));
  };
  if (wants(1, 2, 3)) {
    const { measureIngest } = await import("./bench/measure-ingest");
    await step("ingest", () => measureIngest(house, sizes));
  }
  if (wants(4)) {
    const { measureExport } = await import("./bench/measure-export");
    await step("export", () => measureExport(house, sizes));
  }
  if (wants(4, 5, 6, 7)) await measureLarge(house, sizes, step);
  return figures;
}

/** What needs a firm with many leads. */
async function measureLarge(
  house: House,
  sizes: Sizes,
  step: (what: string, measure: () => Promise<Figure[]>) => Promise<void>,
): Promise<void> {
  const { wants } = options;
  const { makeFirm } = await import("@/tests/setup/firms");
  const { fillWithLeads } = await import("@/tests/setup/many-leads");
  const { explainManyLeads, explainPages } = await import("./bench/explain-pages");
  const [small, large] = [await makeFirm(), await makeFirm()];
  console.log(`  making ${sizes.large.toLocaleString("en-US")} leads ...`);
  await fillWithLeads(house.adminUrl, large.id, sizes.large);
  if (wants(4)) {
    const { measureExportCost } = await import("./bench/measure-export-cost");
    await fillWithLeads(house.adminUrl, small.id, sizes.exported);
    await step("memory of an export", () => measureExportCost(house, { small, large }, sizes));
  }
  if (wants(5)) await step("plans", () => explainPages(large, sizes.large));
  if (wants(6)) {
    const { measurePages } = await import("./bench/measure-pages");
    await step("pages", () => measurePages(house, large, sizes));
  }
  if (wants(7)) {
    const { measureStatus } = await import("./bench/measure-status");
    await step("status changes", () => measureStatus(house, large, sizes));
  }
  if (!wants(5)) return;
  for (const leads of sizes.explained) await step(`plans of ${leads} leads`, () => explainManyLeads(house, leads));
}

async function describePostgres(house: House): Promise<string> {
  return withClient(house.adminUrl, async (client) => {
    const { rows } = await client.query<{ version: string; fsync: string; commit: string; buffers: string }>(
      `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
         current_setting('synchronous_commit') AS commit, current_setting('shared_buffers') AS buffers`,
    );
    const [row] = rows;
    return `PostgreSQL ${row?.version}, fsync ${row?.fsync}, synchronous_commit ${row?.commit}, shared_buffers ${row?.buffers}, the same server for both sides`;
  });
}
