import { requireRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { requireFreshFactor } from "../../context/step-up";
import { recordEvent } from "../../events/record-events";
import { lockUser, requireActive } from "./lock-user";
import { makeOneTimePath, type OneTimePath } from "./one-time-path";

/**
 * A link with which a user chooses a new password. It opens no session: signing in still takes their second factor. The old password holds until then.
 * Needs `users:manage` and a fresh factor.
 * @throws AppError `not_found` (also for another firm's user), `forbidden`, `conflict` for who is disabled or has not joined, `rate_limited`.
 */
export async function makePasswordLink(ctx: Ctx, userId: string): Promise<OneTimePath> {
  requirePermission(ctx, "users:manage");
  requireFreshFactor(ctx);
  await requireRate("invitation.firm", ctx.tenantId);
  return inTenant(ctx, async (tx) => {
    const { user } = await lockUser(tx, ctx, userId);
    requireActive(user);
    const made = await makeOneTimePath(tx, ctx, "password", user.id);
    await recordEvent(tx, ctx, {
      type: "user.link_made",
      data: { userId: user.id, purpose: "password", until: made.expiresAt },
    });
    return made;
  });
}
