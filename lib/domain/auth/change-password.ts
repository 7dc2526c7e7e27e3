import type { ChangePassword } from "@/lib/contracts/account";
import { AppError } from "@/lib/core/errors";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requireFreshFactor } from "../context/step-up";
import { recordEvent } from "../events/record-events";
import { checkPassword } from "./check-password";
import { endSessions } from "./end-sessions";
import { dropOneTimeLinks } from "./one-time-links";
import { getOwnRecord, requireOwnAccount } from "./own-account";
import { hashPassword } from "./password";
import { notAcceptable, passwordProblems } from "./password-rules";

/**
 * A new password for who knows the present one. Every other session of theirs ends, and a link to choose a password no longer works. Needs a fresh factor.
 * @throws AppError `mfa_required`, `unprocessable` naming `current` or `password`, `rate_limited`, `conflict` when it changed meanwhile.
 */
export async function changePassword(ctx: Ctx, input: ChangePassword & { host: string }): Promise<void> {
  const person = requireOwnAccount(ctx);
  requireFreshFactor(ctx);
  const own = await inTenant(ctx, (tx) => getOwnRecord(tx, ctx, person));
  const problems = await passwordProblems(input.password, { ...own, host: input.host });
  if (input.password === input.current) problems.push({ name: "password", reason: "is the one you have now" });
  if (problems.length > 0) throw notAcceptable(problems);
  const right = await checkPassword(ctx, person.id, input.current);
  if (!right) throw notAcceptable([{ name: "current", reason: "is not your password" }]);
  const passwordHash = await hashPassword(input.password);
  await inTenant(ctx, async (tx) => {
    const changed = await tx.user.updateMany({
      where: { tenantId: ctx.tenantId, id: person.id, passwordHash: right.stored },
      data: { passwordHash, passwordChangedAt: ctx.clock.now() },
    });
    if (changed.count === 0) throw new AppError("conflict", "Your password changed meanwhile. Nothing was saved.");
    await dropOneTimeLinks(tx, ctx, person.id, "password");
    await recordEvent(tx, ctx, { type: "auth.password_changed", data: { userId: person.id } });
    await endSessions(tx, ctx, { userId: person.id, because: "password_changed", except: person.sessionId });
  });
}
