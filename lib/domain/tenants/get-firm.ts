import { AppError } from "@/lib/core/errors";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";

/** What the firm's own pages need to know of it. Scores from `hotFrom` are HOT, from `warmFrom` WARM. */
export type FirmSettings = {
  id: string;
  slug: string;
  name: string;
  timeZone: string;
  hotFrom: number;
  warmFrom: number;
};

/** The settings of the caller's firm. */
export function getFirm(ctx: Ctx): Promise<FirmSettings> {
  return inTenant(ctx, async (tx) => {
    const firm = await tx.tenant.findUnique({
      where: { id: ctx.tenantId },
      select: { id: true, slug: true, name: true, timeZone: true, hotFrom: true, warmFrom: true },
    });
    if (!firm) throw new AppError("not_found", "There is nothing here.");
    return firm;
  });
}
