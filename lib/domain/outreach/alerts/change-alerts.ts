import type { AlertsDto, ChangeAlerts } from "@/lib/contracts/alerts";
import { AppError } from "@/lib/core/errors";
import { alertsOf } from "@/lib/platform/alerts";
import { lockOwnRow, requireOwnAccount } from "../../auth/own-account";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";
import { readAlerts } from "./get-alerts";

/** What is said where no alert could ever arrive. */
export const nothingSent = (): AppError =>
  new AppError("not_configured", "Alerts are not set up here yet. Ask your administrator to turn them on.");

/**
 * Says in which ways the caller hears of new HOT leads. The same again changes nothing. Needs `account:own`.
 * @throws AppError `unprocessable` naming `byText` without a confirmed phone, `not_configured` when a way is asked for where nothing is sent.
 */
export function changeAlerts(ctx: Ctx, change: ChangeAlerts): Promise<AlertsDto> {
  const person = requireOwnAccount(ctx);
  if ((change.byMail || change.byText) && alertsOf() === null) throw nothingSent();
  return inTenant(ctx, async (tx) => {
    await lockOwnRow(tx, ctx, person);
    const before = await readAlerts(tx, ctx, person);
    if (change.byText && !before.phone?.isConfirmed) {
      const reason = "needs a phone that is confirmed";
      throw new AppError("unprocessable", `byText ${reason}.`, { invalidParams: [{ name: "byText", reason }] });
    }
    const ways = { byMail: change.byMail ?? before.byMail, byText: change.byText ?? before.byText };
    if (ways.byMail === before.byMail && ways.byText === before.byText) return before;
    const key = { tenantId: ctx.tenantId, userId: person.id };
    const row = { ...ways, updatedAt: ctx.clock.now() };
    await tx.alertChoice.upsert({ where: { tenantId_userId: key }, create: { ...key, ...row }, update: row });
    await recordEvent(tx, ctx, { type: "user.alerts_changed", data: { userId: person.id, ...ways } });
    return { ...before, ...ways };
  });
}
