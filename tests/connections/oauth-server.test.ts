import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeEach, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { challengeOf } from "../../sandbox/oauth/grants";
import { OAuthServer } from "../../sandbox/oauth/oauth-server";

// The stand-in for an authorization server is as strict as the real ones: what it lets pass, nobody would find.

const clock = fixedClock("2026-11-20T12:00:00Z");
const oauth = new OAuthServer(
  {
    name: "Somewhere",
    clientId: "client",
    clientSecret: "secret",
    clientAuth: "basic",
    accounts: [
      { id: "1", label: "One & <b>Co</b>" },
      { id: "2", label: "Two" },
    ],
    scopes: ["read", "write"],
    refresh: "rotated",
    needsPkce: true,
    tokenLimit: { tokens: 3, seconds: 600 },
  },
  clock,
);
const server = createServer((req, res) => {
  const url = new URL(req.url ?? "/", "http://127.0.0.1");
  const exchange = { req, res, url, path: url.pathname, base: "" };
  if (url.pathname === "/authorize") void oauth.authorize(exchange);
  else if (url.pathname === "/token") void oauth.token(exchange);
  else void oauth.revoke(exchange, { needsClient: true });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
beforeEach(() => oauth.reset());
afterAll(() => void server.close());

const verifier = "v".repeat(43);
const redirectUri = "http://localhost:3000/connect/zoom";
const asked = {
  response_type: "code",
  client_id: "client",
  redirect_uri: redirectUri,
  scope: "read write",
  state: "st",
  code_challenge: challengeOf(verifier),
  code_challenge_method: "S256",
};
const decide = async (changes: Record<string, string> = {}): Promise<URL> => {
  const body = new URLSearchParams({ ...asked, account: "2", decision: "allow", ...changes });
  const reply = await fetch(`${base}/authorize`, { method: "POST", body, redirect: "manual" });
  return new URL(reply.headers.get("location") ?? "http://nowhere.example/");
};
const code = async () => (await decide()).searchParams.get("code") ?? "";

type Tokens = { access_token?: string; refresh_token?: string; error?: string; scope?: string };
async function post(path: string, form: Record<string, string>, secret = "secret"): Promise<Tokens> {
  const authorization = `Basic ${Buffer.from(`client:${secret}`).toString("base64")}`;
  const reply = await fetch(base + path, {
    method: "POST",
    body: new URLSearchParams(form),
    headers: { authorization },
  });
  return (await reply.json()) as Tokens;
}
const forCode = (text: string, changes: Record<string, string> = {}, secret?: string) =>
  post(
    "/token",
    { grant_type: "authorization_code", code: text, redirect_uri: redirectUri, code_verifier: verifier, ...changes },
    secret,
  );
const forRefresh = (text = "") => post("/token", { grant_type: "refresh_token", refresh_token: text });

it("shows who asks for what, and nothing of a request is markup", async () => {
  const page = await (
    await fetch(`${base}/authorize?${new URLSearchParams({ ...asked, state: '"><script>' })}`)
  ).text();
  expect(page).toContain("One &amp; &lt;b&gt;Co&lt;/b&gt;");
  expect(page).not.toContain("<script>");
  expect(page).toContain("<li>read</li><li>write</li>");
});

it.each([
  ["another client", { client_id: "other" }],
  ["an address of somebody else", { redirect_uri: "https://evil.example/connect/zoom" }],
  ["another path", { redirect_uri: "http://localhost:3000/elsewhere" }],
  ["an address with a query", { redirect_uri: `${redirectUri}?x=1` }],
])("sends nobody on for %s", async (_name, changes) => {
  expect((await decide(changes)).host).toBe("nowhere.example");
});

it.each([
  ["a right that does not exist", { scope: "read admin" }, "invalid_scope"],
  ["no challenge", { code_challenge_method: "plain" }, "invalid_request"],
  ["no code", { response_type: "token" }, "unsupported_response_type"],
  ["no", { decision: "deny" }, "access_denied"],
])("says what is wrong with %s", async (_name, changes, error) => {
  const back = await decide(changes);
  expect([back.searchParams.get("error"), back.searchParams.get("state")]).toEqual([error, "st"]);
});

it("gives tokens for a code once, to its client, address and verifier alone", async () => {
  expect((await forCode(await code(), {}, "wrong")).error).toBe("invalid_client");
  expect((await forCode(await code(), { redirect_uri: `${redirectUri}/` })).error).toBe("invalid_grant");
  expect((await forCode(await code(), { code_verifier: "w".repeat(43) })).error).toBe("invalid_grant");
  expect((await forCode(await code(), { code_verifier: "" })).error).toBe("invalid_grant");
  const good = await code();
  const tokens = await forCode(good);
  expect(tokens).toMatchObject({ scope: "read write" });
  expect(oauth.grantOf(`Bearer ${tokens.access_token}`)).toMatchObject({ accountId: "2", scopes: ["read", "write"] });
  expect((await forCode(good)).error).toBe("invalid_grant");
  // Who has a code twice has lost it: what came of it ends.
  expect(oauth.grantOf(`Bearer ${tokens.access_token}`)).toBeNull();
  const late = await code();
  clock.advance(181_000);
  expect((await forCode(late)).error).toBe("invalid_grant");
});

it("takes a refresh token once, ends the grant when one comes back, and gives so many in a while", async () => {
  const first = await forCode(await code());
  const second = await forRefresh(first.refresh_token);
  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect((await forRefresh(first.refresh_token)).error).toBe("invalid_grant");
  expect((await forRefresh(second.refresh_token)).error).toBe("invalid_grant");
  let at: Tokens = await forCode(await code());
  for (let times = 0; times < 3; times += 1) at = await forRefresh(at.refresh_token);
  expect((await forRefresh(at.refresh_token)).error).toBe("slow_down");
  clock.advance(600_000);
  expect((await forRefresh(at.refresh_token)).access_token).toBeDefined();
});

it("ends access by the hour, on demand and when it is given back", async () => {
  const tokens = await forCode(await code());
  const authorization = `Bearer ${tokens.access_token}`;
  expect(oauth.grantOf(authorization)).not.toBeNull();
  expect(oauth.grantOf(`Basic ${tokens.access_token}`)).toBeNull();
  clock.advance(3_600_000);
  expect(oauth.grantOf(authorization)).toBeNull();
  const again = await forRefresh(tokens.refresh_token);
  expect(oauth.expireTokens()).toBeGreaterThan(0);
  expect(oauth.grantOf(`Bearer ${again.access_token}`)).toBeNull();
  expect(await post("/revoke", { token: again.refresh_token ?? "" }, "wrong")).toMatchObject({
    error: "invalid_client",
  });
  expect(await post("/revoke", { token: again.refresh_token ?? "" })).toEqual({ status: "success" });
  expect((await forRefresh(again.refresh_token)).error).toBe("invalid_grant");
});
