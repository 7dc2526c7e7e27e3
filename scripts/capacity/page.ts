import { readFileSync } from "node:fs";
import path from "node:path";
import { SIZES } from "@/infra/sizes";
import { PRICES_AS_OF } from "@/infra/watch/prices";
import { table } from "../docs/table";
import { ROOT } from "../repository";
import { planFor } from "./cost";
import { BUSIEST_HOUR, DISK_BESIDE_ROWS, FIRM_DAY, FIRMS, FULL, KEPT_DAYS, LOOK_UP_USD } from "./inputs";
import { edges, needOfFirm } from "./model";
import { type Measured, UNITS, type Unit } from "./units";

/** Where `npm run capacity -- --write` puts what it measured. */
export const MEASURED_FILE = path.join(ROOT, "scripts", "capacity", "measured.json");

/** What was measured last. */
export const readMeasured = (): Measured => JSON.parse(readFileSync(MEASURED_FILE, "utf8")) as Measured;

/** A number to three digits, with the commas of thousands. */
export const figure = (value: number): string =>
  Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 3 });

const WORDS: Record<keyof typeof FIRM_DAY, string> = {
  newLeads: "new leads",
  leadsAgain: "leads posted again",
  listPages: "pages of the list",
  leadPages: "pages of a lead",
  apiReads: "readings by the API",
  statusChanges: "changes of status",
  signIns: "sign-ins",
  exportRows: "rows exported",
  lookUps: "look-ups",
  events: "events",
};

/** The inputs of the model that nobody measured. */
export const inputTable = (): string =>
  table(
    ["input", "value"],
    [
      ...Object.entries(FIRM_DAY).map(([name, value]) => [
        `${WORDS[name as keyof typeof FIRM_DAY]} of one firm in a day`,
        figure(value),
      ]),
      ["share of the day in its busiest hour", figure(BUSIEST_HOUR)],
      ["how full machines are in that hour", figure(FULL)],
      ["days that leads are kept", figure(KEPT_DAYS)],
      ["disk beside the rows that are counted", figure(DISK_BESIDE_ROWS)],
      ["one look-up, list price", `${LOOK_UP_USD} USD`],
      ["prices of AWS", `list prices of us-east-1, ${PRICES_AS_OF}: infra/watch/prices.ts`],
    ],
  );

/** What was measured, unit by unit, with the machine and the day. */
export function measuredTable(measured = readMeasured()): string {
  const rows = (Object.keys(UNITS) as Unit[]).map((name) => {
    const { processMs, databaseMs, walBytes } = measured.units[name];
    return [UNITS[name], figure(processMs), figure(databaseMs), figure(walBytes)];
  });
  const schedules = Object.entries(measured.schedules).map(([name, each]) => [
    `schedule ${name}, one firm with nothing due, ${figure(each.runsADay)} times a day (job runner)`,
    figure(each.processMs),
    figure(each.databaseMs),
    figure(each.walBytes),
  ]);
  return [
    `Measured on ${measured.on}: ${measured.machine}; ${measured.postgres}. ${measured.verdict}.`,
    "",
    table(["one of", "CPU of the process, ms", "CPU of PostgreSQL, ms", "WAL, bytes"], [...rows, ...schedules]),
    "",
    `A lead with its charges, observation and event takes ${figure(measured.leadDiskBytes)} bytes of disk, indexes included, any other event with its seal ${figure(measured.eventDiskBytes)}; a page leaves ${figure(measured.logBytesPerRequest)} bytes in the log.`,
  ].join("\n");
}

/** One firm, a hundred, ten thousand. */
export function planTable(measured = readMeasured()): string {
  const plans = FIRMS.map((firms) => planFor(measured, firms));
  const row = (what: string, of: (plan: (typeof plans)[number]) => string) => [what, ...plans.map(of)];
  const sum = (usd: Record<string, number>) => Object.values(usd).reduce((total, each) => total + each, 0);
  const parts = Object.keys(plans[0]?.usd ?? {});
  const need = needOfFirm(measured);
  return [
    `One firm's day takes ${figure(need.web / 1000)} s of the web server's CPU, ${figure((need.worker + need.workerForBeing) / 1000)} s of the job runner's (${figure(need.workerForBeing / 1000)} s of it for being there) and ${figure((need.databaseForWork + need.databaseForBeing) / 1000)} s of PostgreSQL's (${figure(need.databaseForBeing / 1000)} s).`,
    "",
    table(
      ["", ...plans.map(({ firms }) => `${figure(firms)} ${firms === 1 ? "firm" : "firms"}`)],
      [
        row("busy cores in the busiest hour: web, job runner, PostgreSQL", ({ busy }) =>
          [busy.web, busy.worker, busy.database].map(figure).join(", "),
        ),
        row("web tasks", ({ web }) => `${figure(web.tasks)} of ${web.cores} cores`),
        row("job runners", ({ worker }) => `${figure(worker.tasks)} of ${worker.cores} cores`),
        row("databases", ({ database }) => `${database.machines} x ${database.name}, ${database.memoryGb} GB`),
        row("rows kept, GB", (plan) => figure(plan.keptGb)),
        row("WAL a day, GB", (plan) => figure(plan.walGbADay)),
        ...parts.map((part) => row(`${part}, USD a month`, ({ usd }) => figure(usd[part] ?? Number.NaN))),
        row("together, USD a month", ({ usd }) => figure(sum(usd))),
        row("for one firm, USD a month", ({ usd, firms }) => figure(sum(usd) / firms)),
      ],
    ),
  ].join("\n");
}

/** What is full first, and what to turn then. */
export const edgeTable = (measured = readMeasured()): string =>
  table(
    ["what is full", "at so many firms", "what to turn next"],
    edges(measured, {
      web: (SIZES.production.web.max * SIZES.production.web.cpu) / 1024,
      worker: (SIZES.production.worker.max * SIZES.production.worker.cpu) / 1024,
      standingWorkers: SIZES.production.worker.min,
      diskGb: SIZES.production.database.maxStorageGb,
    }).map(({ what, carries, next }) => [what, figure(Math.floor(carries)), next]),
  );
