import type { JoinFirm } from "@/lib/contracts/account";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { recordEvent, recordEvents } from "../events/record-events";
import type { OpenSession } from "./finish-sign-in";
import { deadLink, getLinkHolder } from "./link-holder";
import { spendOneTimeLink } from "./one-time-links";
import { hashPassword } from "./password";
import { notAcceptable, passwordProblems } from "./password-rules";
import { makeRecoveryCodes } from "./recovery-codes";
import { totpStep } from "./totp";
import { confirmWaitingTotp, findWaitingTotp } from "./waiting-totp";

/** What a link led to: the session it opened and the recovery codes, to be shown this once. */
export type LinkTaken = { userId: string; sessionToken: string; codes: string[] };

/** What is said about a code that is not the one. */
export const WRONG_CODE = {
  name: "code",
  reason: "is not the code that the app shows now. Check the app, and the clock of your phone",
};

/**
 * An invited person joins: name, password, authenticator with its first code, ten recovery codes and a session, all or nothing. A wrong code or a poor
 * password leaves the link alive. Of two who join with one link at once, one does.
 * @throws AppError `not_found` for a dead link, `unprocessable` naming `password` and `code`.
 */
export async function joinFirm(
  ctx: Ctx,
  input: JoinFirm & { host: string },
  openSession: OpenSession,
): Promise<LinkTaken> {
  const shown = { purpose: "join", link: input.link } as const;
  const { tenantId } = ctx;
  const { holder, isRightCode } = await inTenant(ctx, async (tx) => {
    const holder = await getLinkHolder(tx, ctx, shown);
    const waiting = await findWaitingTotp(tx, ctx, holder.userId);
    return { holder, isRightCode: waiting && totpStep(waiting.secret, input.code, ctx.clock.now(), 0) !== null };
  });
  const owner = { ...holder, host: input.host, name: `${holder.name} ${input.name}` };
  const problems = await passwordProblems(input.password, owner);
  if (!isRightCode) problems.push(WRONG_CODE);
  if (problems.length > 0) throw notAcceptable(problems);
  const passwordHash = await hashPassword(input.password);
  return inTenant(ctx, async (tx) => {
    const spent = await spendOneTimeLink(tx, ctx, shown);
    if (!spent) throw deadLink();
    const { userId } = spent;
    if (!(await confirmWaitingTotp(tx, ctx, userId, input.code))) throw notAcceptable([WRONG_CODE]);
    const joined = await tx.user.updateMany({
      where: { tenantId, id: userId, passwordHash: null },
      data: {
        name: input.name,
        passwordHash,
        passwordChangedAt: ctx.clock.now(),
        failedSignIns: 0,
        lockedUntil: null,
      },
    });
    if (joined.count === 0) throw deadLink();
    const session = await openSession({ ...ctx, tx }, { userId, factor: "totp" });
    const actor = { type: "user", id: userId, role: holder.role, sessionId: session.id } as const;
    const who: Ctx = { ...ctx, actor };
    await recordEvents(tx, who, [
      { type: "user.joined", data: { userId } },
      { type: "auth.totp_enrolled", data: { userId } },
    ]);
    const codes = await makeRecoveryCodes(tx, who, userId);
    await recordEvent(tx, who, { type: "auth.signed_in", data: { sessionId: session.id, factor: "totp" } });
    return { userId, sessionToken: session.token, codes };
  });
}
