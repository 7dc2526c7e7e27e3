import type { NewApiKey, RotateApiKey } from "@/lib/contracts/api-keys";
import { AppError } from "@/lib/core/errors";
import { Prisma } from "@/lib/platform/db";
import { requireRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { requireFreshFactor } from "../context/step-up";
import { recordEvent } from "../events/record-events";
import { isKeyActive, readApiKeys } from "./api-key-row";
import { insertApiKey, lockApiKeys, noSuchKey } from "./insert-api-key";

const HOUR_MS = 3_600_000;

/**
 * Makes a key that takes over from this one: same name, same scopes, as long to live as this one had. This one works on for `overlapHours`, never longer than
 * it would have; 0 ends it at once. A key is rotated once. Needs `keys:manage` and a fresh factor.
 * @throws AppError `not_found`; `conflict` when the key no longer works or was rotated before; `rate_limited`.
 */
export async function rotateApiKey(ctx: Ctx, keyId: string, { overlapHours }: RotateApiKey): Promise<NewApiKey> {
  requirePermission(ctx, "keys:manage");
  requireFreshFactor(ctx);
  await requireRate("key-change.firm", ctx.tenantId);
  const now = ctx.clock.now();
  return inTenant(ctx, async (tx) => {
    await lockApiKeys(tx, ctx);
    const [old] = await readApiKeys(tx, ctx, Prisma.sql`AND k.id = ${keyId}::uuid`);
    if (!old) throw noSuchKey();
    if (old.replacedBy) throw new AppError("conflict", "This key was rotated before. Rotate the one that took over.");
    if (!isKeyActive(old, now)) throw new AppError("conflict", "This key no longer works. Create a new one.");
    const lifeMs = old.expiresAt ? old.expiresAt.getTime() - old.createdAt.getTime() : null;
    const expiresAt = lifeMs === null ? null : new Date(now.getTime() + lifeMs);
    const made = await insertApiKey(tx, ctx, { name: old.name, scopes: old.scopes, createdAt: now, expiresAt });
    const wanted = new Date(now.getTime() + overlapHours * HOUR_MS);
    const oldUntil = old.expiresAt && old.expiresAt < wanted ? old.expiresAt : wanted;
    await tx.apiKey.updateMany({
      where: { tenantId: ctx.tenantId, id: keyId },
      data: { expiresAt: oldUntil, replacedBy: made.key.id },
    });
    const data = { keyId, newKeyId: made.key.id, oldUntil: oldUntil.toISOString() };
    await recordEvent(tx, ctx, { type: "api_key.rotated", data });
    return made;
  });
}
