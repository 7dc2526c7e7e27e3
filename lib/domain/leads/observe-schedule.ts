const HOUR = 3_600_000;

/** Waits between looks at one form, because bail changes most in its first days. A change starts the schedule again. */
export const OBSERVE_AFTER_MS = [1, 3, 6, 12, 24, 48, 96, 168].map((hours) => hours * HOUR);

/** When a form should be looked at again after `step` looks that showed nothing new. */
export const nextObserveAt = (observedAt: Date, step: number): Date =>
  new Date(observedAt.getTime() + (OBSERVE_AFTER_MS[Math.min(step, OBSERVE_AFTER_MS.length - 1)] ?? 168 * HOUR));
