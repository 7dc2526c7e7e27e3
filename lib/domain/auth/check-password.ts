import { AppError } from "@/lib/core/errors";
import { giveBackRate, requireRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { recordEvents } from "../events/record-events";
import { lockedUntil } from "./lockout";
import { verifyPassword } from "./password";

/** The stored hash that a password was right for, so that a change can say which one it replaces; null when it was wrong. */
export type PasswordCheck = { stored: string } | null;

/**
 * Checks the password of a known user outside of signing in, under the same limits and the same count of wrong tries, so that neither an open session nor a
 * link is a place to guess at. The try is counted before the password is looked at, and stays counted whatever becomes of the caller's transaction.
 * @throws AppError `rate_limited` when there were too many tries or the account is locked, `unavailable` when the limits cannot be asked.
 */
export async function checkPassword(ctx: Ctx, userId: string, password: string): Promise<PasswordCheck> {
  const own: Ctx = { ...ctx, tx: undefined };
  const account = await findAccount(own, userId);
  const subject = `${ctx.tenantId}|${account.email}`;
  await requireRate("sign-in.account", subject);
  const until = await countTry(own, userId);
  const isRight = await verifyPassword(account.passwordHash, password);
  await settle(own, userId, { isRight, until });
  if (!isRight || account.passwordHash === null) return null;
  await giveBackRate("sign-in.account", subject);
  return { stored: account.passwordHash };
}

const findAccount = (ctx: Ctx, userId: string): Promise<{ email: string; passwordHash: string | null }> =>
  inTenant(ctx, async (tx) => {
    const where = { tenantId: ctx.tenantId, id: userId, disabledAt: null };
    const found = await tx.user.findFirst({ where, select: { email: true, passwordHash: true } });
    if (!found) throw new AppError("not_found", "There is nothing here.");
    return found;
  });

/** Counts one try, and gives until when the account is locked by it, if it is. */
function countTry(ctx: Ctx, userId: string): Promise<Date | null> {
  const now = ctx.clock.now();
  return inTenant(ctx, async (tx) => {
    const [row] = await tx.$queryRaw<{ wrongTries: number; lockedUntil: Date | null }[]>`
      SELECT failed_sign_ins + 1 AS "wrongTries", locked_until AS "lockedUntil" FROM app_user
      WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${userId}::uuid FOR UPDATE`;
    if (row?.lockedUntil && row.lockedUntil > now) {
      const retryAfterSeconds = Math.ceil((row.lockedUntil.getTime() - now.getTime()) / 1000);
      throw new AppError("rate_limited", "Too many wrong passwords in a row. Wait, then try again.", {
        retryAfterSeconds,
      });
    }
    const until = row ? lockedUntil(row.wrongTries, now) : null;
    await tx.$executeRaw`
      UPDATE app_user SET failed_sign_ins = failed_sign_ins + 1, locked_until = ${until}
      WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${userId}::uuid`;
    return until;
  });
}

/** A right password is no wrong try: it is taken back, with the lock it may have brought. A wrong one is recorded. */
function settle(ctx: Ctx, userId: string, { isRight, until }: { isRight: boolean; until: Date | null }): Promise<void> {
  return inTenant(ctx, async (tx) => {
    if (!isRight) {
      return recordEvents(tx, ctx, [
        { type: "auth.sign_in_failed", data: { reason: "wrong_password", userId } },
        ...(until ? [{ type: "auth.account_locked" as const, data: { userId, until: until.toISOString() } }] : []),
      ]);
    }
    await tx.$executeRaw`
      UPDATE app_user SET failed_sign_ins = GREATEST(failed_sign_ins - 1, 0),
        locked_until = CASE WHEN locked_until = ${until} THEN NULL ELSE locked_until END
      WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${userId}::uuid`;
  });
}
