import { BUSIEST_HOUR, CORE_BESIDE_MEASURED, DATABASES, DISK_BESIDE_ROWS, FIRM_DAY, FULL, KEPT_DAYS } from "./inputs";
import type { Measured, Unit, UnitCost } from "./units";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How often a firm without events is looked at (SELDOM_MS in lib/jobs/start-sealer.ts). */
export const SEAL_LOOK_MS = 20_000;

/** Which unit each piece of a firm's day is, and which process does it. */
const WORK: Record<"web" | "worker", readonly (readonly [keyof typeof FIRM_DAY, Unit])[]> = {
  web: [
    ["newLeads", "newLead"],
    ["leadsAgain", "sameLead"],
    ["listPages", "listPage"],
    ["leadPages", "leadPage"],
    ["apiReads", "apiRead"],
    ["statusChanges", "statusChange"],
    ["signIns", "signIn"],
    ["exportRows", "exportRow"],
  ],
  worker: [
    ["lookUps", "lookUp"],
    ["events", "seal"],
  ],
};

/** What one firm needs in a day: milliseconds of CPU by what people and scrapers cause and by being there, and bytes of WAL. */
export type FirmNeed = {
  web: number;
  worker: number;
  databaseForWork: number;
  /** Schedules and looks for unsealed events go on at night too. */
  workerForBeing: number;
  databaseForBeing: number;
  walBytes: number;
};

/** The measured costs times the day of a firm. */
export function needOfFirm(measured: Measured): FirmNeed {
  const sum = (process: "web" | "worker", part: keyof UnitCost) =>
    WORK[process].reduce((total, [what, unit]) => total + FIRM_DAY[what] * measured.units[unit][part], 0);
  const looks = DAY_MS / SEAL_LOOK_MS;
  const being = (part: keyof UnitCost) =>
    looks * measured.units.sealLook[part] +
    Object.values(measured.schedules).reduce((total, each) => total + each.runsADay * each[part], 0);
  return {
    web: sum("web", "processMs"),
    worker: sum("worker", "processMs"),
    databaseForWork: sum("web", "databaseMs") + sum("worker", "databaseMs"),
    workerForBeing: being("processMs"),
    databaseForBeing: being("databaseMs"),
    walBytes: sum("web", "walBytes") + sum("worker", "walBytes") + being("walBytes"),
  };
}

/** Cores that are busy in the busiest hour. */
export type Cores = { web: number; worker: number; database: number };

/** How busy `firms` firms keep the cores of each component in the busiest hour. */
export function busyCores(need: FirmNeed, firms: number): Cores {
  const peak = (ms: number) => (firms * ms * BUSIEST_HOUR) / HOUR_MS / CORE_BESIDE_MEASURED;
  const steady = (ms: number) => (firms * ms) / DAY_MS / CORE_BESIDE_MEASURED;
  return {
    web: peak(need.web),
    worker: peak(need.worker) + steady(need.workerForBeing),
    database: peak(need.databaseForWork) + steady(need.databaseForBeing),
  };
}

/** Gigabytes of rows after the time that leads are kept: leads with what belongs to them, and the events that are not a new lead's own. */
export const keptGb = (measured: Measured, firms: number): number =>
  (firms *
    KEPT_DAYS *
    (FIRM_DAY.newLeads * measured.leadDiskBytes + (FIRM_DAY.events - FIRM_DAY.newLeads) * measured.eventDiskBytes)) /
  1e9;

/** Where something is full: the number of firms that it carries at most, and what to turn next. */
export type Edge = { what: string; carries: number; next: string };

/** The smallest database whose cores the busiest hour fills to FULL at most; null when none is large enough. */
export const databaseFor = (busy: number): (typeof DATABASES)[number] | null =>
  DATABASES.find(({ cores }) => cores * FULL >= busy) ?? null;

/** How many firms each component carries before something has to change, the first that is full at the top. */
export function edges(
  measured: Measured,
  sizes: { web: number; worker: number; standingWorkers: number; diskGb: number },
): Edge[] {
  const need = needOfFirm(measured);
  const one = busyCores(need, 1);
  const largest = DATABASES[DATABASES.length - 1] as (typeof DATABASES)[number];
  const standing = DATABASES.find(({ name }) => name === "m7g.large") as (typeof DATABASES)[number];
  // A runner takes one slot after the other, and any runner takes any slot.
  const rounds = Object.values(measured.schedules).reduce(
    (total, { wallMs, runsADay }) => total + wallMs * runsADay,
    0,
  );
  const list: Edge[] = [
    {
      what: `work by the clock, one slot and one firm after the other, in ${sizes.standingWorkers} job runners`,
      carries: (DAY_MS * sizes.standingWorkers) / rounds,
      next: "ask in one statement which firms have something due, instead of each; then split a slot into jobs by hash of the firm",
    },
    {
      what: "looks for unsealed events, one firm after the other every 20 s, by each job runner",
      carries: SEAL_LOOK_MS / measured.sealLookWallMs,
      next: "give each runner the firms of its share (hash of the firm)",
    },
    {
      what: `the database of the production size (${standing.name})`,
      carries: (standing.cores * FULL) / one.database,
      next: "a larger machine: one setting, one failover",
    },
    {
      what: `the largest database of one machine (${largest.name})`,
      carries: (largest.cores * FULL) / one.database,
      next: "reading on a replica, tables partitioned by hash of the firm; then firms in more than one database",
    },
    {
      what: `the disk of the database, which grows to ${sizes.diskGb} GB by itself`,
      carries: sizes.diskGb / (keptGb(measured, 1) * DISK_BESIDE_ROWS),
      next: "a greater maxStorageGb in infra/sizes.ts, a shorter time that leads are kept, or partitions whose old ones go",
    },
    {
      what: `the web server at its greatest number of tasks (${sizes.web} cores)`,
      carries: (sizes.web * FULL) / one.web,
      next: "a greater number in infra/sizes.ts; connections are the next limit: infra/base/connections.ts",
    },
    {
      what: `the job runners at their greatest number (${sizes.worker} cores)`,
      carries: (sizes.worker * FULL) / one.worker,
      next: "QUEUE=sqs, and a greater number in infra/sizes.ts",
    },
  ];
  return list.sort((a, b) => a.carries - b.carries);
}
