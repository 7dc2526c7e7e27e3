import type { AlertsDto } from "@/lib/contracts/alerts";
import type { Tx } from "@/lib/platform/db";
import { env } from "@/lib/platform/env";
import { getOwnRecord, type Person, requireOwnAccount } from "../../auth/own-account";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { openPhone } from "./alert-phone";

/** Whether and how the caller hears of new HOT leads. Of the phone it shows the end. Needs `account:own`. */
export function getAlerts(ctx: Ctx): Promise<AlertsDto> {
  const person = requireOwnAccount(ctx);
  return inTenant(ctx, (tx) => readAlerts(tx, ctx, person));
}

/** The same inside a transaction. */
export async function readAlerts(tx: Tx, ctx: Ctx, person: Person): Promise<AlertsDto> {
  const where = { tenantId_userId: { tenantId: ctx.tenantId, userId: person.id } };
  const choice = await tx.alertChoice.findUnique({ where });
  const { email } = await getOwnRecord(tx, ctx, person);
  const isWaiting = choice?.codeUntil != null && choice.codeUntil > ctx.clock.now();
  return {
    carrier: env().ALERTS,
    byMail: choice?.byMail ?? false,
    byText: choice?.byText ?? false,
    email,
    phone: choice?.phoneCipher
      ? {
          ending: openPhone(ctx, person.id, choice.phoneCipher).slice(-4),
          isConfirmed: choice.phoneConfirmedAt !== null,
          codeUntil: isWaiting ? (choice.codeUntil?.toISOString() ?? null) : null,
        }
      : null,
  };
}
