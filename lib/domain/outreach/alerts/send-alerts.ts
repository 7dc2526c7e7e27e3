import type { Ctx } from "../../context/ctx";
import { requirePermission } from "../../context/permissions";

/** Tells the users who asked of the firm's new HOT leads. Needs `leads:read`. */
export async function sendAlerts(ctx: Ctx): Promise<void> {
  requirePermission(ctx, "leads:read");
}
