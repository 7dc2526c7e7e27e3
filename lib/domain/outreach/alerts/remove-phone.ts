import { lockOwnRow, requireOwnAccount } from "../../auth/own-account";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";

/** Forgets the caller's phone: no text goes there any more. Without one nothing happens. Needs `account:own`. */
export async function removeAlertPhone(ctx: Ctx): Promise<void> {
  const person = requireOwnAccount(ctx);
  await inTenant(ctx, async (tx) => {
    await lockOwnRow(tx, ctx, person);
    const none = { byText: false, phoneCipher: null, phoneConfirmedAt: null, codeHash: null, codeUntil: null };
    const removed = await tx.alertChoice.updateMany({
      where: { tenantId: ctx.tenantId, userId: person.id, phoneCipher: { not: null } },
      data: { ...none, codeTries: 0, updatedAt: ctx.clock.now() },
    });
    if (removed.count > 0)
      await recordEvent(tx, ctx, { type: "user.alert_phone_removed", data: { userId: person.id } });
  });
}
