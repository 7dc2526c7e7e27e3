// The model behind docs/cost-and-capacity.md: what it says of more firms must follow from what was measured of one.
import { expect, it } from "vitest";
import { SCHEDULES } from "@/lib/jobs/schedules";
import { planFor } from "../../scripts/capacity/cost";
import { FIRMS } from "../../scripts/capacity/inputs";
import { busyCores, edges, needOfFirm } from "../../scripts/capacity/model";
import { readMeasured } from "../../scripts/capacity/page";
import { runsADay } from "../../scripts/capacity/runs-a-day";
import { UNITS } from "../../scripts/capacity/units";

const measured = readMeasured();
const sum = (usd: Record<string, number>) => Object.values(usd).reduce((total, each) => total + each, 0);

it("rests on a measurement of every unit and of every schedule that there is", () => {
  expect(Object.keys(measured.units).sort()).toEqual(Object.keys(UNITS).sort());
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
    if (!less) continue;
    expect(sum(plan.usd)).toBeGreaterThan(sum(less.usd));
    expect(sum(plan.usd) / plan.firms).toBeLessThan(sum(less.usd) / less.firms);
    for (const part of Object.keys(plan.usd)) expect(plan.usd[part]).toBeGreaterThan(0);
  }
});

it("doubles what is busy when a piece of work costs twice as much, and halves what its component carries", () => {
  const twice = structuredClone(measured);
  for (const unit of Object.values(twice.units)) unit.databaseMs *= 2;
  for (const schedule of Object.values(twice.schedules)) {
    schedule.databaseMs *= 2;
    schedule.wallMs *= 2;
  }
  const busy = (of: typeof measured) => busyCores(needOfFirm(of), 100).database;
  expect(busy(twice)).toBeCloseTo(busy(measured) * 2, 6);
  const carries = (of: typeof measured, what: string) =>
    edges(of, { web: 12, worker: 10, standingWorkers: 2, diskGb: 1000 }).find((edge) => edge.what.startsWith(what))
      ?.carries ?? 0;
  for (const what of ["the largest database", "work by the clock"])
    expect(carries(twice, what)).toBeCloseTo(carries(measured, what) / 2, 6);
});
