import type { ConnectorName } from "@/lib/core/connectors";
import { VendorError } from "@/lib/core/errors";
import { GRANT_GONE, type OAuthTokens, refreshTokens, revokeGrant } from "@/lib/integrations/oauth";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { readSecret } from "../integration-secrets";
import { asHouse, type ConnectionRow } from "./connections";

type Held = {
  accessToken: string | null;
  refreshToken: string | null;
  expiresAt: Date | null;
  settings: OAuthTokens["settings"];
};

/**
 * Gives a connection's access back to the service, if it can be. What a firm made for itself there (an API key, an app of its own) only the firm can take
 * away. True when the service took it; it never throws, for what is given up here is given up anyway.
 */
export async function revokeHeld(ctx: Ctx, row: ConnectionRow): Promise<boolean> {
  if (row.mode !== "oauth") return false;
  const { provider, settings, accessExpiresAt: expiresAt } = row;
  const house = asHouse(ctx);
  const [accessToken, refreshToken] = await inTenant(house, async (tx) => [
    await readSecret(tx, house, { provider, name: "access_token" }),
    await readSecret(tx, house, { provider, name: "refresh_token" }),
  ]);
  return revokeTokens(ctx, provider, {
    accessToken: accessToken ?? null,
    refreshToken: refreshToken ?? null,
    expiresAt,
    settings,
  });
}

/** Gives tokens back that were just taken and are not wanted, or those of a connection. Never throws. */
export async function revokeTokens(ctx: Ctx, provider: ConnectorName, held: Held): Promise<boolean> {
  try {
    const token = await tokenToRevoke(ctx, provider, held);
    return token !== null && (await revokeGrant(provider, { token, settings: held.settings }));
  } catch (error) {
    // A grant that is no more is what was wanted.
    const isGone = error instanceof VendorError && error.code === GRANT_GONE;
    if (!isGone) log.warn("a service did not take its access back", failureFields(error));
    return isGone;
  }
}

/** Zoom takes back access tokens that are alive, and only those; the others any token of the grant. */
async function tokenToRevoke(ctx: Ctx, provider: ConnectorName, held: Held): Promise<string | null> {
  const { accessToken, refreshToken, expiresAt, settings } = held;
  if (provider !== "zoom") return refreshToken ?? accessToken;
  const now = ctx.clock.now();
  if (accessToken && (!expiresAt || expiresAt > now)) return accessToken;
  if (!refreshToken) return null;
  return (await refreshTokens(provider, { refreshToken, settings, now })).accessToken;
}
