import type { AlertsDto, ConfirmAlertPhone } from "@/lib/contracts/alerts";
import { AppError } from "@/lib/core/errors";
import { sameSecret } from "@/lib/core/secret";
import { lockOwnRow, requireOwnAccount } from "../../auth/own-account";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";
import { CODE_TRIES, digestOf, wrong } from "./alert-code";
import { openPhone } from "./alert-phone";
import { readAlerts } from "./get-alerts";

/**
 * Shows the code that came by text: from then on texts of new HOT leads go to that phone. A wrong try counts, whatever becomes of the rest. Needs `account:own`.
 * @throws AppError `unprocessable` naming `code`, `conflict` when no code is waited for any more.
 */
export async function confirmAlertPhone(ctx: Ctx, { code }: ConfirmAlertPhone): Promise<AlertsDto> {
  const person = requireOwnAccount(ctx);
  const now = ctx.clock.now();
  const where = { tenantId: ctx.tenantId, userId: person.id };
  const seen = await inTenant(ctx, async (tx) => {
    await lockOwnRow(tx, ctx, person);
    const open = { ...where, codeHash: { not: null }, codeUntil: { gt: now }, codeTries: { lt: CODE_TRIES } };
    const counted = await tx.alertChoice.updateMany({ where: open, data: { codeTries: { increment: 1 } } });
    if (counted.count === 0) return "over";
    const choice = await tx.alertChoice.findUniqueOrThrow({ where: { tenantId_userId: where } });
    const phone = openPhone(ctx, person.id, choice.phoneCipher ?? "");
    const typed = code.replaceAll(/[\s-]/g, "");
    if (!sameSecret(digestOf(ctx, person.id, phone, typed), choice.codeHash ?? "")) return "wrong";
    await tx.alertChoice.update({
      where: { tenantId_userId: where },
      data: { byText: true, phoneConfirmedAt: now, codeHash: null, codeUntil: null, codeTries: 0, updatedAt: now },
    });
    await recordEvent(tx, ctx, { type: "user.alert_phone_confirmed", data: { userId: person.id } });
    return readAlerts(tx, ctx, person);
  });
  if (seen === "over") throw new AppError("conflict", "No code is waited for any more. Have another one sent.");
  if (seen === "wrong") throw wrong("code", "is not the one that was sent");
  return seen;
}
