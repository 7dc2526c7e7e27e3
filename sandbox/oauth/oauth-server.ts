import { type Clock, systemClock } from "@/lib/core/clock";
import { type Exchange, readBody, reply, replyHtml, replyJson } from "../http/exchange";
import { isThisMachine } from "../http/tell";
import { consentPage, type OAuthAccount, refusalPage } from "./consent-page";
import { challengeOf, type Grant, Grants } from "./grants";

/** What can be wrong at the token endpoint. `limit`: too many tokens asked for. */
export type OAuthFault = "invalid_request" | "invalid_client" | "invalid_grant" | "unsupported_grant_type" | "limit";

/** A client of its own for one account, which signs in without a person (Zoom's server-to-server apps). */
export type ServerToServerApp = {
  accountId: string;
  clientId: string;
  clientSecret: string;
  scopes: readonly string[];
};

export type OAuthOptions = {
  /** What the service is called on the page. */
  name: string;
  clientId: string;
  clientSecret: string;
  /** Who can say yes. The first is chosen unless another is picked. */
  accounts: readonly OAuthAccount[];
  /** What may be asked for; anything else is `invalid_scope`. */
  scopes: readonly string[];
  scopeSeparator?: " " | ",";
  /** Whether the rights are set in the app rather than asked for: a request without `scope` means all of them. */
  hasScopesInApp?: boolean;
  /** How a client says who it is at the token endpoint. */
  clientAuth?: "body" | "basic" | "either";
  /** How long an access token lives; null for ever. */
  accessSeconds?: number | null;
  codeSeconds?: number;
  /** `rotated`: each is good once, and one that was used ends the grant. */
  refresh?: "none" | "kept" | "rotated";
  /** Whether this request earns a refresh token. */
  givesRefresh?: (asked: URLSearchParams) => boolean;
  needsPkce?: boolean;
  /** Access tokens per refresh token in a window, and how many live at once. */
  tokenLimit?: { tokens: number; seconds: number };
  activeTokens?: number;
  /** What stands before the token in the Authorization header. */
  schemes?: readonly string[];
  /** What else is on the redirect and in the token reply. */
  redirectExtras?: (grant: Grant) => Record<string, string>;
  tokenExtras?: (grant: Grant) => Record<string, unknown>;
  serverToServer?: readonly ServerToServerApp[];
  /** How the service words a fault. */
  faultReply?: (fault: OAuthFault, words: string) => { status: number; body: Record<string, unknown> };
};

class Fault extends Error {
  constructor(
    readonly fault: OAuthFault,
    words: string,
  ) {
    super(words);
  }
}

/** An authorization server: the page where a person says yes, the token and the revocation endpoint. A handler mounts them at its own paths. */
export class OAuthServer {
  readonly grants = new Grants();
  #clock: Clock;
  /** What the next grants are given instead of all that was asked for: a person who unticks a box. */
  #withheld: readonly string[] = [];

  constructor(
    readonly options: OAuthOptions,
    clock: Clock = systemClock,
  ) {
    this.#clock = clock;
  }

  setClock(clock: Clock): this {
    this.#clock = clock;
    return this;
  }

  /** `GET` shows the page, `POST` is the decision of whoever looks at it. */
  async authorize({ req, res, url }: Exchange): Promise<void> {
    const { name, accounts } = this.options;
    const isDecision = req.method === "POST";
    const asked = isDecision ? new URLSearchParams(await readBody(req)) : url.searchParams;
    const problem = this.#refusal(asked);
    // A request that names no client or address of ours is never sent on: that would make an open redirect.
    if (problem) return replyHtml(res, 400, refusalPage(name, problem));
    const scopes = this.#scopesOf(asked);
    const wrong = scopes.find((scope) => !this.options.scopes.includes(scope));
    if (wrong !== undefined || scopes.length === 0) return this.#back(res, asked, { error: "invalid_scope" });
    if (asked.get("response_type") !== "code") return this.#back(res, asked, { error: "unsupported_response_type" });
    const challenge = asked.get("code_challenge");
    if ((challenge !== null && asked.get("code_challenge_method") !== "S256") || (this.options.needsPkce && !challenge))
      return this.#back(res, asked, { error: "invalid_request" });
    if (!isDecision) return replyHtml(res, 200, consentPage({ name, action: url.pathname, accounts, scopes, asked }));
    if (asked.get("decision") !== "allow") return this.#back(res, asked, { error: "access_denied" });
    const account = accounts.find(({ id }) => id === (asked.get("account") ?? accounts[0]?.id));
    if (!account) return replyHtml(res, 400, refusalPage(name, "There is no such account."));
    const grant = this.grants.open({
      accountId: account.id,
      clientId: this.options.clientId,
      scopes: scopes.filter((scope) => !this.#withheld.includes(scope)),
    });
    const code = this.grants.code({
      grant,
      challenge,
      redirectUri: asked.get("redirect_uri") ?? "",
      endsAt: this.#now() + (this.options.codeSeconds ?? 180) * 1000,
      hasRefresh: this.options.refresh !== "none" && (this.options.givesRefresh?.(asked) ?? true),
    });
    this.#back(res, asked, { code, ...this.options.redirectExtras?.(grant) });
  }

  async token({ req, res, url }: Exchange): Promise<void> {
    try {
      if (req.method !== "POST") throw new Fault("invalid_request", "Send a POST.");
      const form = await this.#form(req, url);
      const kind = form.get("grant_type");
      if (kind === "account_credentials") return replyJson(res, 200, this.#forAccount(req.headers.authorization, form));
      this.#requireClient(req.headers.authorization, form);
      if (kind === "authorization_code") return replyJson(res, 200, this.#forCode(form));
      if (kind === "refresh_token") return replyJson(res, 200, this.#forRefresh(form));
      throw new Fault("unsupported_grant_type", "There is no such grant type.");
    } catch (problem) {
      this.#refuse(res, problem);
    }
  }

  /** Takes a token (`token`), access or refresh, and ends its grant. Unknown ones are an error, as at the real services. */
  async revoke({ req, res, url }: Exchange, { needsClient = false } = {}): Promise<void> {
    try {
      const form = await this.#form(req, url);
      if (needsClient) this.#requireClient(req.headers.authorization, form);
      const text = form.get("token") ?? "";
      const grant = (this.grants.refresh.get(text) ?? this.grants.access.get(text))?.grant;
      if (!grant || grant.isRevoked) throw new Fault("invalid_grant", "Token expired or revoked");
      this.grants.revoke((each) => each === grant);
      replyJson(res, 200, { status: "success" });
    } catch (problem) {
      this.#refuse(res, problem);
    }
  }

  /** What an Authorization header of an API call stands for; null when it is unknown, ended or taken back. */
  grantOf(authorization: string | undefined): Grant | null {
    const [scheme = "", text = ""] = (authorization ?? "").split(" ");
    if (!(this.options.schemes ?? ["Bearer"]).includes(scheme)) return null;
    this.grants.countRequest();
    const found = this.grants.access.get(text);
    return found && !found.grant.isRevoked && found.endsAt > this.#now() ? found.grant : null;
  }

  /** Every person takes their word back; with an account only theirs. */
  revokeAll(accountId?: string): number {
    return this.grants.revoke((grant) => accountId === undefined || grant.accountId === accountId);
  }

  /** Every access token ends now; the refresh tokens stay. */
  expireTokens(): number {
    const count = this.grants.access.size;
    this.grants.access.clear();
    return count;
  }

  /** From now on people untick these. */
  withhold(scopes: readonly string[]): void {
    this.#withheld = scopes;
  }

  reset(): void {
    this.grants.clear();
    this.#withheld = [];
  }

  #now(): number {
    return this.#clock.now().getTime();
  }

  #refusal(asked: URLSearchParams): string | null {
    if (asked.get("client_id") !== this.options.clientId) return "The client_id is unknown.";
    const redirect = URL.parse(asked.get("redirect_uri") ?? "");
    if (!redirect || !isThisMachine(redirect) || !/^\/connect\/[a-z]+$/.test(redirect.pathname))
      return "The redirect_uri is not registered for this client.";
    return redirect.search || redirect.hash ? "The redirect_uri is not registered for this client." : null;
  }

  #scopesOf(asked: URLSearchParams): readonly string[] {
    if (this.options.hasScopesInApp && !asked.has("scope")) return this.options.scopes;
    return (asked.get("scope") ?? "").split(this.options.scopeSeparator ?? " ").filter((scope) => scope !== "");
  }

  #back(res: Exchange["res"], asked: URLSearchParams, values: Record<string, string>): void {
    const to = new URL(asked.get("redirect_uri") ?? "");
    const state = asked.get("state");
    for (const [name, value] of Object.entries({ ...values, ...(state ? { state } : {}) }))
      to.searchParams.set(name, value);
    reply(res, 303, { Location: to.href }, "");
  }

  async #form(req: Exchange["req"], url: URL): Promise<URLSearchParams> {
    const text = await readBody(req);
    if (text !== "" && !(req.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded"))
      throw new Fault("invalid_request", "Send application/x-www-form-urlencoded.");
    return new URLSearchParams([...url.searchParams, ...new URLSearchParams(text)]);
  }

  #requireClient(authorization: string | undefined, form: URLSearchParams): void {
    const { clientId, clientSecret, clientAuth = "either" } = this.options;
    const basic = basicOf(authorization);
    const given = basic ?? { id: form.get("client_id"), secret: form.get("client_secret") };
    const isRightPlace = clientAuth === "either" || (clientAuth === "basic") === (basic !== null);
    if (!isRightPlace || given.id !== clientId || given.secret !== clientSecret)
      throw new Fault("invalid_client", "The client is unknown, or its secret is wrong.");
  }

  #forCode(form: URLSearchParams) {
    const code = this.grants.codes.get(form.get("code") ?? "");
    if (!code || code.endsAt <= this.#now()) throw new Fault("invalid_grant", "The code is unknown or too old.");
    if (code.isUsed) {
      // Somebody has it twice: nobody keeps what came of it.
      this.grants.revoke((grant) => grant === code.grant);
      throw new Fault("invalid_grant", "The code was used.");
    }
    if (form.get("redirect_uri") !== code.redirectUri)
      throw new Fault("invalid_grant", "The redirect_uri is another one.");
    const verifier = form.get("code_verifier");
    if (code.challenge !== null && (verifier === null || challengeOf(verifier) !== code.challenge))
      throw new Fault("invalid_grant", "The code_verifier does not answer the challenge.");
    code.isUsed = true;
    const refreshToken = code.hasRefresh ? this.grants.refreshToken(code.grant) : null;
    return this.#answer(code.grant, refreshToken, refreshToken);
  }

  #forRefresh(form: URLSearchParams) {
    const text = form.get("refresh_token") ?? "";
    const known = this.grants.refresh.get(text);
    if (!known || known.grant.isRevoked) throw new Fault("invalid_grant", "Token has been expired or revoked.");
    if (!known.isCurrent) {
      this.grants.revoke((grant) => grant === known.grant);
      throw new Fault("invalid_grant", "The refresh token was used before.");
    }
    const { tokenLimit, refresh } = this.options;
    const now = this.#now();
    const recent = known.madeAt.filter((at) => tokenLimit && at > now - tokenLimit.seconds * 1000);
    if (tokenLimit && recent.length >= tokenLimit.tokens) throw new Fault("limit", "Too many tokens.");
    known.madeAt = [...recent, now];
    if (refresh !== "rotated") return this.#answer(known.grant, text, null);
    known.isCurrent = false;
    const next = this.grants.refreshToken(known.grant, known.madeAt);
    return this.#answer(known.grant, next, next);
  }

  #forAccount(authorization: string | undefined, form: URLSearchParams) {
    const basic = basicOf(authorization);
    const app = this.options.serverToServer?.find(
      ({ clientId, clientSecret }) => clientId === basic?.id && clientSecret === basic.secret,
    );
    if (!app) throw new Fault("invalid_client", "The client is unknown, or its secret is wrong.");
    const { accountId, clientId, scopes } = app;
    if (form.get("account_id") !== accountId) throw new Fault("invalid_grant", "The account is another one.");
    return this.#answer(this.grants.open({ accountId, clientId, scopes }), null, null);
  }

  #answer(grant: Grant, from: string | null, shown: string | null) {
    const { accessSeconds = 3600, activeTokens, scopeSeparator = " " } = this.options;
    const endsAt = accessSeconds === null ? Number.POSITIVE_INFINITY : this.#now() + accessSeconds * 1000;
    return {
      access_token: this.grants.accessToken(grant, endsAt, from, activeTokens),
      token_type: "Bearer",
      ...(accessSeconds === null ? {} : { expires_in: accessSeconds }),
      scope: grant.scopes.join(scopeSeparator),
      ...(shown === null ? {} : { refresh_token: shown }),
      ...this.options.tokenExtras?.(grant),
    };
  }

  #refuse(res: Exchange["res"], problem: unknown): void {
    if (!(problem instanceof Fault)) throw problem;
    const { status, body } = (this.options.faultReply ?? asSpecified)(problem.fault, problem.message);
    replyJson(res, status, body);
  }
}

/** As RFC 6749 words it. */
const asSpecified: NonNullable<OAuthOptions["faultReply"]> = (fault, words) => ({
  status: fault === "limit" ? 429 : fault === "invalid_client" ? 401 : 400,
  body: { error: fault === "limit" ? "slow_down" : fault, error_description: words },
});

function basicOf(authorization: string | undefined): { id: string; secret: string } | null {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return null;
  const [id = "", secret = ""] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  return { id, secret };
}
