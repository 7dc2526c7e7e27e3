import { readFileSync } from "node:fs";
import path from "node:path";
import { PRICES_AS_OF } from "@/infra/watch/prices";
import { LIST_PRICES, PROVIDER_NAMES, providerLabel } from "@/lib/contracts/providers";
import { table } from "../docs/table";
import { ROOT } from "../repository";
import { LOOK_UPS, type Plan, planFor } from "./cost";
import { edges } from "./edges";
import {
  BUSIEST_HOUR,
  CORE_BESIDE_MEASURED,
  DATABASES,
  DISK_BESIDE_ROWS,
  type Done,
  eventsADay,
  FILES_A_PAGE,
  FILES_GB,
  FIRM_DAY,
  FIRMS,
  FULL,
  KEPT_DAYS,
  LOOK_UPS_OF,
  S3_ANSWER_MS,
  STREAM_LINE_BYTES,
} from "./inputs";
import { type Cores, needOfFirm, oneRunner } from "./model";
import { type Measured, TIMED, UNITS, type Unit } from "./units";

/** Where `npm run capacity -- --write` puts what it measured. */
export const MEASURED_FILE = path.join(ROOT, "scripts", "capacity", "measured.json");

/** What was measured last. */
export const readMeasured = (): Measured => JSON.parse(readFileSync(MEASURED_FILE, "utf8")) as Measured;

/** A number to three digits, with the commas of thousands. */
export const figure = (value: number): string =>
  Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 3 });

const WORDS: Record<Done, string> = {
  newLeads: "new leads",
  leadsAgain: "leads posted again",
  batches: "batches of leads posted",
  listPages: "pages of the list",
  leadPages: "pages of a lead",
  apiReads: "readings by the API",
  statusChanges: "changes of status",
  signIns: "sign-ins",
  exportRows: "rows exported",
  lookUps: "look-ups",
  sealTurns: "turns of the sealer that find events",
  heads: "signed heads",
  evidenceFiles: "files kept with leads",
};

/** The inputs of the model that nobody measured. */
export const inputTable = (): string =>
  table(
    ["input", "value"],
    [
      ...Object.entries(FIRM_DAY).map(([name, value]) => [
        `${WORDS[name as Done]} of one firm in a day`,
        figure(value),
      ]),
      [
        "events of one firm in a day: one of each new lead, page of a lead, change, sign-in and look-up",
        figure(eventsADay()),
      ],
      ["share of the day in its busiest hour", figure(BUSIEST_HOUR)],
      ["how full machines are in that hour, at most", figure(FULL)],
      ["days that leads are kept", figure(KEPT_DAYS)],
      ["disk beside the rows that are counted", figure(DISK_BESIDE_ROWS)],
      ["files of the web pages asked of the edge for each page", figure(FILES_A_PAGE)],
      ["a core at AWS beside a core of the machine that was measured", figure(CORE_BESIDE_MEASURED)],
      ...DATABASES.filter(({ sustained }) => sustained).map(({ name, sustained = 0 }) => [
        `cores that a ${name} keeps up without credits for bursts`,
        figure(sustained),
      ]),
      ["files that a firm keeps, GB (5 are allowed)", figure(FILES_GB)],
      ["a line of the audit trail's stream, bytes", figure(STREAM_LINE_BYTES)],
      ["an answer of S3, ms", figure(S3_ANSWER_MS)],
      ...PROVIDER_NAMES.map((name) => [
        `share of the look-ups that ${providerLabel(name)} does, every one charged at its list price`,
        `${figure(LOOK_UPS_OF[name])} at ${LIST_PRICES[name].microUsd / 1e6} USD`,
      ]),
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
  const roundMs = Object.values(measured.schedules).reduce((total, { wallMs }) => total + wallMs, 0);
  return [
    `Measured on ${measured.on}: ${measured.machine}; ${measured.postgres}. ${measured.verdict}.`,
    "",
    table(["one of", "CPU of the process, ms", "CPU of PostgreSQL, ms", "WAL, bytes"], [...rows, ...schedules]),
    "",
    `On the clock: ${TIMED.map((name) => `${figure(measured.wallMs[name])} ms for ${UNITS[name].replace(" (job runner)", "")}`).join("; ")}; ${figure(roundMs)} ms for all schedules of a firm, each once.`,
    "",
    `A lead with its charges, observation and event takes ${figure(measured.leadDiskBytes)} bytes of disk, indexes included, any other event with its seal ${figure(measured.eventDiskBytes)}; a page leaves ${figure(measured.logBytesPerRequest)} bytes in the log.`,
  ].join("\n");
}

const COMPONENTS = ["web", "worker", "database"] as const satisfies readonly (keyof Cores)[];

/** One firm, a hundred, ten thousand. */
export function planTable(measured = readMeasured()): string {
  const plans = FIRMS.map((firms) => planFor(measured, firms));
  const row = (what: string, of: (plan: Plan) => string) => [
    what,
    ...plans.map((plan) => (plan ? of(plan) : "needs the share by hash first")),
  ];
  const parts = Object.keys(plans[0]?.usd ?? {});
  const need = needOfFirm(measured);
  const runner = oneRunner(measured, FIRMS[FIRMS.length - 1] ?? 1);
  return [
    `One firm's day takes ${figure(need.web / 1000)} s of the web server's CPU, ${figure((need.worker + need.workerByClock) / 1000)} s of the job runners' (${figure(need.workerByClock / 1000)} s of it by the clock) and ${figure((need.databaseForWork + need.databaseByClock) / 1000)} s of PostgreSQL's (${figure(need.databaseByClock / 1000)} s), the walk along its whole chain, once a week, shared among seven days. Each job runner, at ${figure(FIRMS[FIRMS.length - 1] ?? 1)} firms, keeps ${figure(runner.worker)} of its own cores and ${figure(runner.database)} of PostgreSQL's busy by asking for work.`,
    "",
    table(
      ["", ...FIRMS.map((firms) => `${figure(firms)} ${firms === 1 ? "firm" : "firms"}`)],
      [
        row("busy cores at most: web, job runner, PostgreSQL", ({ busy }) =>
          COMPONENTS.map((component) => figure(busy[component])).join(", "),
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
    "",
    wordsOfLookUps(measured),
  ].join("\n");
}

const sum = (usd: Record<string, number>) => Object.values(usd).reduce((total, each) => total + each, 0);

/** From how many firms on look-ups cost more than all else together; a plan that nothing carries ends the search. */
function wordsOfLookUps(measured: Measured): string {
  const shareAt = (firms: number) => {
    const usd = planFor(measured, firms)?.usd;
    return usd ? (usd[LOOK_UPS] ?? 0) / sum(usd) : Number.NaN;
  };
  const first = Array.from({ length: 500 }, (_, at) => 2 + at * 2).find((firms) => shareAt(firms) > 0.5);
  const shares = FIRMS.map((firms) => `${figure(shareAt(firms) * 100)} %`).join(", ");
  return `Look-ups are ${shares} of these sums${first ? `, and more than half of the bill from about ${figure(first)} firms on` : ""}.`;
}

/** What is full first, and what to turn then. */
export const edgeTable = (measured = readMeasured()): string =>
  table(
    ["what is full", "at so many firms", "what to turn next"],
    edges(measured).map(({ what, carries, next }) => [what, figure(Math.floor(carries)), next]),
  );
