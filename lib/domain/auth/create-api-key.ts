import { type CreateApiKey, MAX_ACTIVE_KEYS, type NewApiKey } from "@/lib/contracts/api-keys";
import { AppError } from "@/lib/core/errors";
import { requireRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { requireFreshFactor } from "../context/step-up";
import { recordEvent } from "../events/record-events";
import { insertApiKey, lockApiKeys } from "./insert-api-key";

const DAY_MS = 86_400_000;

/**
 * Makes a key; its text is in the answer and can never be read again. Needs `keys:manage` and a fresh factor.
 * @throws AppError `conflict` when the firm has as many as it may, `rate_limited`.
 */
export async function createApiKey(ctx: Ctx, { name, scopes, expiresInDays }: CreateApiKey): Promise<NewApiKey> {
  requirePermission(ctx, "keys:manage");
  requireFreshFactor(ctx);
  await requireRate("key-change.firm", ctx.tenantId);
  const now = ctx.clock.now();
  const expiresAt = expiresInDays === null ? null : new Date(now.getTime() + expiresInDays * DAY_MS);
  return inTenant(ctx, async (tx) => {
    await lockApiKeys(tx, ctx);
    const { tenantId } = ctx;
    // A key that was rotated out and still works for a while does not count beside the one that took its place.
    const active = await tx.apiKey.count({
      where: { tenantId, revokedAt: null, replacedBy: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
    });
    if (active >= MAX_ACTIVE_KEYS) {
      throw new AppError("conflict", `The firm has ${MAX_ACTIVE_KEYS} active keys. Revoke one that is no longer used.`);
    }
    const made = await insertApiKey(tx, ctx, { name, scopes: [...new Set(scopes)], createdAt: now, expiresAt });
    const data = { keyId: made.key.id, scopes: made.key.scopes, expiresAt: made.key.expiresAt };
    await recordEvent(tx, ctx, { type: "api_key.created", data });
    return made;
  });
}
