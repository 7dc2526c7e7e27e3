import { requireRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { requireFreshFactor } from "../../context/step-up";
import { recordEvents } from "../../events/record-events";
import { endSessions } from "../end-sessions";
import { dropCalendarFeed } from "./drop-calendar-feed";
import { assertOtherOwner, lockUser, requireActive } from "./lock-user";
import { makeOneTimePath, type OneTimePath } from "./one-time-path";

/**
 * Removes every second factor of a user who lost theirs, ends their sessions and their calendar address, and gives a link with which they set up a new authenticator. Nobody gets in
 * with one factor by it: until the link is taken up nobody signs in as them, and it asks for their password. Needs `users:manage` and a fresh factor.
 * @throws AppError `not_found` (also for another firm's user), `forbidden`, `conflict` for the last owner, and for who is disabled or has not joined,
 *   `rate_limited`.
 */
export async function resetFactor(ctx: Ctx, userId: string): Promise<OneTimePath> {
  requirePermission(ctx, "users:manage");
  requireFreshFactor(ctx);
  await requireRate("invitation.firm", ctx.tenantId);
  return inTenant(ctx, async (tx) => {
    const { user } = await lockUser(tx, ctx, userId);
    requireActive(user);
    if (user.role === "owner") await assertOtherOwner(tx, ctx, user.id);
    const where = { tenantId: ctx.tenantId, userId: user.id };
    const totps = await tx.totp.deleteMany({ where });
    const passkeys = await tx.passkey.deleteMany({ where });
    const codes = await tx.recoveryCode.deleteMany({ where });
    await endSessions(tx, ctx, { userId: user.id, because: "factor_reset" });
    await dropCalendarFeed(tx, ctx, user.id);
    const made = await makeOneTimePath(tx, ctx, "factor", user.id);
    const hadSome = totps.count + passkeys.count + codes.count > 0;
    await recordEvents(tx, ctx, [
      ...(hadSome ? [{ type: "user.factor_reset", data: { userId: user.id } } as const] : []),
      { type: "user.link_made", data: { userId: user.id, purpose: "factor", until: made.expiresAt } },
    ]);
    return made;
  });
}
