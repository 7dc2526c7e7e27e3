import type { ChangeReminders } from "@/lib/contracts/consultations";
import { requireOwnAccount } from "../auth/own-account";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { recordEvent } from "../events/record-events";
import { getRemindMinutes } from "./get-remind-minutes";

/** Says how long before a consultation the caller wants to be reminded; null for never. The same again changes nothing. Needs `account:own`. */
export async function changeReminders(ctx: Ctx, { minutes }: ChangeReminders): Promise<ChangeReminders> {
  const { id } = requireOwnAccount(ctx);
  return inTenant(ctx, async (tx) => {
    const before = await getRemindMinutes({ ...ctx, tx });
    if (before.minutes === minutes) return before;
    const where = { tenantId_id: { tenantId: ctx.tenantId, id } };
    await tx.user.update({ where, data: { remindMinutes: minutes }, select: { id: true } });
    const data = { userId: id, fields: ["remindMinutes"] };
    await recordEvent(tx, ctx, { type: "user.profile_changed", data });
    return { minutes };
  });
}
