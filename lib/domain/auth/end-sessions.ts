import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import type { EventOf } from "../events/catalog";
import { recordEvent } from "../events/record-events";

/** Whose sessions end and why; `except` is the session that stays, usually the caller's own. */
export type EndSessions = {
  userId: string;
  because: EventOf<"auth.sessions_revoked">["data"]["because"];
  except?: string;
};

/**
 * Ends the sessions of a user, with effect from their next request, and records how many there were, unless there were none. Call it after what
 * they end for is written, in the same transaction: the user's row is locked first, so a sign-in that runs beside it either sees the change or
 * has opened its session by then.
 */
export async function endSessions(tx: Tx, ctx: Ctx, { userId, because, except }: EndSessions): Promise<number> {
  const { tenantId } = ctx;
  const now = ctx.clock.now();
  await tx.$queryRaw`SELECT 1 FROM app_user WHERE tenant_id = ${tenantId}::uuid AND id = ${userId}::uuid FOR UPDATE`;
  const count = await tx.$executeRaw`
    UPDATE session SET revoked_at = ${now}
    WHERE tenant_id = ${tenantId}::uuid AND user_id = ${userId}::uuid AND revoked_at IS NULL
      AND expires_at > ${now} AND id IS DISTINCT FROM ${except ?? null}::uuid`;
  if (count > 0) await recordEvent(tx, ctx, { type: "auth.sessions_revoked", data: { userId, count, because } });
  return count;
}
