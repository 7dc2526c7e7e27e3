import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requireFreshFactor } from "../context/step-up";
import { requireOwnAccount } from "./own-account";
import { makeRecoveryCodes } from "./recovery-codes";

/** Ten new recovery codes for the caller, shown this once; those from before no longer work. Needs a fresh factor. @throws AppError `mfa_required` */
export async function remakeRecoveryCodes(ctx: Ctx): Promise<string[]> {
  const { id } = requireOwnAccount(ctx);
  requireFreshFactor(ctx);
  return inTenant(ctx, (tx) => makeRecoveryCodes(tx, ctx, id));
}
