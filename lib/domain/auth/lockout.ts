/**
 * Wrong tries in a row on one account, and how long it then stays shut, right password or not. From the hundredth on each wrong try costs a day,
 * so guessing online never gets far. A right password sets the count back.
 */
export const LOCK_STEPS = [
  { wrongTries: 10, minutes: 1 },
  { wrongTries: 20, minutes: 5 },
  { wrongTries: 30, minutes: 15 },
  { wrongTries: 50, minutes: 60 },
  { wrongTries: 75, minutes: 6 * 60 },
  { wrongTries: 100, minutes: 24 * 60 },
] as const;

/** Until when an account is shut after its nth wrong try in a row, or null. */
export function lockedUntil(wrongTries: number, now: Date): Date | null {
  const last = LOCK_STEPS[LOCK_STEPS.length - 1] ?? LOCK_STEPS[0];
  const step = wrongTries >= last.wrongTries ? last : LOCK_STEPS.find((each) => each.wrongTries === wrongTries);
  return step ? new Date(now.getTime() + step.minutes * 60_000) : null;
}
