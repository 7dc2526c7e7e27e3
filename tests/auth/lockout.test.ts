import { expect, it } from "vitest";
import { LOCK_STEPS, lockedUntil } from "@/lib/domain/auth/lockout";

const now = new Date("2026-11-20T12:00:00Z");
const minutes = (tries: number) => ((lockedUntil(tries, now)?.getTime() ?? now.getTime()) - now.getTime()) / 60_000;

it("does not shut an account for the nine mistakes that people make", () => {
  for (let tries = 1; tries < 10; tries++) expect(lockedUntil(tries, now)).toBeNull();
});

it("shuts it for longer at each step, and for a day at the hundredth try and every one after", () => {
  expect(LOCK_STEPS.map(({ wrongTries }) => minutes(wrongTries))).toEqual([1, 5, 15, 60, 360, 1440]);
  expect(minutes(101)).toBe(1440);
  expect(minutes(5000)).toBe(1440);
  expect(LOCK_STEPS.at(-1)?.wrongTries).toBeLessThanOrEqual(100);
});
