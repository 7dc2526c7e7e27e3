import { describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { parseCents } from "@/lib/core/money";
import { startSandbox } from "@/sandbox/server";
import { DEMO_COUNTIES, demoForms } from "@/sandbox/topics/demo-day";
import type { Form } from "@/sandbox/topics/form";
import { control, detail, listRows, readForm } from "./calls";

const START = new Date("2026-11-21T14:00:00Z");
const later = (minutes: number) => new Date(START.getTime() + minutes * 60_000);
const byId = (forms: Form[]) => new Map(forms.map((form) => [form.id, form]));

describe("the demo day", () => {
  it("is the same for the same moment", () => {
    expect(demoForms("Travis", later(30), [START])).toEqual(demoForms("Travis", later(30), [START]));
  });

  it("holds 60 to 90 forms for Travis and about 25 for the others, on any day of the year", () => {
    for (let day = 0; day < 366; day += 7) {
      const now = later(day * 24 * 60);
      const [travis = 0, hays = 0, williamson = 0] = DEMO_COUNTIES.map(
        (county) => demoForms(county, now, [now]).length,
      );
      expect(travis).toBeGreaterThanOrEqual(60);
      expect(travis).toBeLessThanOrEqual(90);
      for (const count of [hays, williamson]) {
        expect(count).toBeGreaterThanOrEqual(20);
        expect(count).toBeLessThanOrEqual(32);
      }
    }
  });

  it("has forms of the last hours, and none from the future", () => {
    const printed = (form: Form) => new Date(`${form.magistration?.at} GMT-0600`).getTime();
    const ages = demoForms("Travis", START, [START]).map((form) => START.getTime() - printed(form));
    expect(Math.min(...ages)).toBeLessThan(3 * 3_600_000);
    expect(Math.min(...ages)).toBeGreaterThan(0);
    expect(Math.max(...ages)).toBeGreaterThan(9 * 24 * 3_600_000);
  });

  it("gives Travis a new form every two minutes, and moves one that was there", () => {
    let before = byId(demoForms("Travis", START, [START]));
    let moved = 0;
    for (let step = 1; step <= 30; step++) {
      const after = byId(demoForms("Travis", later(step * 2), [START]));
      expect([...after.keys()].filter((id) => !before.has(id)).length).toBeGreaterThanOrEqual(1);
      for (const [id, form] of before) if (JSON.stringify(form) !== JSON.stringify(after.get(id))) moved += 1;
      before = after;
    }
    expect(moved).toBeGreaterThanOrEqual(15);
  });

  it("lowers bail, assigns cause numbers, adds offenses and withdraws forms in the course of three hours", () => {
    const before = byId(demoForms("Travis", START, [START]));
    const after = byId(demoForms("Travis", later(180), [START]));
    const pairs = [...before].flatMap(([id, form]) => {
      const now = after.get(id);
      return now ? [[form, now] as const] : [];
    });
    const total = (form: Form) => form.offenses.reduce((sum, line) => sum + (parseCents(line.bailAmount) ?? 0), 0);
    const blanks = (form: Form) => form.offenses.filter((line) => line.causeNumber === "").length;
    expect(pairs.some(([a, b]) => a.offenses.length === b.offenses.length && total(b) < total(a))).toBe(true);
    expect(pairs.some(([a, b]) => blanks(b) < blanks(a))).toBe(true);
    expect(pairs.some(([a, b]) => b.offenses.length > a.offenses.length)).toBe(true);
    expect(after.size).toBeLessThan(before.size + 91 + 4);
  });

  it("still knows yesterday's forms and people after it was started again", () => {
    const yesterday = demoForms("Travis", later(60), [START]);
    const today = byId(demoForms("Travis", later(25 * 60), [START, later(25 * 60)]));
    const kept = yesterday.filter((form) => today.has(form.id));
    expect(kept.length).toBeGreaterThanOrEqual(yesterday.length - 2);
    expect(kept.every((form) => today.get(form.id)?.name === form.name)).toBe(true);
  });

  it("shows every kind of bail and several offenses on one form", () => {
    const forms = DEMO_COUNTIES.flatMap((county) => demoForms(county, START, [START]));
    const lines = forms.flatMap((form) => form.offenses);
    expect(new Set(lines.map((line) => line.bailType))).toEqual(new Set(["Surety", "Cash", "Personal", "Denied", ""]));
    expect(lines.some((line) => line.bailAmount === "$0.00")).toBe(true);
    expect(lines.some((line) => line.bailAmount === "" && line.bailType === "Surety")).toBe(true);
    expect(forms.filter((form) => form.offenses.length > 1).length).toBeGreaterThan(15);
    const causes = forms
      .filter((form) => form.county === "Travis")
      .flatMap((form) => form.offenses.map((line) => line.causeNumber));
    expect(causes.filter((cause) => cause !== "").every((cause) => /^(C-1-CR|D-1-DC)-26-\d{6}$/.test(cause))).toBe(
      true,
    );
  });

  it("names nobody twice in one county, and gives no id twice", () => {
    const forms = DEMO_COUNTIES.flatMap((county) => demoForms(county, later(180), [START]));
    expect(new Set(forms.map((form) => form.id)).size).toBe(forms.length);
    const surnameAndGiven = (form: Form) => `${form.county} ${form.name.replace(/,\s*(\S+).*/, ", $1")}`;
    const names = forms.map(surnameAndGiven);
    expect(names.length - new Set(names).size).toBeLessThanOrEqual(3);
  });
});

describe("the demo day over HTTP", () => {
  it("stands still in a test until it is advanced", async () => {
    const clock = fixedClock(START);
    const sandbox = await startSandbox({ env: "test", clock });
    try {
      const before = await listRows(sandbox.topics.url, "Travis");
      clock.advance(3_600_000);
      expect(await listRows(sandbox.topics.url, "Travis")).toEqual(before);
      await control(sandbox.url, "/topics/advance", { by: 5 });
      const after = await listRows(sandbox.topics.url, "Travis");
      const fresh = after.filter((row) => !before.some((each) => each[4] === row[4]));
      expect(fresh.length).toBeGreaterThanOrEqual(5);
      expect(readForm((await detail(sandbox.topics.url, fresh[0]?.[4] ?? "")).body).fields.Name).toBe(fresh[0]?.[0]);
    } finally {
      await sandbox.close();
    }
  });

  it("moves with the clock in the demonstration", async () => {
    const clock = fixedClock(START);
    const sandbox = await startSandbox({ env: "demo", clock });
    try {
      const before = await listRows(sandbox.topics.url, "Travis");
      clock.advance(10 * 60_000);
      expect((await listRows(sandbox.topics.url, "Travis")).length).toBeGreaterThan(before.length);
    } finally {
      await sandbox.close();
    }
  });
});
