import type { Ctx } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { purgeEvidence } from "@/lib/domain/leads/evidence/purge-evidence";
import { purgeImports } from "@/lib/domain/leads/imports/sweep-imports";
import { purgeExports } from "@/lib/domain/reports/exports/sweep-exports";

/** A session stays a week after its end, so that the list of sessions can show when it was. */
const SESSION_KEPT_MS = 7 * 86_400_000;

/** So long a delivery of another service is known again when it comes twice; none is sent again after a day or two. */
const DELIVERY_KEPT_MS = 14 * 86_400_000;

/**
 * Deletes what has served: stored replies past their day, sessions long over, invitations that ran out, sign-ins that never came to their second factor,
 * connecting that nobody finished, deliveries of two weeks ago, old exports, files of imports and files without one. Says how many rows and files.
 */
export async function purgeExpired(ctx: Ctx): Promise<number> {
  const now = ctx.clock.now();
  const { tenantId } = ctx;
  const files = (await purgeExports(ctx)) + (await purgeImports(ctx)) + (await purgeEvidence(ctx));
  return inTenant(ctx, async (tx) => {
    const replies = await tx.idempotencyKey.deleteMany({ where: { tenantId, expiresAt: { lte: now } } });
    const ended = new Date(now.getTime() - SESSION_KEPT_MS);
    const sessions = await tx.session.deleteMany({ where: { tenantId, expiresAt: { lte: ended } } });
    const invitations = await tx.verificationToken.deleteMany({ where: { tenantId, expiresAt: { lte: now } } });
    const attempts = await tx.signInAttempt.deleteMany({ where: { tenantId, expiresAt: { lte: now } } });
    const connecting = await tx.oauthAttempt.deleteMany({ where: { tenantId, expiresAt: { lte: now } } });
    // One that could not be handled in all that time never will be; what it told of was read by the daily pulls.
    const receivedAt = { lte: new Date(now.getTime() - DELIVERY_KEPT_MS) };
    const deliveries = await tx.webhookDelivery.deleteMany({ where: { tenantId, receivedAt } });
    const counts = [replies, sessions, invitations, attempts, connecting, deliveries];
    return counts.reduce((sum, { count }) => sum + count, files);
  });
}
