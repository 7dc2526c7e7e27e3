// The model behind docs/cost-and-capacity.md: what it says of more firms must follow from what was measured of one.
import { expect, it } from "vitest";
import { SCHEDULES } from "@/lib/jobs/schedules";
import { planFor } from "../../scripts/capacity/cost";
import { edges } from "../../scripts/capacity/edges";
import { eventsADay, FIRM_DAY, FIRMS, KEPT_DAYS, LOOK_UPS_OF } from "../../scripts/capacity/inputs";
import { busyCores, needOfFirm, oneRunner, runnersFor } from "../../scripts/capacity/model";
import { readMeasured } from "../../scripts/capacity/page";
import { runsADay } from "../../scripts/capacity/runs-a-day";
import { TIMED, UNITS } from "../../scripts/capacity/units";

const measured = readMeasured();
const sum = (usd: Record<string, number>) => Object.values(usd).reduce((total, each) => total + each, 0);

it("rests on a measurement of every unit and of every schedule that there is", () => {
  expect(Object.keys(measured.units).sort()).toEqual(Object.keys(UNITS).sort());
  expect(Object.keys(measured.wallMs).sort()).toEqual([...TIMED].sort());
  expect(Object.keys(measured.schedules).sort(), "run: npm run capacity -- --write").toEqual(
    Object.keys(SCHEDULES).sort(),
  );
  for (const [name, { cron }] of Object.entries(SCHEDULES))
    expect(measured.schedules[name]?.runsADay).toBe(runsADay(cron));
});

it("counts a schedule as often as its cron line says", () => {
  expect(["* * * * *", "*/5 * * * *", "17 * * * *", "23 8 * * *"].map(runsADay)).toEqual([1440, 288, 24, 1]);
});

it("asks for more of everything the more firms there are, and less for each of them", () => {
  const plans = FIRMS.map((firms) => planFor(measured, firms));
  for (const [at, plan] of plans.entries()) {
    const less = plans[at - 1];
    if (!less || !plan) continue;
    expect(sum(plan.usd)).toBeGreaterThan(sum(less.usd));
    expect(sum(plan.usd) / plan.firms).toBeLessThan(sum(less.usd) / less.firms);
    for (const part of Object.keys(plan.usd)) expect(plan.usd[part]).toBeGreaterThan(0);
  }
});

const carries = (of: typeof measured, what: string) =>
  edges(of).find((edge) => edge.what.startsWith(what))?.carries ?? 0;

it("doubles what is busy when a piece of work costs twice as much, and halves what its component carries", () => {
  const twice = structuredClone(measured);
  for (const unit of Object.values(twice.units)) unit.databaseMs *= 2;
  for (const schedule of Object.values(twice.schedules)) {
    schedule.databaseMs *= 2;
    schedule.wallMs *= 2;
  }
  const busy = (of: typeof measured) => busyCores(of, 100, 2).database;
  expect(busy(twice)).toBeCloseTo(busy(measured) * 2, 6);
  expect(carries(twice, "work by the clock")).toBeCloseTo(carries(measured, "work by the clock") / 2, 6);
  // The runners that more firms need take a share of it too.
  const ratio = carries(measured, "the largest database") / carries(twice, "the largest database");
  expect(ratio).toBeGreaterThan(1.8);
  expect(ratio).toBeLessThan(2.2);
});

// Seen red without: the runners in busyCores.
it("counts what every job runner does for all firms once for each of them", () => {
  for (const component of ["worker", "database"] as const) {
    const [two, ten] = [2, 10].map((runners) => busyCores(measured, 1000, runners)[component]) as [number, number];
    expect(ten - two).toBeCloseTo(8 * oneRunner(measured, 1000)[component], 9);
    expect(ten).toBeGreaterThan(two);
  }
});

// Seen red without: what is taken off in runnersFor.
it("gives so many job runners that they carry their own work too, and none when another one never does", () => {
  const size = { cores: 1, min: 2 };
  for (const firms of [1, 1000, 20_000]) {
    const runners = runnersFor(measured, firms, size) ?? Number.NaN;
    expect(busyCores(measured, firms, runners).worker).toBeLessThanOrEqual(runners * 0.5);
    if (runners > 2) expect(busyCores(measured, firms, runners - 1).worker).toBeGreaterThan((runners - 1) * 0.5);
  }
  const dear = structuredClone(measured);
  dear.units.runnerSecond.processMs = 600;
  expect(runnersFor(dear, 1000, size)).toBeNull();
  expect(carries(dear, "any number of job runners")).toBe(0);
  expect(
    edges(dear)
      .map(({ next }) => next)
      .join(),
  ).toContain("needs the share by hash first");
});

it("takes a runner's question for all firms for one loop at most, however many firms there are", () => {
  const looking = (firms: number) => oneRunner(measured, firms).database;
  const { databaseMs } = measured.units.sealLook;
  expect(looking(10_000_000)).toBeLessThanOrEqual(
    databaseMs / measured.wallMs.sealLook + measured.units.runnerSecond.databaseMs / 1000,
  );
});

it("carries fewer firms when a chain takes longer to walk", () => {
  const slower = structuredClone(measured);
  slower.wallMs.verifyEvent *= 10;
  expect(carries(slower, "the walk along every chain")).toBeLessThan(carries(measured, "the walk along every chain"));
});

/** What was measured, with schedules that cost nothing and a walk that costs this much CPU, none of it PostgreSQL's. */
function withWalk({ eventMs, headMs }: { eventMs: number; headMs: number }): typeof measured {
  const of = structuredClone(measured);
  for (const schedule of Object.values(of.schedules)) schedule.processMs = 0;
  for (const [unit, processMs] of [["verifyEvent", eventMs] as const, ["verifyHead", headMs] as const])
    of.units[unit] = { processMs, databaseMs: 0, walBytes: 0 };
  return of;
}

it("counts the walk along a whole chain once a week, a seventh of the firms each day, beside what came that day", () => {
  const of = withWalk({ eventMs: 0.06, headMs: 1.67 });
  const dayMs = eventsADay() * 0.06 + FIRM_DAY.heads * 1.67;
  expect(needOfFirm(of).workerByClock * 7).toBeCloseTo((KEPT_DAYS + 7) * dayMs, 6);
  const still = busyCores(withWalk({ eventMs: 0, headMs: 0 }), 10_000, 0).worker;
  expect(busyCores(of, 10_000, 0).worker - still).toBeCloseTo((10_000 * (KEPT_DAYS / 7 + 1) * dayMs) / 86_400_000, 6);
});

it("shares all look-ups among the providers", () => {
  expect(Object.values(LOOK_UPS_OF).reduce((total, share) => total + share, 0)).toBeCloseTo(1, 9);
});
