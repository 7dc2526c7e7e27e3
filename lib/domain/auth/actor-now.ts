import type { Role } from "@/lib/core/role";
import type { Tx } from "@/lib/platform/db";
import type { Ctx, LeadScope } from "../context/ctx";
import type { Person } from "./own-account";

/** Whether the firm is open now: a job that it asked for runs later, when that may have changed. */
export async function isFirmOpen(tx: Tx, { tenantId }: Ctx): Promise<boolean> {
  const firm = await tx.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { status: true } });
  return firm.status === "active";
}

/** A user of the firm with the role and the limits of now, for a job that acts for them; null when they are gone or disabled. */
export async function findUserActor(tx: Tx, { tenantId }: Ctx, userId: string): Promise<Person | null> {
  const user = await tx.user.findUnique({ where: { tenantId_id: { tenantId, id: userId } } });
  if (!user || user.disabledAt) return null;
  const scope = { counties: user.scopeCounties, classes: user.scopeClasses } as LeadScope;
  return { type: "user", id: user.id, role: user.role as Role, sessionId: "", scope };
}
