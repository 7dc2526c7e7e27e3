import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import type { AnyEvent } from "../events/catalog";

/**
 * Wrong tries in a row on one account, password or second factor, and how long it then stays shut, right password or not. From the hundredth on each wrong
 * try costs a day, so guessing online never gets far. A sign-in that went all the way sets the count back.
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

/**
 * Counts a wrong second factor of a user whose row this transaction has locked, and gives the events of it: that the account is shut now, or none.
 * Nobody's (`null`) is counted nowhere, with the same statement.
 */
export async function countWrongFactor(
  tx: Tx,
  ctx: Ctx,
  user: { id: string; wrongTries: number } | null,
): Promise<AnyEvent[]> {
  const wrongTries = (user?.wrongTries ?? 0) + 1;
  const until = lockedUntil(wrongTries, ctx.clock.now());
  await tx.$executeRaw`
    UPDATE app_user SET failed_sign_ins = ${wrongTries}, locked_until = ${until}
    WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${user?.id ?? null}::uuid`;
  return user && until ? [{ type: "auth.account_locked", data: { userId: user.id, until: until.toISOString() } }] : [];
}
