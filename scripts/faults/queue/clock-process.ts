// Plays the clocks in a process of its own, whose machine stands in Texas (TZ): `tsx scripts/faults/queue/clock-process.ts quick|full|without`.
import type { ScheduleName } from "@/lib/contracts/jobs";
import { SCHEDULES } from "@/lib/jobs/schedules";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import type { Size } from "../fault";
import { jobsInQueue, judge, type Ledger, makeLedger, realLedger, slotsOf } from "./ledger";
import { playSlots } from "./play-slots";

const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Where local time changes twice a year. */
const ZONE = "America/Chicago";
const SEED = 20_261_122;

/** Three years with a leap day, and the hours that the queue itself plays: both changes of local time, the leap day, the turn of a year. */
const YEARS = { from: new Date("2027-01-01T00:00:00Z"), quick: 30 * DAY, full: 3 * 365 * DAY + DAY };
const REAL_DAYS = {
  quick: [["2027-11-07T05:00:00Z", 3 * HOUR] as const],
  full: [
    ["2027-03-14T04:00:00Z", 8 * HOUR],
    ["2027-11-07T03:00:00Z", 8 * HOUR],
    ["2028-02-28T22:00:00Z", 28 * HOUR],
    ["2028-12-31T20:00:00Z", 8 * HOUR],
  ] as const,
};
/** The quick run is around the change of local time in autumn, the full one begins with the year. */
const QUICK_FROM = new Date("2027-10-20T00:00:00Z");

type Rhythm = { schedule: ScheduleName; cron: string; stepMs: number };

/** One schedule of each rhythm: those with the same rhythm differ by their name alone. Looks are rarer than the second of the real scheduler, and still several to a slot. */
const RHYTHMS: readonly Rhythm[] = Object.entries(SCHEDULES)
  .filter(([, { cron }], index, all) => all.findIndex(([, other]) => other.cron === cron) === index)
  .map(([name, { cron }]) => ({ schedule: name as ScheduleName, cron, stepMs: stepOf(cron) }));

function stepOf(cron: string): number {
  const [minutes = "", hours = ""] = cron.split(" ");
  if (minutes === "*") return 25 * SECOND;
  if (minutes.startsWith("*/")) return Number(minutes.slice(2)) * 20 * SECOND;
  return hours === "*" ? 400 * SECOND : 900 * SECOND;
}

type Play = {
  ledger: () => Ledger;
  from: Date;
  to: Date;
  nameOf?: (at: Date) => Date;
};
type Sum = { slots: number; missed: number; double: number; steps: number };

/** Each rhythm in a made-up time of its own, with its own troubles. */
async function playAll({ ledger, from, to, nameOf = (at) => at }: Play): Promise<Sum> {
  const sum: Sum = { slots: 0, missed: 0, double: 0, steps: 0 };
  for (const [index, { schedule, cron, stepMs }] of RHYTHMS.entries()) {
    const kept = ledger();
    const { receive } = kept;
    const schedules = { [schedule]: { cron } };
    const seed = SEED + index;
    sum.steps += await playSlots({
      schedules,
      from,
      to,
      stepMs,
      seed,
      receive,
      reads: (clock) => ({ now: () => nameOf(clock.now()) }),
    });
    const judged = judge(kept, schedule, cron, { from, to, nameOf });
    for (const name of ["slots", "missed", "double"] as const) sum[name] += judged[name];
  }
  return sum;
}

const yearsOf = (size: Size) => {
  const from = size === "quick" ? QUICK_FROM : YEARS.from;
  return { from, to: new Date(from.getTime() + YEARS[size]) };
};

/** The three years against a ledger, and the hours that matter against the queue in Postgres. */
async function playYears(size: Size): Promise<Sum & Record<string, number>> {
  const years = await playAll({ ledger: makeLedger, ...yearsOf(size) });
  const days: Sum = { slots: 0, missed: 0, double: 0, steps: 0 };
  for (const [at, ms] of REAL_DAYS[size]) {
    const within = { from: new Date(at), to: new Date(Date.parse(at) + ms) };
    const day = await playAll({ ledger: realLedger, ...within });
    for (const name of ["slots", "missed", "double", "steps"] as const) days[name] += day[name];
    for (const { schedule, cron } of RHYTHMS) {
      const slots = slotsOf(cron, within);
      days.missed += slots.length - (await jobsInQueue(schedule, slots));
    }
  }
  return {
    ...years,
    missed: years.missed + days.missed,
    double: years.double + days.double,
    steps: years.steps + days.steps,
    slotsInPostgres: days.slots,
  };
}

const LOCAL = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, dateStyle: "short", timeStyle: "medium" });
/** A time as somebody in Texas reads it from the wall, taken for UTC: what a scheduler on local time does. */
const localTime = (at: Date): Date => new Date(`${LOCAL.format(at).replace(" ", "T")}Z`);

/** The hours around the change of local time in autumn: once on local time, which has an hour twice; once in UTC, where each slot that is sent makes a job. */
async function playWithout(): Promise<Sum> {
  const from = new Date("2027-11-07T05:00:00Z");
  const hours = { from, to: new Date(from.getTime() + 6 * HOUR) };
  const local = await playAll({ ledger: makeLedger, ...hours, nameOf: localTime });
  const noId = await playAll({ ledger: () => makeLedger({ isSlotAnId: false }), ...hours });
  const of = (name: keyof Sum) => local[name] + noId[name];
  return { slots: of("slots"), missed: of("missed"), double: of("double"), steps: of("steps") };
}

const [side = "quick"] = process.argv.slice(2);
const figures = side === "without" ? await playWithout() : await playYears(side === "full" ? "full" : "quick");
await closeQueue();
await closeDatabase();
console.log(JSON.stringify({ figures }));
