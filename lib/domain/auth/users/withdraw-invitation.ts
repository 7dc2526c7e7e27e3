import { AppError } from "@/lib/core/errors";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { requireFreshFactor } from "../../context/step-up";
import { recordEvent } from "../../events/record-events";
import { dropOneTimeLinks } from "../one-time-links";
import { lockUser } from "./lock-user";

/**
 * Takes an invitation back: its link stops working and the user, who never joined, is gone. Needs `users:manage` and a fresh factor.
 * @throws AppError `not_found`, also when it was withdrawn before; `conflict` when the person has joined; `forbidden`.
 */
export async function withdrawInvitation(ctx: Ctx, userId: string): Promise<void> {
  requirePermission(ctx, "users:manage");
  requireFreshFactor(ctx);
  await inTenant(ctx, async (tx) => {
    const { user } = await lockUser(tx, ctx, userId);
    if (user.hasJoined) throw new AppError("conflict", "This person has joined meanwhile. Disable them instead.");
    await dropOneTimeLinks(tx, ctx, user.id);
    await tx.user.deleteMany({ where: { tenantId: ctx.tenantId, id: user.id } });
    await recordEvent(tx, ctx, { type: "user.invitation_withdrawn", data: { userId: user.id } });
  });
}
