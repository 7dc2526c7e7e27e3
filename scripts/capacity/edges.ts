import { SIZES } from "@/infra/sizes";
import { type Database, databaseNamed, LARGEST, roomOf } from "./databases";
import { BUSIEST_HOUR, CORE_BESIDE_MEASURED, DISK_BESIDE_ROWS, FIRM_DAY, FULL } from "./inputs";
import { busyCores, DAY_MS, HOUR_MS, keptGb, needOfFirm, oneRunner, runnersFor, WEEK_DAYS, wholeWalkMs } from "./model";
import type { Measured } from "./units";

/** Where something is full: the number of firms that it carries at most, and what to turn next. */
export type Edge = { what: string; carries: number; next: string };
const SECOND_MS = 1000;
const MOST = 2 ** 30;

/** The greatest number of firms for which it is carried; what is carried is so for fewer too. */
function carried(isCarried: (firms: number) => boolean): number {
  let [low, high] = [0, 1];
  while (high < MOST && isCarried(high)) [low, high] = [high, high * 2];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isCarried(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** How many firms each component of the production size carries before something has to change, the first that is full at the top. */
export function edges(measured: Measured): Edge[] {
  const { web, worker, database } = SIZES.production;
  const standing = databaseNamed(database.instance);
  const runnerCores = worker.cpu / 1024;
  const busy = (firms: number) => {
    const runners = runnersFor(measured, firms, { cores: runnerCores, min: worker.min });
    return runners === null ? null : busyCores(measured, firms, runners);
  };
  const carriedBy = (machine: Database) =>
    carried((firms) => (busy(firms)?.database ?? Number.POSITIVE_INFINITY) <= roomOf(machine));
  // A runner takes one slot after the other, and any runner takes any slot.
  const rounds = Object.values(measured.schedules).reduce(
    (total, { wallMs, runsADay }) => total + wallMs * runsADay,
    0,
  );
  const atMostRunners = carried(
    (firms) => busyCores(measured, firms, worker.max).worker <= worker.max * runnerCores * FULL,
  );
  const hasFixedPoint = carried((firms) => busy(firms) !== null);
  const list: Edge[] = [
    {
      what: `work by the clock, one slot and one firm after the other, in ${worker.min} job runners`,
      carries: (DAY_MS * worker.min) / rounds,
      next: "ask in one statement which firms have something due, as the sealer does; then split a slot into jobs by hash of the firm",
    },
    {
      what: `the walk along every chain, a seventh of them each night, one firm at a time in each of ${worker.min} job runners`,
      carries: (WEEK_DAYS * DAY_MS * worker.min) / wholeWalkMs(measured),
      next: "more than one at a time in a runner; then the whole walk less often than each week",
    },
    {
      what: `turns of the sealer in the busiest hour, one firm after the other, in ${worker.min} job runners`,
      carries: (HOUR_MS * worker.min) / (FIRM_DAY.sealTurns * BUSIEST_HOUR * measured.wallMs.sealTurn),
      next: "several firms at once in a runner",
    },
    {
      what: "the sealer's question, which then takes a second and is asked every 20 s",
      carries: SECOND_MS / measured.wallMs.sealLook,
      next: "give each runner the firms of its share (hash of the firm)",
    },
    {
      what: `the database of the production size (${standing.name})`,
      carries: carriedBy(standing),
      next: "a larger machine: one setting, one failover",
    },
    {
      what: `the largest database of one machine (${LARGEST.name})`,
      carries: carriedBy(LARGEST),
      next: "reading on a replica, tables partitioned by hash of the firm; then firms in more than one database",
    },
    {
      what: `the disk of the database, which grows to ${database.maxStorageGb} GB by itself`,
      carries: database.maxStorageGb / (keptGb(measured, 1) * DISK_BESIDE_ROWS),
      next: "a greater maxStorageGb in infra/sizes.ts, a shorter time that leads are kept, or partitions whose old ones go",
    },
    {
      what: `the web server at its greatest number of tasks (${web.max} of ${web.cpu / 1024} cores)`,
      carries: carried((firms) => busyCores(measured, firms, 0).web <= web.max * (web.cpu / 1024) * FULL),
      next: "a greater number in infra/sizes.ts; connections are the next limit: infra/base/connections.ts",
    },
    {
      what: `the job runners at their greatest number (${worker.max} of ${runnerCores} cores)`,
      carries: atMostRunners,
      next: wordsOfRunners(measured, atMostRunners, worker.max),
    },
  ];
  if (hasFixedPoint < MOST / 2)
    list.push({
      what: "any number of job runners: another one would add more work than it carries",
      carries: hasFixedPoint,
      next: "needs the share by hash first: each runner asks for the firms of its share alone",
    });
  return list.sort((a, b) => a.carries - b.carries);
}

/** What to turn when job runners are full, by what they do in the hour that fills them. */
function wordsOfRunners(measured: Measured, firms: number, runners: number): string {
  const byTheClock = (firms * needOfFirm(measured).workerByClock) / DAY_MS / CORE_BESIDE_MEASURED;
  const ofAll = (byTheClock + runners * oneRunner(measured, firms).worker) / busyCores(measured, firms, runners).worker;
  return `${Math.round(ofAll * 100)} % of it is work by the clock, which a queue elsewhere does not touch: the schedules in one question first, then a greater number in infra/sizes.ts`;
}
