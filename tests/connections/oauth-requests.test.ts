import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { CONNECTORS, type ConnectorName } from "@/lib/core/connectors";
import { accountToken, authorizeUrl, exchangeCode, refreshTokens, revokeGrant } from "@/lib/integrations/oauth";
import { challengeOf } from "../../sandbox/oauth/grants";

// What is sent to the four authorization servers, byte for byte, and what is made of each of their answers.

type Seen = { method: string; url: string; headers: Record<string, unknown>; body: string };
type Answer = { status?: number; body?: unknown; text?: string; headers?: Record<string, string> };

let seen: Seen[] = [];
let answer: Answer = {};
const server = createServer((req, res) => {
  let body = "";
  req.on("data", (chunk: Buffer) => {
    body += chunk.toString("utf8");
  });
  req.on("end", () => {
    seen.push({ method: req.method ?? "", url: req.url ?? "", headers: req.headers, body });
    res.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers });
    res.end(answer.text ?? JSON.stringify(answer.body ?? {}));
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
Object.assign(process.env, {
  ACUITY_BASE_URL: `${base}/acuity`,
  ACUITY_CLIENT_ID: "acuity-client",
  ACUITY_CLIENT_SECRET: "acuity-secret",
  GOOGLE_AUTH_URL: `${base}/accounts`,
  GOOGLE_TOKEN_URL: `${base}/google`,
  GOOGLE_CLIENT_ID: "google-client",
  GOOGLE_CLIENT_SECRET: "google-secret",
  ZOOM_AUTH_URL: `${base}/zoom`,
  ZOOM_CLIENT_ID: "zoom_client-1",
  ZOOM_CLIENT_SECRET: "zoom~secret",
  ZOHO_SANDBOX_URL: `${base}/zoho`,
  ZOHO_CLIENT_ID: "zoho-client",
  ZOHO_CLIENT_SECRET: "zoho-secret",
  ZOHO_DC_SECRETS: "eu:zoho-secret-eu,in:zoho-secret-in",
});

beforeEach(() => {
  seen = [];
  answer = {};
});
afterAll(() => void server.close());

const now = new Date("2026-11-20T12:00:00Z");
const settings = {};
const verifier = "v".repeat(43);
const redirect = (provider: ConnectorName) => `http://localhost:3000/connect/${provider}`;
const scopesOf = (provider: ConnectorName) => CONNECTORS[provider].scopes.map(({ scope }) => scope);
const TOKEN = { access_token: "at", token_type: "Bearer", expires_in: 3600, refresh_token: "rt" };

const sentForm = (at = 0): Record<string, string> => Object.fromEntries(new URLSearchParams(seen[at]?.body));
const sentTo = (at = 0) => `${seen[at]?.method} ${seen[at]?.url}`;

const EXPECTED = {
  acuity: {
    authorize: { at: `${base}/acuity/oauth2/authorize`, client_id: "acuity-client", scope: "api-v1" },
    token: "POST /acuity/oauth2/token",
    secret: { client_id: "acuity-client", client_secret: "acuity-secret" },
    authorization: undefined,
  },
  google: {
    authorize: {
      at: `${base}/accounts/o/oauth2/v2/auth`,
      client_id: "google-client",
      scope: scopesOf("google").join(" "),
      access_type: "offline",
      prompt: "consent",
      include_granted_scopes: "true",
    },
    token: "POST /google/token",
    secret: { client_id: "google-client", client_secret: "google-secret" },
    authorization: undefined,
  },
  zoom: {
    authorize: { at: `${base}/zoom/oauth/authorize`, client_id: "zoom_client-1" },
    token: "POST /zoom/oauth/token",
    secret: {},
    authorization: `Basic ${Buffer.from("zoom_client-1:zoom~secret").toString("base64")}`,
  },
  zoho: {
    authorize: {
      at: `${base}/zoho/oauth/v2/auth`,
      client_id: "zoho-client",
      scope: scopesOf("zoho").join(","),
      access_type: "offline",
      prompt: "consent",
    },
    token: "POST /zoho/oauth/v2/token",
    secret: { client_id: "zoho-client", client_secret: "zoho-secret" },
    authorization: undefined,
  },
} as const;

describe.each(["acuity", "google", "zoom", "zoho"] as const)("%s", (provider) => {
  const expected = EXPECTED[provider];

  it("is where a person is sent, with everything that it wants and a challenge", async () => {
    const url = new URL(
      await authorizeUrl(provider, { state: "st", verifier, redirectUri: redirect(provider), settings }),
    );
    const { at, ...query } = expected.authorize;
    expect(`${url.origin}${url.pathname}`).toBe(at);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: "code",
      redirect_uri: redirect(provider),
      state: "st",
      code_challenge: challengeOf(verifier),
      code_challenge_method: "S256",
      ...query,
    });
  });

  it("trades a code for tokens", async () => {
    answer = { body: { ...TOKEN, scope: "a b,c" } };
    const tokens = await exchangeCode(provider, {
      code: "co",
      verifier,
      redirectUri: redirect(provider),
      settings,
      now,
    });
    expect(sentTo()).toBe(expected.token);
    expect(seen[0]?.headers).toMatchObject({
      accept: "application/json",
      "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
    });
    expect(seen[0]?.headers.authorization).toBe(expected.authorization);
    expect(sentForm()).toEqual({
      grant_type: "authorization_code",
      code: "co",
      redirect_uri: redirect(provider),
      code_verifier: verifier,
      ...expected.secret,
    });
    expect(tokens).toMatchObject({
      accessToken: "at",
      refreshToken: "rt",
      expiresAt: new Date("2026-11-20T13:00:00Z"),
      scopes: ["a", "b", "c"],
    });
  });

  it("trades a refresh token for a new access token", async () => {
    answer = { body: { access_token: "at2", expires_in: "3600" } };
    const tokens = await refreshTokens(provider, { refreshToken: "rt", settings, now });
    expect(sentTo()).toBe(expected.token);
    expect(seen[0]?.headers.authorization).toBe(expected.authorization);
    expect(sentForm()).toEqual({ grant_type: "refresh_token", refresh_token: "rt", ...expected.secret });
    expect(tokens).toMatchObject({ accessToken: "at2", refreshToken: null, scopes: null });
  });

  it("is asked once, whatever it answers, and its failures have a name without its words", async () => {
    const ask = () => refreshTokens(provider, { refreshToken: "rt-canary", settings, now });
    const cases: [Answer, object][] = [
      [
        { status: 400, body: { error: "invalid_grant", error_description: "rt-canary" } },
        { kind: "rejected", code: "invalid_grant" },
      ],
      [
        { status: 401, body: { error: "invalid_client" } },
        { kind: "rejected", code: "invalid_client" },
      ],
      [
        { status: 401, body: { error: "invalid_client" }, headers: { "www-authenticate": 'Basic realm="x"' } },
        { code: "invalid_client" },
      ],
      [
        { status: 200, body: { error: "invalid_client" } },
        { kind: "rejected", code: "invalid_client" },
      ],
      [
        { status: 400, body: { error: "<rt-canary>" } },
        { kind: "rejected", code: "unfamiliar" },
      ],
      [{ status: 200, body: { hello: "rt-canary" } }, { kind: "garbled" }],
      [{ status: 200, text: "<html>rt-canary</html>" }, { kind: "garbled" }],
      [
        { status: 503, headers: { "retry-after": "7" } },
        { kind: "unavailable", retryAfterMs: 7000 },
      ],
      [
        { status: 429, headers: { "retry-after": "9" } },
        { kind: "throttled", retryAfterMs: 9000 },
      ],
    ];
    for (const [given, wanted] of cases) {
      seen = [];
      answer = given;
      const error: unknown = await ask().catch((each: unknown) => each);
      expect(error, JSON.stringify(given)).toMatchObject({ name: "VendorError", vendor: provider, ...wanted });
      expect(String((error as Error).message)).not.toContain("canary");
      expect(seen).toHaveLength(1);
    }
  });
});

describe("what only one of them does", () => {
  it("Google, Zoom and Zoho take a grant back, Acuity has no way to", async () => {
    expect(await revokeGrant("acuity", { token: "to", settings })).toBe(false);
    expect(seen).toEqual([]);
    for (const provider of ["google", "zoom", "zoho"] as const) {
      expect(await revokeGrant(provider, { token: "to", settings })).toBe(true);
    }
    expect([0, 1, 2].map((at) => sentTo(at))).toEqual([
      "POST /google/revoke",
      "POST /zoom/oauth/revoke",
      "POST /zoho/oauth/v2/token/revoke",
    ]);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      EXPECTED.zoom.authorization,
      undefined,
    ]);
    expect([0, 1, 2].map((at) => sentForm(at).token)).toEqual(["to", "to", "to"]);
  });

  it("Zoom's server-to-server apps sign in for an account", async () => {
    answer = { body: { ...TOKEN, refresh_token: undefined, api_url: "https://api.evil.example" } };
    const app = { accountId: "acc", clientId: "own", clientSecret: "own-secret" };
    const tokens = await accountToken(app, { settings, now });
    expect(sentTo()).toBe("POST /zoom/oauth/token");
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from("own:own-secret").toString("base64")}`);
    expect(sentForm()).toEqual({ grant_type: "account_credentials", account_id: "acc" });
    expect(tokens).toMatchObject({ accessToken: "at", refreshToken: null });
    expect(tokens.settings).toEqual({});
  });

  it("Zoho calls an ended grant invalid_code and too many tokens Access Denied, with status 200", async () => {
    const ask = () => refreshTokens("zoho", { refreshToken: "rt", settings, now });
    answer = { body: { error: "invalid_code" } };
    await expect(ask()).rejects.toMatchObject({ kind: "rejected", code: "invalid_grant" });
    answer = { body: { error: "Access Denied" } };
    await expect(ask()).rejects.toMatchObject({ kind: "throttled", retryAfterMs: 600_000 });
  });

  it("Zoho's data centers have their own client secret where one is set", async () => {
    answer = { body: TOKEN };
    await refreshTokens("zoho", { refreshToken: "rt", settings: { dataCenter: "eu" }, now });
    await refreshTokens("zoho", { refreshToken: "rt", settings: { dataCenter: "jp" }, now });
    expect([0, 1].map((at) => sentForm(at).client_secret)).toEqual(["zoho-secret-eu", "zoho-secret"]);
  });

  it("Zoom calls an ended grant by a number too", async () => {
    answer = { status: 401, body: { code: 4741, message: "The token has been revoked." } };
    const asked = refreshTokens("zoom", { refreshToken: "rt", settings, now });
    await expect(asked).rejects.toMatchObject({ code: "invalid_grant" });
  });
});
