import { HEADS_AT_ONCE } from "@/lib/domain/events/audit-heads";
import { restAfterLook } from "@/lib/jobs/start-sealer";
import {
  BUSIEST_HOUR,
  CORE_BESIDE_MEASURED,
  type Done,
  eventsADay,
  FIRM_DAY,
  FULL,
  KEPT_DAYS,
  S3_ANSWER_MS,
} from "./inputs";
import type { Measured, Unit, UnitCost } from "./units";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const WEEK_DAYS = 7;
/** Days of a chain that are walked in a day: those that came since the last walk, and once a week all that are kept. */
export const DAYS_WALKED = 1 + KEPT_DAYS / WEEK_DAYS;

/** Which unit each piece of a firm's day is, and which process does it. */
const WORK: Record<"web" | "worker", readonly (readonly [Done, Unit])[]> = {
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
    ["sealTurns", "sealTurn"],
    ["heads", "signHead"],
  ],
};

/** What one firm needs in a day: milliseconds of CPU by what people and scrapers cause and by the clock, and bytes of WAL. */
export type FirmNeed = {
  web: number;
  worker: number;
  databaseForWork: number;
  /** Schedules and verification: each night what came that day, and the whole chain on one day of the week, which is another for each firm. */
  workerByClock: number;
  databaseByClock: number;
  walBytes: number;
};

/** The measured costs times the day of a firm, without what every job runner does for all firms. */
export function needOfFirm(measured: Measured): FirmNeed {
  const { units, schedules } = measured;
  const sum = (process: "web" | "worker", part: keyof UnitCost) =>
    WORK[process].reduce((total, [what, unit]) => total + FIRM_DAY[what] * units[unit][part], 0);
  const byClock = (part: keyof UnitCost) =>
    DAYS_WALKED * (eventsADay() * units.verifyEvent[part] + FIRM_DAY.heads * units.verifyHead[part]) +
    Object.values(schedules).reduce((total, each) => total + each.runsADay * each[part], 0);
  return {
    web: sum("web", "processMs"),
    worker: sum("worker", "processMs"),
    databaseForWork: sum("web", "databaseMs") + sum("worker", "databaseMs"),
    workerByClock: byClock("processMs"),
    databaseByClock: byClock("databaseMs"),
    walBytes: sum("web", "walBytes") + sum("worker", "walBytes") + byClock("walBytes"),
  };
}

/** Cores that one job runner keeps busy by running: it asks for jobs of each kind, and which of all firms have something to seal. */
export function oneRunner(measured: Measured, firms: number): { worker: number; database: number } {
  const { runnerSecond, sealLook } = measured.units;
  // One question at a time: with the rest after it, there is room for so many.
  const tookMs = firms * measured.wallMs.sealLook;
  const looksASecond = 1000 / (tookMs + restAfterLook(tookMs));
  const cores = (part: "processMs" | "databaseMs") =>
    (runnerSecond[part] + looksASecond * firms * sealLook[part]) / 1000 / CORE_BESIDE_MEASURED;
  return { worker: cores("processMs"), database: cores("databaseMs") };
}

/** Busy cores of each component. */
export type Cores = { web: number; worker: number; database: number };

/** How busy `firms` firms and `runners` job runners keep the cores in the busiest hour of a day; what goes by the clock is spread over all of it. */
export function busyCores(measured: Measured, firms: number, runners: number): Cores {
  const need = needOfFirm(measured);
  const runner = oneRunner(measured, firms);
  const peak = (ms: number) => (firms * ms * BUSIEST_HOUR) / HOUR_MS / CORE_BESIDE_MEASURED;
  const steady = (ms: number) => (firms * ms) / DAY_MS / CORE_BESIDE_MEASURED;
  return {
    web: peak(need.web),
    worker: peak(need.worker) + steady(need.workerByClock) + runners * runner.worker,
    database: peak(need.databaseForWork) + steady(need.databaseByClock) + runners * runner.database,
  };
}

/** What of a machine may be busy when it is busiest. */
export const roomOfTask = (cores: number): number => cores * FULL;

/**
 * How many job runners of `cores` cores carry the firms, at least `min`. Each of them adds work of its own to theirs: so many that they carry that too, or null
 * when it fills a runner by itself.
 */
export function runnersFor(
  measured: Measured,
  firms: number,
  { cores, min }: { cores: number; min: number },
): number | null {
  const left = roomOfTask(cores) - oneRunner(measured, firms).worker;
  return left > 0 ? Math.max(min, Math.ceil(busyCores(measured, firms, 0).worker / left)) : null;
}

/** Gigabytes of rows after the time that leads are kept: leads with what belongs to them, and the events that are not a new lead's own. */
export const keptGb = (measured: Measured, firms: number): number =>
  (firms *
    KEPT_DAYS *
    (FIRM_DAY.newLeads * measured.leadDiskBytes + (eventsADay() - FIRM_DAY.newLeads) * measured.eventDiskBytes)) /
  1e9;

/** Milliseconds on the clock that one job runner takes in a week for the whole chain of a firm, heads read from S3 some at once. */
export function wholeWalkMs({ wallMs }: Measured): number {
  const readHead = Math.max(wallMs.verifyHead, S3_ANSWER_MS / HEADS_AT_ONCE);
  return KEPT_DAYS * (eventsADay() * wallMs.verifyEvent + FIRM_DAY.heads * readHead);
}
