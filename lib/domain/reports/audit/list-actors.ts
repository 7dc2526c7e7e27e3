import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";

/** Somebody whose doings can be asked for: `id` as events hold it. */
export type AuditActor = { id: string; name: string };

/** The firm's people and keys by name, those that are disabled or revoked too: what they did stays. Needs `audit:read`. */
export function listAuditActors(ctx: Ctx): Promise<{ people: AuditActor[]; keys: AuditActor[] }> {
  requirePermission(ctx, "audit:read");
  const { tenantId } = ctx;
  return inTenant(ctx, async (tx) => {
    const shape = { where: { tenantId }, select: { id: true, name: true }, orderBy: { name: "asc" } } as const;
    return { people: await tx.user.findMany(shape), keys: await tx.apiKey.findMany(shape) };
  });
}
