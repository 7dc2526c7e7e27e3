import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { VISIT_GAP_MS } from "./session-rules";

/**
 * Notes that a signed-in person is here, and keeps the session from going idle. A visit begins when the last request is older than 30 minutes: then
 * the end of the one before becomes `previous_visit_at`, which "new since my last visit" is measured from. Gives that moment, null on a first visit.
 */
export async function noteVisit(ctx: Ctx): Promise<Date | null> {
  const { actor, tenantId } = ctx;
  if (actor.type !== "user") return null;
  const now = ctx.clock.now();
  const gapStart = new Date(now.getTime() - VISIT_GAP_MS);
  return inTenant(ctx, async (tx) => {
    // The user before the session, as everybody takes them: an admin who ends this session meanwhile would be waited for crosswise.
    const [user] = await tx.$queryRaw<{ previousVisitAt: Date | null }[]>`
      UPDATE app_user SET
        previous_visit_at = CASE WHEN last_visit_at <= ${gapStart} THEN last_visit_at ELSE previous_visit_at END,
        last_visit_at = GREATEST(last_visit_at, ${now}::timestamptz)
      WHERE tenant_id = ${tenantId}::uuid AND id = ${actor.id}::uuid
      RETURNING previous_visit_at AS "previousVisitAt"`;
    await tx.$executeRaw`
      UPDATE session SET last_seen_at = GREATEST(last_seen_at, ${now}::timestamptz)
      WHERE tenant_id = ${tenantId}::uuid AND id = ${actor.sessionId}::uuid`;
    return user?.previousVisitAt ?? null;
  });
}
