import { createHmac } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { Clock } from "@/lib/core/clock";
import { type ConnectorName, isConnector } from "@/lib/core/connectors";
import { isId } from "@/lib/core/ids";
import { requireEnv } from "@/lib/platform/env";

/** How long a person may take to say yes at the other side. */
export const ATTEMPT_MS = 10 * 60_000;

/** What travels to the other side and back: whose attempt this is, and the host of the firm on which it began. */
export type OAuthState = { tenantId: string; attemptId: string; provider: ConnectorName; host: string };

const Claims = z.object({
  tid: z.string().refine(isId),
  sub: z.string().refine(isId),
  prv: z.string().refine(isConnector),
  hst: z.string().min(1).max(260),
});

const ISSUER = "arrestra";
const AUDIENCE = "connect";
/** Pinned: a state that names another algorithm, or none, is none of ours. */
const ALGORITHM = "HS256";

/** A key for this purpose alone: nothing else that the same secret signs can be shown here. */
const stateKey = (): Buffer => createHmac("sha256", requireEnv("NEXTAUTH_SECRET")).update("connection state").digest();

/** The state of an attempt, signed. It is no secret, and of no use without the session that began. */
export function signState({ tenantId, attemptId, provider, host }: OAuthState, clock: Clock): Promise<string> {
  const now = Math.floor(clock.now().getTime() / 1000);
  return new SignJWT({ tid: tenantId, prv: provider, hst: host })
    .setProtectedHeader({ alg: ALGORITHM })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(attemptId)
    .setIssuedAt(now)
    .setExpirationTime(now + ATTEMPT_MS / 1000)
    .sign(stateKey());
}

/** What a state says, when we signed it for this purpose, and whether it still counts; null for anything else. */
export async function readState(
  text: string | null | undefined,
  clock: Clock,
): Promise<(OAuthState & { isExpired: boolean }) | null> {
  try {
    const { payload } = await jwtVerify(text ?? "", stateKey(), {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ["exp", "iat", "sub"],
      maxTokenAge: ATTEMPT_MS / 1000,
      currentDate: clock.now(),
    });
    return toState(payload, false);
  } catch (error) {
    // Its signature was checked before its age.
    return error instanceof errors.JWTExpired ? toState(error.payload, true) : null;
  }
}

function toState(payload: unknown, isExpired: boolean): (OAuthState & { isExpired: boolean }) | null {
  const parsed = Claims.safeParse(payload);
  if (!parsed.success) return null;
  const { tid, sub, prv, hst } = parsed.data;
  return { tenantId: tid, attemptId: sub, provider: prv as ConnectorName, host: hst, isExpired };
}
