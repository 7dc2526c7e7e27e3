import { AppError } from "@/lib/core/errors";
import { isId } from "@/lib/core/ids";
import { requireOwnAccount } from "../auth/own-account";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";

/**
 * Notes that the caller has seen the reminder of a consultation; seen once it stays so. Needs `account:own` and `leads:read`.
 * @throws AppError `not_found`, also for what only somebody else was reminded of.
 */
export async function seeReminder(ctx: Ctx, consultationId: string): Promise<void> {
  requirePermission(ctx, "leads:read");
  const { id: userId } = requireOwnAccount(ctx);
  const where = { tenantId: ctx.tenantId, userId, consultationId };
  const nothing = new AppError("not_found", "No such reminder.");
  if (!isId(consultationId)) throw nothing;
  await inTenant(ctx, async (tx) => {
    const seen = await tx.reminder.updateMany({ where: { ...where, seenAt: null }, data: { seenAt: ctx.clock.now() } });
    if (seen.count === 0 && (await tx.reminder.count({ where })) === 0) throw nothing;
  });
}
