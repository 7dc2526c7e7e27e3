import { CONNECTORS, type ConnectorName } from "@/lib/core/connectors";
import { AppError } from "@/lib/core/errors";
import { env } from "@/lib/platform/env";
import { zohoAccounts, zohoSecret } from "./oauth-zoho";

/** What a person chose or the other side said where that decides whom we talk to (Zoho's data center). */
export type OAuthSettings = Readonly<Record<string, string>>;

/** How one service does OAuth: where, and what it wants beside the standard. */
export type OAuthProvider = {
  authorizeUrl: (settings: OAuthSettings) => string;
  tokenUrl: (settings: OAuthSettings) => string;
  /** Null where the service has no such endpoint. */
  revokeUrl: ((settings: OAuthSettings) => string) | null;
  /** Whether revoking asks who the client is. */
  revokesAsClient: boolean;
  /** Added to the address that a person is sent to. */
  params: Readonly<Record<string, string>>;
  /** Null where the rights are set in the app at the other side and never asked for. */
  scopeSeparator: " " | "," | null;
  clientAuth: "body" | "basic";
  /** What it calls a grant that is no more. */
  goneWords: readonly string[];
  /** What it calls too many requests for tokens, and how long it wants to be left alone then. */
  throttle: { word: string; forMs: number } | null;
  /** Whether its access tokens end, so that without a refresh token the connection would be dead in an hour. */
  needsRefresh: boolean;
  client: (settings: OAuthSettings) => { id: string | undefined; secret: string | undefined };
};

/** The four doors. */
export const OAUTH_PROVIDERS: Record<ConnectorName, OAuthProvider> = {
  acuity: {
    authorizeUrl: () => `${env().ACUITY_BASE_URL}/oauth2/authorize`,
    tokenUrl: () => `${env().ACUITY_BASE_URL}/oauth2/token`,
    revokeUrl: null,
    revokesAsClient: false,
    params: {},
    scopeSeparator: " ",
    clientAuth: "body",
    goneWords: ["invalid_grant"],
    throttle: null,
    needsRefresh: false,
    client: () => ({ id: env().ACUITY_CLIENT_ID, secret: env().ACUITY_CLIENT_SECRET }),
  },
  google: {
    authorizeUrl: () => `${env().GOOGLE_AUTH_URL}/o/oauth2/v2/auth`,
    tokenUrl: () => `${env().GOOGLE_TOKEN_URL}/token`,
    revokeUrl: () => `${env().GOOGLE_TOKEN_URL}/revoke`,
    revokesAsClient: false,
    params: { access_type: "offline", prompt: "consent", include_granted_scopes: "true" },
    scopeSeparator: " ",
    clientAuth: "body",
    goneWords: ["invalid_grant"],
    throttle: null,
    needsRefresh: true,
    client: () => ({ id: env().GOOGLE_CLIENT_ID, secret: env().GOOGLE_CLIENT_SECRET }),
  },
  zoom: {
    authorizeUrl: () => `${env().ZOOM_AUTH_URL}/oauth/authorize`,
    tokenUrl: () => `${env().ZOOM_AUTH_URL}/oauth/token`,
    revokeUrl: () => `${env().ZOOM_AUTH_URL}/oauth/revoke`,
    revokesAsClient: true,
    params: {},
    scopeSeparator: null,
    clientAuth: "basic",
    goneWords: ["invalid_grant", "4741"],
    throttle: null,
    needsRefresh: true,
    client: () => ({ id: env().ZOOM_CLIENT_ID, secret: env().ZOOM_CLIENT_SECRET }),
  },
  zoho: {
    authorizeUrl: (settings) => `${zohoAccounts(settings)}/oauth/v2/auth`,
    tokenUrl: (settings) => `${zohoAccounts(settings)}/oauth/v2/token`,
    revokeUrl: (settings) => `${zohoAccounts(settings)}/oauth/v2/token/revoke`,
    revokesAsClient: false,
    params: { access_type: "offline", prompt: "consent" },
    scopeSeparator: ",",
    clientAuth: "body",
    goneWords: ["invalid_grant", "invalid_code"],
    throttle: { word: "Access Denied", forMs: 600_000 },
    needsRefresh: true,
    client: (settings) => ({ id: env().ZOHO_CLIENT_ID, secret: zohoSecret(settings) }),
  },
};

/** True when this installation has an app at the service, so that a firm can connect by saying yes there. */
export function hasOAuthApp(provider: ConnectorName): boolean {
  const { id, secret } = OAUTH_PROVIDERS[provider].client({});
  return !!id && !!secret;
}

/** Our app at the service. @throws AppError `not_configured` */
export function oauthClient(provider: ConnectorName, settings: OAuthSettings): { id: string; secret: string } {
  const { id, secret } = OAUTH_PROVIDERS[provider].client(settings);
  if (id && secret) return { id, secret };
  throw new AppError("not_configured", `${CONNECTORS[provider].label} has no client here (see .env.example).`);
}

/**
 * The rights that are missing among those given. Zoom's forms for one user do as well as those for a whole account: we speak for one host.
 */
export function missingScopes(provider: ConnectorName, granted: readonly string[]): string[] {
  const has = new Set(granted);
  return CONNECTORS[provider].scopes
    .map(({ scope }) => scope)
    .filter((scope) => !has.has(scope) && !(provider === "zoom" && has.has(scope.replace(/:admin$/, ""))));
}
