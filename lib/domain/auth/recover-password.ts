import type { RecoverPassword } from "@/lib/contracts/account";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { recordEvent } from "../events/record-events";
import { endSessions } from "./end-sessions";
import { deadLink, getLinkHolder } from "./link-holder";
import { spendOneTimeLink } from "./one-time-links";
import { hashPassword } from "./password";
import { notAcceptable, passwordProblems } from "./password-rules";

/**
 * A new password through a one-time link: nothing but the password. The second factors stay, every session ends, and none is opened: signing in still takes
 * the factor. A poor password leaves the link alive. @throws AppError `not_found` for a dead link, `unprocessable` naming `password`.
 */
export async function recoverPassword(ctx: Ctx, input: RecoverPassword & { host: string }): Promise<void> {
  const shown = { purpose: "password", link: input.link } as const;
  const holder = await inTenant(ctx, (tx) => getLinkHolder(tx, ctx, shown));
  const problems = await passwordProblems(input.password, { ...holder, host: input.host });
  if (problems.length > 0) throw notAcceptable(problems);
  const passwordHash = await hashPassword(input.password);
  await inTenant(ctx, async (tx) => {
    const spent = await spendOneTimeLink(tx, ctx, shown);
    if (!spent) throw deadLink();
    const { userId } = spent;
    await tx.user.update({
      where: { tenantId_id: { tenantId: ctx.tenantId, id: userId } },
      data: { passwordHash, passwordChangedAt: ctx.clock.now(), failedSignIns: 0, lockedUntil: null },
    });
    await recordEvent(tx, ctx, { type: "auth.password_recovered", data: { userId } });
    await endSessions(tx, ctx, { userId, because: "password_changed" });
  });
}
