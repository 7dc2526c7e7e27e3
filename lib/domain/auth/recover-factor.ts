import type { RecoverFactor } from "@/lib/contracts/account";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { recordEvent, recordEvents } from "../events/record-events";
import { checkPassword } from "./check-password";
import { endSessions } from "./end-sessions";
import type { OpenSession } from "./finish-sign-in";
import { type LinkTaken, WRONG_CODE } from "./join-firm";
import { deadLink, getLinkHolder } from "./link-holder";
import { spendOneTimeLink } from "./one-time-links";
import { notAcceptable } from "./password-rules";
import { makeRecoveryCodes } from "./recovery-codes";
import { confirmWaitingTotp } from "./waiting-totp";

/**
 * New second factors through a one-time link and the password: the link alone opens nothing, and the password stays as it is, so no single link replaces
 * both. The authenticator, passkeys and recovery codes from before are gone, every session ends, and one is opened. A wrong password counts like one at
 * sign-in; a wrong code leaves the link alive.
 * @throws AppError `not_found` for a dead link, `unprocessable` naming `password` or `code`, `rate_limited`.
 */
export async function recoverFactor(ctx: Ctx, input: RecoverFactor, openSession: OpenSession): Promise<LinkTaken> {
  const shown = { purpose: "factor", link: input.link } as const;
  const { tenantId } = ctx;
  const { role, ...holder } = await inTenant(ctx, (tx) => getLinkHolder(tx, ctx, shown));
  const right = await checkPassword(ctx, holder.userId, input.password);
  if (!right) throw notAcceptable([{ name: "password", reason: "is not your password" }]);
  return inTenant(ctx, async (tx) => {
    const spent = await spendOneTimeLink(tx, ctx, shown);
    if (!spent) throw deadLink();
    const { userId } = spent;
    if (!(await confirmWaitingTotp(tx, ctx, userId, input.code))) throw notAcceptable([WRONG_CODE]);
    // Given another password while this one was being looked at: then it is no longer right.
    const stillHolds = await tx.user.updateMany({
      where: { tenantId, id: userId, passwordHash: right.stored },
      data: { failedSignIns: 0, lockedUntil: null },
    });
    if (stillHolds.count === 0) throw notAcceptable([{ name: "password", reason: "is not your password any more" }]);
    const passkeys = await tx.passkey.findMany({ where: { tenantId, userId }, select: { id: true } });
    await tx.passkey.deleteMany({ where: { tenantId, userId } });
    await endSessions(tx, ctx, { userId, because: "factor_changed" });
    const session = await openSession({ ...ctx, tx }, { userId, factor: "totp" });
    const who: Ctx = { ...ctx, actor: { type: "user", id: userId, role, sessionId: session.id } };
    await recordEvents(tx, who, [
      { type: "auth.totp_enrolled", data: { userId } },
      ...passkeys.map(({ id }) => ({ type: "auth.passkey_removed" as const, data: { userId, passkeyId: id } })),
    ]);
    const codes = await makeRecoveryCodes(tx, who, userId);
    await recordEvent(tx, who, { type: "auth.signed_in", data: { sessionId: session.id, factor: "totp" } });
    return { userId, sessionToken: session.token, codes };
  });
}
