import type { PasskeyOptions } from "@/lib/contracts/account";
import { AppError } from "@/lib/core/errors";
import { sha256 } from "@/lib/core/secret";
import { requireRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { newAssertionOptions, type PasskeySite } from "./passkeys";

/**
 * What a browser is to sign in the second step of signing in; a new challenge takes the place of the one before. The same for every attempt, whether its
 * password was right or not. @throws AppError `unauthenticated` without a live attempt, `rate_limited`
 */
export async function challengeAttempt(ctx: Ctx, attempt: string, site: PasskeySite): Promise<PasskeyOptions> {
  const tokenHash = sha256(attempt);
  await requireRate("passkey.challenge", `${ctx.tenantId}|${tokenHash}`);
  const options = await newAssertionOptions(site);
  const isKept = await inTenant(
    ctx,
    (tx) => tx.$executeRaw`
      UPDATE sign_in_attempt SET challenge = ${options.challenge}
      WHERE tenant_id = ${ctx.tenantId}::uuid AND token_hash = ${tokenHash} AND expires_at > ${ctx.clock.now()}`,
  );
  if (isKept === 0) throw new AppError("unauthenticated", "Signing in took too long. Type your password again.");
  return options;
}

/** Likewise to confirm, in an open session, that it is still the same person. @throws AppError `unauthenticated`, `rate_limited` */
export async function challengeSession(ctx: Ctx, site: PasskeySite): Promise<PasskeyOptions> {
  const { actor, tenantId } = ctx;
  if (actor.type !== "user") throw new AppError("forbidden", "Only a person can do this.");
  await requireRate("passkey.challenge", `${tenantId}|${actor.sessionId}`);
  const options = await newAssertionOptions(site);
  await keepSessionChallenge(ctx, options.challenge);
  return options;
}

/** Keeps what a passkey has to sign in this session, once; it takes the place of the one before. @throws AppError `unauthenticated` */
export async function keepSessionChallenge(ctx: Ctx, challenge: string): Promise<void> {
  const { actor, tenantId } = ctx;
  const id = actor.type === "user" ? actor.sessionId : null;
  const isKept = await inTenant(
    ctx,
    (tx) => tx.$executeRaw`
      UPDATE session SET challenge = ${challenge}
      WHERE tenant_id = ${tenantId}::uuid AND id = ${id}::uuid AND revoked_at IS NULL`,
  );
  if (isKept === 0) throw new AppError("unauthenticated", "You are not signed in. Sign in and try again.");
}
