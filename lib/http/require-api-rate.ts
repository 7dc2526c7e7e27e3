import type { Ctx } from "@/lib/domain/context/ctx";
import { requireLeased } from "@/lib/platform/rate-lease";

/**
 * Counts a request of the API: for its key or session, and for its firm, so that no firm takes the machine from the others. Services and jobs are ours.
 * @throws AppError `rate_limited` with Retry-After, `unavailable` when the limits cannot be asked.
 */
export async function requireApiRate({ actor, tenantId }: Ctx): Promise<void> {
  if (actor.type === "apiKey")
    await requireLeased([
      ["api.key", actor.id],
      ["api.firm", tenantId],
    ]);
  if (actor.type === "user")
    await requireLeased([
      ["api.session", actor.sessionId],
      ["api.firm", tenantId],
    ]);
}
