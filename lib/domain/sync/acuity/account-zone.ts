import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { findConnection } from "../../tenants/connections/connections";

/** The zone of the account's own calendar: what its days are counted in. The firm's when Acuity names none. */
export function accountZone(ctx: Ctx): Promise<string> {
  return inTenant(ctx, async (tx) => {
    const connection = await findConnection(tx, ctx, "acuity");
    if (connection?.settings.timeZone) return connection.settings.timeZone;
    const firm = await tx.tenant.findUnique({ where: { id: ctx.tenantId }, select: { timeZone: true } });
    return firm?.timeZone ?? "America/Chicago";
  });
}
