import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { requireFreshFactor } from "../context/step-up";
import { recordEvent } from "../events/record-events";
import { noSuchKey } from "./insert-api-key";

/**
 * Ends a key: it is refused from the next request on, and for good. Ending it again changes nothing and records nothing. Needs `keys:manage` and a fresh
 * factor. @throws AppError `not_found`, also for another firm's key.
 */
export async function revokeApiKey(ctx: Ctx, keyId: string): Promise<void> {
  requirePermission(ctx, "keys:manage");
  requireFreshFactor(ctx);
  await inTenant(ctx, async (tx) => {
    const { tenantId } = ctx;
    const ended = await tx.apiKey.updateMany({
      where: { tenantId, id: keyId, revokedAt: null },
      data: { revokedAt: ctx.clock.now() },
    });
    if (ended.count > 0) return recordEvent(tx, ctx, { type: "api_key.revoked", data: { keyId } });
    if ((await tx.apiKey.count({ where: { tenantId, id: keyId } })) === 0) throw noSuchKey();
  });
}
