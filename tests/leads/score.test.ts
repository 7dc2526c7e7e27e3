import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OFFENSE_CLASSES } from "@/lib/core/offense";
import { type ScoreFacts, scoreLead } from "@/lib/domain/leads/score";

const arrested = new Date("2026-11-20T12:00:00Z");
const hoursLater = (hours: number) => new Date(arrested.getTime() + hours * 3_600_000);
const facts = (over: Partial<ScoreFacts> = {}): ScoreFacts => ({
  charges: [{ offense: "DRIVING WHILE INTOXICATED 2ND", class: "MA" }],
  topClass: "MA",
  bailTotalCents: 500_000,
  bailDenied: 0,
  arrestedAt: arrested,
  magistratedAt: hoursLater(6),
  ...over,
});
const anyFacts = fc.record({
  charges: fc.array(
    fc.record({
      offense: fc.constantFrom("DWI", "THEFT", "ASSAULT FAM", "X"),
      class: fc.constantFrom(...OFFENSE_CLASSES),
    }),
  ),
  topClass: fc.constantFrom(...OFFENSE_CLASSES),
  bailTotalCents: fc.option(fc.integer({ min: 0, max: 10_000_000_000 })),
  bailDenied: fc.integer({ min: 0, max: 3 }),
  arrestedAt: fc.option(fc.constant(arrested)),
  magistratedAt: fc.option(fc.constant(hoursLater(3))),
});
const anyHours = fc.integer({ min: 0, max: 24 * 40 });

describe("scoreLead", () => {
  it("stays within 0 and 100 and is the sum of its reasons, each within what it can give", () => {
    fc.assert(
      fc.property(anyFacts, anyHours, (given, hours) => {
        const { score, reasons } = scoreLead(given, hoursLater(hours));
        expect(score).toBe(reasons.reduce((sum, reason) => sum + reason.points, 0));
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(100);
        for (const reason of reasons) expect(reason.points).toBeLessThanOrEqual(reason.max);
      }),
    );
  });

  it("never changes before the moment it names, and the moment lies ahead", () => {
    fc.assert(
      fc.property(
        anyFacts,
        anyHours,
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (given, hours, part) => {
          const now = hoursLater(hours);
          const { score, changesAt } = scoreLead(given, now);
          if (!changesAt) {
            expect(scoreLead(given, hoursLater(24 * 365)).score).toBe(score);
            return;
          }
          expect(changesAt.getTime()).toBeGreaterThan(now.getTime());
          const between = new Date(now.getTime() + Math.floor((changesAt.getTime() - now.getTime()) * part));
          expect(scoreLead(given, between).score).toBe(score);
        },
      ),
    );
  });

  it("lets a lead cool as the arrest grows old", () => {
    const at = (hours: number) => scoreLead(facts(), hoursLater(hours)).score;
    expect(at(1)).toBeGreaterThan(at(30));
    expect(at(24 * 40)).toBeLessThan(at(1));
  });

  it("opens the ALR clock for a DWI only, and closes it after 15 days", () => {
    const clock = (given: ScoreFacts, hours: number) =>
      scoreLead(given, hoursLater(hours)).reasons.find((reason) => reason.rule === "legal_clock");
    expect(clock(facts(), 1)?.detail).toMatch(/ALR/);
    expect(clock(facts(), 15 * 24 + 1)).toBeUndefined();
    expect(clock(facts({ charges: [{ offense: "THEFT", class: "MB" }] }), 1)).toBeUndefined();
    expect(clock(facts({ charges: [{ offense: "THEFT", class: "MB" }], magistratedAt: null }), 1)?.detail).toMatch(
      /magistration/,
    );
  });

  it("never scores a graver class lower", () => {
    const known = OFFENSE_CLASSES.filter((cls) => cls !== "unknown");
    const scores = known.map(
      (cls) => scoreLead(facts({ charges: [{ offense: "X", class: cls }], topClass: cls }), arrested).score,
    );
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  it("does not punish a form without charges, amounts or dates with a failure", () => {
    const empty = facts({
      charges: [],
      topClass: "unknown",
      bailTotalCents: null,
      arrestedAt: null,
      magistratedAt: null,
    });
    expect(scoreLead(empty, arrested)).toEqual({ score: 0, reasons: [], changesAt: null });
  });
});
