import type { BeginConnecting } from "@/lib/contracts/connections";
import { CONNECTORS, type ConnectorName } from "@/lib/core/connectors";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { authorizeUrl, newVerifier } from "@/lib/integrations/oauth";
import { hasOAuthApp } from "@/lib/integrations/oauth-providers";
import { encryptField } from "@/lib/platform/crypto";
import { env } from "@/lib/platform/env";
import { requireRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { requireFreshFactor } from "../../context/step-up";
import { recordEvent } from "../../events/record-events";
import { ATTEMPT_MS, signState } from "./oauth-state";

/** The one address that a service sends people back to, for all firms: no service knows wildcards. */
export const redirectUri = (provider: ConnectorName): string =>
  `${new URL(env().APP_BASE_URL).origin}/connect/${provider}`;

/** Where the verifier of an attempt is sealed. */
export const verifierPlace = (tenantId: string, attemptId: string) =>
  ({ tenantId, table: "oauth_attempt", column: "verifier_cipher", rowId: attemptId }) as const;

/** @throws AppError `forbidden` unless a signed-in person asks: saying yes is nothing a program can do for them. */
export function requirePerson({ actor }: Ctx): { id: string; sessionId: string } {
  if (actor.type === "user") return actor;
  throw new AppError("forbidden", "Only a person who is signed in can connect a service.");
}

/**
 * Begins to connect a service: gives the address where the person says yes. The attempt belongs to this person in this session and ends after ten minutes; a
 * new one takes the place of the one before. `origin` is that of the firm's host, where they come back to. Needs `connections:manage` and a fresh factor.
 * @throws AppError `not_configured` when this installation has no client there, `unprocessable`, `rate_limited`.
 */
export async function beginConnecting(
  ctx: Ctx,
  provider: ConnectorName,
  { dataCenter }: BeginConnecting,
  origin: string,
): Promise<{ url: string }> {
  requirePermission(ctx, "connections:manage");
  requireFreshFactor(ctx);
  const person = requirePerson(ctx);
  if (!hasOAuthApp(provider)) {
    throw new AppError("not_configured", `${CONNECTORS[provider].label} has no client here (see .env.example).`);
  }
  if (dataCenter && provider !== "zoho") {
    throw new AppError("unprocessable", "Only Zoho asks for a data center.", {
      invalidParams: [{ name: "dataCenter", reason: "is for Zoho alone" }],
    });
  }
  await requireRate("connect.firm", ctx.tenantId);
  const { tenantId } = ctx;
  const settings: Record<string, string> = provider === "zoho" ? { dataCenter: dataCenter ?? "us" } : {};
  const attemptId = newId();
  const verifier = newVerifier();
  const now = ctx.clock.now();
  await inTenant(ctx, async (tx) => {
    const mine = { userId: person.id, provider };
    await tx.oauthAttempt.deleteMany({ where: { tenantId, OR: [{ expiresAt: { lte: now } }, mine] } });
    await tx.oauthAttempt.create({
      data: {
        tenantId,
        id: attemptId,
        ...mine,
        sessionId: person.sessionId,
        verifierCipher: encryptField(verifier, verifierPlace(tenantId, attemptId)),
        settings,
        createdAt: now,
        expiresAt: new Date(now.getTime() + ATTEMPT_MS),
      },
    });
    await recordEvent(tx, ctx, { type: "connection.begun", data: { provider } });
  });
  const state = await signState({ tenantId, attemptId, provider, host: new URL(origin).host }, ctx.clock);
  return { url: await authorizeUrl(provider, { state, verifier, redirectUri: redirectUri(provider), settings }) };
}
