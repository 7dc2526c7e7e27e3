import type { ChangeReminders } from "@/lib/contracts/consultations";
import { AppError } from "@/lib/core/errors";
import { requireOwnAccount } from "../auth/own-account";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";

/** How long before a consultation the caller is reminded; null for never. Needs `account:own`. @throws AppError `not_found` when the person is gone. */
export async function getRemindMinutes(ctx: Ctx): Promise<ChangeReminders> {
  const { id } = requireOwnAccount(ctx);
  const where = { tenantId_id: { tenantId: ctx.tenantId, id } };
  const user = await inTenant(ctx, (tx) => tx.user.findUnique({ where, select: { remindMinutes: true } }));
  if (!user) throw new AppError("not_found", "There is nothing here.");
  return { minutes: user.remindMinutes };
}
