import type { SteppedUp } from "@/lib/contracts/account";
import { AppError } from "@/lib/core/errors";
import type { Tx } from "@/lib/platform/db";
import { giveBackRate, requireRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { FRESH_FACTOR_MS } from "../context/step-up";
import { recordEvents } from "../events/record-events";
import { countWrongFactor } from "./lockout";
import type { PasskeySite } from "./passkeys";
import { factorOf, type ShownFactor, takeFactor } from "./second-factor";

/**
 * Shows the second factor again in an open session; for ten minutes it then counts as fresh. Each code and each challenge counts once. A wrong one counts
 * towards the lock of the account, as at the door; a lock does not shut this, else strangers at the door could keep who is at work from it.
 * @throws AppError `unprocessable` when it is wrong or was used, `rate_limited` after too many tries, `unauthenticated`
 */
export async function stepUp(ctx: Ctx, shown: ShownFactor, site: PasskeySite): Promise<SteppedUp> {
  const { actor, tenantId } = ctx;
  requirePermission(ctx, "account:own");
  if (actor.type !== "user") throw new AppError("forbidden", "Only a person can do this.");
  const limits = [
    ["step-up.session", `${tenantId}|${actor.sessionId}`],
    ["step-up.user", `${tenantId}|${actor.id}`],
  ] as const;
  for (const [name, subject] of limits) await requireRate(name, subject);
  // A transaction of its own, also under an Idempotency-Key: the refusal must not take the count of the wrong try with it.
  const isRight = await inTenant({ ...ctx, tx: undefined }, (tx) => confirm(tx, ctx, shown, site));
  if (!isRight) throw wrong(shown);
  for (const [name, subject] of limits) await giveBackRate(name, subject);
  return { freshUntil: new Date(ctx.clock.now().getTime() + FRESH_FACTOR_MS).toISOString() };
}

async function confirm(tx: Tx, ctx: Ctx, shown: ShownFactor, site: PasskeySite): Promise<boolean> {
  const { tenantId, actor } = ctx;
  if (actor.type !== "user") return false;
  const { sessionId, id: userId } = actor;
  const now = ctx.clock.now();
  const [user] = await tx.$queryRaw<{ wrongTries: number }[]>`
    SELECT failed_sign_ins AS "wrongTries" FROM app_user
    WHERE tenant_id = ${tenantId}::uuid AND id = ${userId}::uuid AND disabled_at IS NULL FOR UPDATE`;
  const [session] = await tx.$queryRaw<{ challenge: string | null }[]>`
    SELECT challenge FROM session
    WHERE tenant_id = ${tenantId}::uuid AND id = ${sessionId}::uuid AND user_id = ${userId}::uuid AND revoked_at IS NULL FOR UPDATE`;
  if (!user || !session) throw new AppError("unauthenticated", "You are not signed in. Sign in and try again.");
  const factor = factorOf(shown);
  const isRight = await takeFactor(tx, ctx, { userId, shown, challenge: session.challenge, site });
  // Whatever came of it, the challenge is spent.
  await tx.session.update({
    where: { tenantId_id: { tenantId, id: sessionId } },
    data: isRight ? { challenge: null, factor, factorAt: now } : { challenge: null },
  });
  if (isRight) {
    await recordEvents(tx, ctx, [{ type: "auth.stepped_up", data: { sessionId, factor } }]);
    return true;
  }
  const shut = await countWrongFactor(tx, ctx, { id: userId, wrongTries: user.wrongTries });
  await recordEvents(tx, ctx, [{ type: "auth.factor_failed", data: { userId, factor, during: "step_up" } }, ...shut]);
  return false;
}

const WORDS = {
  totp: ["code", "That code does not match, or was used already. Wait for the next one."],
  recovery_code: ["recoveryCode", "That recovery code does not match, or was used already."],
  passkey: ["passkey", "That passkey cannot be used here. Try again, or use a code."],
} as const;

function wrong(shown: ShownFactor): AppError {
  const [name, detail] = WORDS[factorOf(shown)];
  return new AppError("unprocessable", detail, { invalidParams: [{ name, reason: "does not match" }] });
}
