import type { ConnectingProblem } from "@/lib/contracts/connections";
import { CONNECTORS, type ConnectorName } from "@/lib/core/connectors";
import { AppError, VendorError } from "@/lib/core/errors";
import { exchangeCode, type OAuthTokens } from "@/lib/integrations/oauth";
import { missingScopes, OAUTH_PROVIDERS } from "@/lib/integrations/oauth-providers";
import { zohoReturned } from "@/lib/integrations/oauth-zoho";
import { decryptField } from "@/lib/platform/crypto";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { tokenHeader } from "./authorization";
import { redirectUri, requirePerson, verifierPlace } from "./begin-connecting";
import { identify } from "./identify";
import { readState } from "./oauth-state";
import { revokeTokens } from "./revoke-held";
import { storeConnection } from "./store-connection";

/** What a service sent a person back with. */
export type Returned = {
  state?: string | undefined;
  code?: string | undefined;
  error?: string | undefined;
  location?: string | undefined;
  accountsServer?: string | undefined;
};

/** Where it ended: connected, or why not. */
export type Finished = { connected: ConnectorName } | { problem: ConnectingProblem; provider: ConnectorName | null };

type Attempt = { provider: ConnectorName; settings: Record<string, string>; verifier: string };

/**
 * Ends an attempt to connect: the state has to be ours and this firm's, the person and the session those that began, and the attempt is used up whatever comes of
 * it. The code is traded with no transaction open, the service asked who it speaks for, and only then is anything stored. Needs `connections:manage`.
 */
export async function finishConnecting(ctx: Ctx, returned: Returned): Promise<Finished> {
  requirePermission(ctx, "connections:manage");
  const person = requirePerson(ctx);
  const state = await readState(returned.state, ctx.clock);
  // A link from somebody else must not tie their account to this firm.
  if (!state || state.tenantId !== ctx.tenantId) return { problem: "mismatch", provider: null };
  const { provider } = state;
  if (state.isExpired) return { problem: "expired", provider };
  const attempt = await takeAttempt(ctx, state.attemptId, provider, person);
  if (typeof attempt === "string") return { problem: attempt, provider };
  if (returned.error || !returned.code) {
    return { problem: returned.error === "access_denied" ? "denied" : "refused", provider };
  }
  try {
    return await connect(ctx, attempt, { ...returned, code: returned.code }, person.id);
  } catch (error) {
    const problem = problemOf(error);
    if (!problem) throw error;
    log.warn("a service was not connected", failureFields(error));
    return { problem, provider };
  }
}

/** Uses an attempt up, once: of two who come with the same one, the second finds none. */
async function takeAttempt(
  ctx: Ctx,
  id: string,
  provider: ConnectorName,
  { id: userId, sessionId }: { id: string; sessionId: string },
): Promise<Attempt | "expired" | "mismatch"> {
  const { tenantId } = ctx;
  return inTenant(ctx, async (tx) => {
    const [taken] = await tx.$queryRaw<{ verifier: string; settings: Record<string, string>; expires: Date }[]>`
      DELETE FROM oauth_attempt WHERE tenant_id = ${tenantId}::uuid AND id = ${id}::uuid AND provider = ${provider}
        AND user_id = ${userId}::uuid AND session_id = ${sessionId}::uuid
      RETURNING verifier_cipher AS verifier, settings, expires_at AS expires`;
    if (!taken) {
      const isOthers = (await tx.oauthAttempt.count({ where: { tenantId, id } })) > 0;
      return isOthers ? "mismatch" : "expired";
    }
    if (taken.expires <= ctx.clock.now()) return "expired";
    const verifier = decryptField(taken.verifier, verifierPlace(tenantId, id));
    return { provider, settings: taken.settings, verifier };
  });
}

async function connect(
  ctx: Ctx,
  { provider, settings: chosen, verifier }: Attempt,
  returned: Returned & { code: string },
  connectedBy: string,
): Promise<Finished> {
  const settings =
    provider === "zoho"
      ? zohoReturned(chosen, { location: returned.location, accountsServer: returned.accountsServer })
      : chosen;
  const asking = { settings, now: ctx.clock.now() };
  const tokens = await exchangeCode(provider, {
    ...asking,
    code: returned.code,
    verifier,
    redirectUri: redirectUri(provider),
  });
  try {
    return await store(ctx, provider, tokens, connectedBy);
  } catch (error) {
    // What was given for nothing is given back, so that no door stays open that nobody here knows of.
    await revokeTokens(ctx, provider, tokens);
    throw error;
  }
}

async function store(ctx: Ctx, provider: ConnectorName, tokens: OAuthTokens, connectedBy: string): Promise<Finished> {
  const { accessToken, refreshToken, expiresAt, settings } = tokens;
  const asked = CONNECTORS[provider].scopes.map(({ scope }) => scope);
  const scopes = tokens.scopes ?? asked;
  const hasAll = missingScopes(provider, scopes).length === 0;
  if (!hasAll || (OAUTH_PROVIDERS[provider].needsRefresh && !refreshToken)) {
    await revokeTokens(ctx, provider, tokens);
    return { problem: hasAll ? "refused" : "scopes", provider };
  }
  const authorization = tokenHeader(provider, accessToken);
  const identity = await identify({
    connectionId: "",
    provider,
    mode: "oauth",
    authorization,
    accountId: "",
    settings,
  });
  await storeConnection(ctx, {
    provider,
    mode: "oauth",
    identity,
    scopes,
    settings,
    accessExpiresAt: expiresAt,
    secrets: { access_token: accessToken, ...(refreshToken ? { refresh_token: refreshToken } : {}) },
    connectedBy,
  });
  return { connected: provider };
}

/** Why a person sees no connection; null for what is our own fault. */
function problemOf(error: unknown): ConnectingProblem | null {
  if (error instanceof AppError && error.code === "not_configured") return "refused";
  if (!(error instanceof VendorError)) return null;
  if (error.code === "host") return "mismatch";
  return error.kind === "rejected" || error.kind === "garbled" ? "refused" : "unavailable";
}
