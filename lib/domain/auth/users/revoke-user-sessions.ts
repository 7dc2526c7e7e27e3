import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { requireFreshFactor } from "../../context/step-up";
import { endSessions } from "../end-sessions";
import { lockUser } from "./lock-user";

/**
 * Signs a user out everywhere, from their next request on. Without a session it changes and records nothing. Needs `users:manage` and a fresh factor.
 * @throws AppError `not_found` (also for another firm's user), `forbidden`.
 */
export async function revokeUserSessions(ctx: Ctx, userId: string): Promise<void> {
  requirePermission(ctx, "users:manage");
  requireFreshFactor(ctx);
  await inTenant(ctx, async (tx) => {
    const { user } = await lockUser(tx, ctx, userId);
    await endSessions(tx, ctx, { userId: user.id, because: "asked" });
  });
}
