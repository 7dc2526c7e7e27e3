import * as oauth from "oauth4webapi";
import type { ConnectorName } from "@/lib/core/connectors";
import { CONNECTORS } from "@/lib/core/connectors";
import { VendorError } from "@/lib/core/errors";
import { httpRequest, kindOfStatus, retryAfterMs } from "@/lib/platform/http-client";
import { LOOPBACK } from "@/lib/platform/safe-addresses";
import { OAUTH_PROVIDERS, type OAuthSettings, oauthClient } from "./oauth-providers";
import { requireZohoApi } from "./oauth-zoho";
import { zoomTokenSettings } from "./oauth-zoom";

/** What a token endpoint gave. `scopes` null: it did not say, so it is what was asked for. `settings`: with what it said about where to call. */
export type OAuthTokens = {
  accessToken: string;
  refreshToken: string | null;
  expiresAt: Date | null;
  scopes: string[] | null;
  settings: OAuthSettings;
};

/** What every exchange needs. */
type Asking = { settings: OAuthSettings; now: Date };

/** The code that a grant which ended is given, however the service words it. */
export const GRANT_GONE = "invalid_grant";

/** A secret that only whoever began can show at the end (PKCE). */
export const newVerifier = (): string => oauth.generateRandomCodeVerifier();

/** Where a person is sent to say yes. @throws AppError `not_configured` without a client of ours there. */
export async function authorizeUrl(
  provider: ConnectorName,
  asked: { state: string; verifier: string; redirectUri: string; settings: OAuthSettings },
): Promise<string> {
  const { authorizeUrl: address, params, scopeSeparator } = OAUTH_PROVIDERS[provider];
  const url = new URL(address(asked.settings));
  const scopes = CONNECTORS[provider].scopes.map(({ scope }) => scope);
  const query: Record<string, string> = {
    response_type: "code",
    client_id: oauthClient(provider, asked.settings).id,
    redirect_uri: asked.redirectUri,
    ...(scopeSeparator === null ? {} : { scope: scopes.join(scopeSeparator) }),
    state: asked.state,
    code_challenge: await oauth.calculatePKCECodeChallenge(asked.verifier),
    code_challenge_method: "S256",
    ...params,
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

/** Trades a code for tokens, once. @throws VendorError, `code` in the service's own words */
export async function exchangeCode(
  provider: ConnectorName,
  { code, verifier, redirectUri, ...asking }: Asking & { code: string; verifier: string; redirectUri: string },
): Promise<OAuthTokens> {
  const { as, client, auth, options } = doorOf(provider, asking.settings);
  const returned = oauth.validateAuthResponse(as, client, new URLSearchParams({ code }));
  return answered(provider, asking, async () => {
    const reply = await oauth.authorizationCodeGrantRequest(as, client, auth, returned, redirectUri, verifier, options);
    return oauth.processAuthorizationCodeResponse(as, client, reply);
  });
}

/** Trades a refresh token for a new access token. @throws VendorError; `code` is GRANT_GONE when the grant has ended */
export async function refreshTokens(
  provider: ConnectorName,
  { refreshToken, ...asking }: Asking & { refreshToken: string },
): Promise<OAuthTokens> {
  const { as, client, auth, options } = doorOf(provider, asking.settings);
  return answered(provider, asking, async () =>
    oauth.processRefreshTokenResponse(
      as,
      client,
      await oauth.refreshTokenGrantRequest(as, client, auth, refreshToken, options),
    ),
  );
}

/** A Zoom token of the firm's own server-to-server app. @throws VendorError; `code` is `invalid_client` for wrong credentials */
export async function accountToken(
  app: { accountId: string; clientId: string; clientSecret: string },
  asking: Asking,
): Promise<OAuthTokens> {
  const own = { id: app.clientId, secret: app.clientSecret };
  const { as, client, auth, options } = doorOf("zoom", asking.settings, own);
  const parameters = { account_id: app.accountId };
  return answered("zoom", asking, async () =>
    oauth.processGenericTokenEndpointResponse(
      as,
      client,
      await oauth.genericTokenEndpointRequest(as, client, auth, "account_credentials", parameters, options),
    ),
  );
}

/** Gives a grant back by one of its tokens. False where the service has no way to. @throws VendorError */
export async function revokeGrant(
  provider: ConnectorName,
  { token, settings }: { token: string; settings: OAuthSettings },
): Promise<boolean> {
  const { revokesAsClient, revokeUrl } = OAUTH_PROVIDERS[provider];
  if (!revokeUrl) return false;
  const { as, client, auth, options } = doorOf(provider, settings);
  const who = revokesAsClient ? auth : oauth.None();
  await refused(provider, async () =>
    oauth.processRevocationResponse(await oauth.revocationRequest(as, client, who, token, options)),
  );
  return true;
}

/** The service, our client there, and the way to it, in the library's terms. */
function doorOf(provider: ConnectorName, settings: OAuthSettings, own?: { id: string; secret: string }) {
  const { tokenUrl, revokeUrl, clientAuth } = OAUTH_PROVIDERS[provider];
  const { id, secret } = own ?? oauthClient(provider, settings);
  const token = tokenUrl(settings);
  const as: oauth.AuthorizationServer = {
    issuer: new URL(token).origin,
    token_endpoint: token,
    ...(revokeUrl ? { revocation_endpoint: revokeUrl(settings) } : {}),
  };
  return {
    as,
    client: { client_id: id } satisfies oauth.Client,
    auth: clientAuth === "basic" ? basic(id, secret) : oauth.ClientSecretPost(secret),
    options: {
      [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<"POST", URLSearchParams>) =>
        send(provider, url, init),
      // The sandbox has no certificate. Whether a setting may name this machine at all is decided in lib/platform/env.ts.
      [oauth.allowInsecureRequests]: LOOPBACK.test(new URL(token).hostname),
    },
  };
}

/** As Zoom reads it: the two as they stand. The library would escape them first, which only some servers undo. */
const basic =
  (id: string, secret: string): oauth.ClientAuth =>
  (_as, _client, _body, headers) =>
    headers.set("authorization", `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`);

/** The library's request through the one way out, and the reply brought to what the standard says: errors have a status of errors, tokens a type. */
async function send(
  provider: ConnectorName,
  url: string,
  { body, headers }: oauth.CustomFetchOptions<"POST", URLSearchParams>,
): Promise<Response> {
  const reply = await httpRequest({
    vendor: provider,
    url,
    method: "POST",
    headers,
    body: body.toString(),
    maxBytes: 100_000,
    accept: () => true,
  });
  const { status } = reply;
  if (status >= 500 || status === 429 || status === 408) {
    throw new VendorError(provider, kindOfStatus(status), `answered ${status}`, {
      status,
      retryAfterMs: retryAfterMs(reply.headers),
    });
  }
  // Some end a grant with an empty answer.
  const json = reply.bytes.length === 0 ? {} : reply.json();
  const { id_token: _ours, ...fields } = (json ?? {}) as Record<string, unknown>;
  const error = fields.error ?? (status > 299 ? (fields.code ?? "refused") : undefined);
  const isRefused = error !== undefined;
  const known = isRefused ? { error: String(error) } : { token_type: "Bearer", ...fields };
  return new Response(JSON.stringify(known), {
    status: isRefused ? Math.max(400, status) : 200,
    headers: { "content-type": "application/json" },
  });
}

async function answered(
  provider: ConnectorName,
  { settings, now }: Asking,
  ask: () => Promise<oauth.TokenEndpointResponse>,
): Promise<OAuthTokens> {
  const reply = await refused(provider, ask);
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds, scope } = reply;
  return {
    accessToken,
    refreshToken: refreshToken ?? null,
    expiresAt: seconds === undefined ? null : new Date(now.getTime() + seconds * 1000),
    scopes: scope === undefined ? null : scope.split(/[ ,]+/).filter((each) => each !== ""),
    settings: settingsOf(provider, settings, reply),
  };
}

/** What a token reply says about where to call counts when the host is one we know. */
function settingsOf(
  provider: ConnectorName,
  settings: OAuthSettings,
  reply: oauth.TokenEndpointResponse,
): OAuthSettings {
  if (provider === "zoho") requireZohoApi(settings, reply.api_domain);
  return provider === "zoom" ? zoomTokenSettings(settings, reply.api_url) : settings;
}

/** Every failure by its name. What the service wrote beside its code is dropped: it may repeat what was sent. */
async function refused<T>(provider: ConnectorName, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof VendorError) throw error;
    const { goneWords, throttle } = OAUTH_PROVIDERS[provider];
    if (!(error instanceof oauth.ResponseBodyError)) {
      throw new VendorError(provider, "garbled", "sent no tokens that can be read");
    }
    const word = /^[\w .-]{1,60}$/.test(error.error) ? error.error : "unfamiliar";
    const { status } = error;
    if (word === throttle?.word) {
      throw new VendorError(provider, "throttled", "gives no more tokens for now", {
        status,
        code: word,
        retryAfterMs: throttle.forMs,
      });
    }
    const code = goneWords.includes(word) ? GRANT_GONE : word;
    throw new VendorError(provider, "rejected", `refused: ${code}`, { status, code });
  }
}
