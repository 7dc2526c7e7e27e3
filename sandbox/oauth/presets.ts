import type { OAuthOptions } from "./oauth-server";

type Preset = Omit<OAuthOptions, "accounts" | "scopes">;

const clientOf = (provider: string) => ({ clientId: "arrestra-sandbox", clientSecret: `sandbox-${provider}-secret` });

/** How each service differs at the door. The handler adds its accounts, the scopes there are, and what it says beside a token. */
export const OAUTH_PRESETS = {
  /** Tokens never end, and there are none to renew. */
  acuity: {
    name: "Acuity Scheduling",
    ...clientOf("acuity"),
    accessSeconds: null,
    refresh: "none",
    clientAuth: "body",
  },
  /** A refresh token only for `access_type=offline` with `prompt=consent`. */
  google: {
    name: "Google",
    ...clientOf("google"),
    clientAuth: "either",
    refresh: "kept",
    needsPkce: true,
    givesRefresh: (asked) => asked.get("access_type") === "offline" && asked.get("prompt") === "consent",
  },
  /** The client says who it is by Basic; every refresh token is good once. */
  zoom: {
    name: "Zoom",
    ...clientOf("zoom"),
    clientAuth: "basic",
    hasScopesInApp: true,
    refresh: "rotated",
    faultReply: (fault, words) => ({
      status: fault === "invalid_client" ? 401 : 400,
      body: { reason: words, error: fault === "limit" ? "invalid_request" : fault },
    }),
  },
  /** Faults come with status 200; ten tokens in ten minutes, fifteen alive. */
  zoho: {
    name: "Zoho CRM",
    ...clientOf("zoho"),
    clientAuth: "body",
    refresh: "kept",
    scopeSeparator: ",",
    schemes: ["Zoho-oauthtoken", "Bearer"],
    tokenLimit: { tokens: 10, seconds: 600 },
    activeTokens: 15,
    givesRefresh: (asked) => asked.get("access_type") === "offline",
    faultReply: (fault) => ({
      status: 200,
      body: { error: fault === "invalid_grant" ? "invalid_code" : fault === "limit" ? "Access Denied" : fault },
    }),
  },
} as const satisfies Record<string, Preset>;
