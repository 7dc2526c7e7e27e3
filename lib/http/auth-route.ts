import { createHash } from "node:crypto";
import type { NextApiRequest, NextApiResponse } from "next";
import { NextResponse } from "next/server";
import NextAuth from "next-auth";
import { z } from "zod";
import { PasskeyOptions } from "@/lib/contracts/account";
import { AppError } from "@/lib/core/errors";
import { randomToken } from "@/lib/core/secret";
import { challengeAttempt } from "@/lib/domain/auth/passkey-challenge";
import { passkeySite } from "@/lib/domain/auth/passkeys";
import { bindNextAuthToHost, env } from "@/lib/platform/env";
import { authOptions, type SignInVisit, signInCtx } from "./auth-options";
import { HOME, safeCallbackPath } from "./callback-url";
import { clientAddress } from "./client-address";
import { type Firm, findFirm, nothingHere } from "./firm-gate";
import { assertPlainJson } from "./plain-json";
import { problemResponse } from "./problem";
import { readBytes } from "./read-json";
import { type LinedRequest, lined } from "./request-line";
import { respond, toResponse } from "./respond";
import { securityHeaders } from "./security-headers";
import {
  attemptCookie,
  attemptCookieName,
  cookieSecret,
  csrfCookieName,
  readCookies,
  sessionCookieName,
} from "./session-cookie";

bindNextAuthToHost();

const MAX_FORM_BYTES = 16_000;

/** What next-auth may be asked for here. Everything else it offers (other providers, its own pages, its log endpoint) does not exist. */
const ACTIONS = new Set(["GET csrf", "GET session", "GET providers", "POST callback/credentials", "POST signout"]);
/** Ours, beside them: what a browser is to sign with a passkey, as the second step of signing in. */
const PASSKEY_OPTIONS = "POST passkey-options";

/** The sign-in routes of a firm's host: next-auth behind our own gate, which tells it the validated host and nothing a client forged. */
export const authRoute = (request: Request): Promise<Response> =>
  lined(request, (asked) => answer(request, asked).catch((error: unknown) => problemResponse(error, asked.at)));

async function answer(request: Request, { at: { requestId }, note }: LinedRequest): Promise<Response> {
  const action = new URL(request.url).pathname.replace(/^\/api\/auth\//, "");
  const firm = await findFirm(request.headers);
  note({ tenantId: firm?.id });
  const asksForPasskey = `${request.method} ${action}` === PASSKEY_OPTIONS;
  if (!firm || !(asksForPasskey || ACTIONS.has(`${request.method} ${action}`))) throw nothingHere();
  const isPost = request.method === "POST";
  const origin = request.headers.get("origin");
  if (isPost && origin !== null && origin !== firm.origin) throw foreign();
  const attempt = readCookies(request.headers.get("cookie")).get(attemptCookieName()) ?? "";
  if (asksForPasskey) return passkeyOptions(firm, attempt, requestId);
  const form: Record<string, string> = isPost ? await readForm(request) : {};
  const goTo = safeCallbackPath(form.callbackUrl, firm.origin);
  const wantsJson = form.json === "true" || !!request.headers.get("accept")?.includes("application/json");
  const cookies = ourCookies(request);
  // A browser's own word for where a form came from is enough, and the form then works without a script. A program sends no Origin: it needs
  // the token of next-auth, with its cookie.
  if (isPost && origin !== null) Object.assign(form, csrfPair(cookies, firm.id));
  if (isPost) Object.assign(form, { callbackUrl: firm.origin + goTo, json: "true" });
  const visit: SignInVisit = {
    firm,
    requestId,
    address: clientAddress(request.headers),
    userAgent: request.headers.get("user-agent") ?? undefined,
    attempt,
  };
  const asked = {
    method: request.method,
    query: { nextauth: action.split("/") },
    body: form,
    cookies,
    headers: { "x-forwarded-host": firm.host, "x-forwarded-proto": new URL(env().APP_BASE_URL).protocol.slice(0, -1) },
  };
  const told = new ToldReply();
  await NextAuth(asked as unknown as NextApiRequest, told as unknown as NextApiResponse, authOptions(visit));
  if (visit.result instanceof Error) throw visit.result;
  if (isPost && JSON.stringify(told.body ?? null).includes("csrf=true")) throw foreign();
  const reply = isPost ? afterPost(wantsJson, action, goTo, visit) : NextResponse.json(told.body ?? {});
  for (const line of [...told.setCookies, ...attemptCookies(visit)]) reply.headers.append("set-cookie", line);
  for (const [name, value] of Object.entries({ ...securityHeaders(), "x-request-id": requestId }))
    reply.headers.set(name, value);
  return reply;
}

const foreign = (): AppError => new AppError("forbidden", "This request did not come from a page of this firm.");

/** The first step sets the attempt's cookie, whatever came of the password; a session ends it. */
function attemptCookies({ result }: SignInVisit): string[] {
  if (!result || result instanceof Error) return [];
  if (result.outcome === "factor_due") return [attemptCookie(result.attempt)];
  return result.outcome === "signed_in" ? [attemptCookie()] : [];
}

async function passkeyOptions(firm: Firm, attempt: string, requestId: string): Promise<Response> {
  const ctx = signInCtx(firm, requestId);
  const options = await challengeAttempt(ctx, attempt, passkeySite(firm.origin));
  return toResponse(respond(200, PasskeyOptions, options), requestId);
}

/** Where a browser goes after a post: with a redirect for a plain form, with `{ ok, url }` for a script that asked for JSON. */
function afterPost(wantsJson: boolean, action: string, goTo: string, { result, firm }: SignInVisit): NextResponse {
  let status = 200;
  let url = "/login";
  const headers: Record<string, string> = {};
  if (action !== "signout") {
    const outcome = result && !(result instanceof Error) ? result.outcome : "refused";
    status = outcome === "signed_in" ? 200 : outcome === "limited" ? 429 : 401;
    if (result && "retryAfterSeconds" in result) headers["retry-after"] = String(result.retryAfterSeconds);
    url = outcome === "signed_in" ? goTo : withParameters(NEXT[outcome], goTo);
  }
  if (wantsJson) return NextResponse.json({ ok: status === 200, url: firm.origin + url }, { status, headers });
  return new NextResponse(null, { status: 303, headers: { ...headers, location: firm.origin + url } });
}

/** Where it goes on when nobody is signed in yet: to the code after the password, right or wrong; and one word for every way of not being let in. */
const NEXT = {
  factor_due: ["/login/code", {}],
  refused: ["/login", { error: "CredentialsSignin" }],
  limited: ["/login", { error: "TooManyTries" }],
} as const;

/** The place to go on to comes along through every step, unless it is where everybody lands. */
function withParameters([path, parameters]: (typeof NEXT)[keyof typeof NEXT], goTo: string): string {
  const all = new URLSearchParams({ ...parameters, ...(goTo === HOME ? {} : { callbackUrl: goTo }) });
  return all.size > 0 ? `${path}?${all}` : path;
}

async function readForm(request: Request): Promise<Record<string, string>> {
  const text = Buffer.from(await readBytes(request, MAX_FORM_BYTES)).toString("utf8");
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type === "application/x-www-form-urlencoded" || text === "") return Object.fromEntries(new URLSearchParams(text));
  if (type === "application/json") return readFields(text);
  throw new AppError("invalid_request", "Send the form as application/x-www-form-urlencoded.");
}

function readFields(text: string): Record<string, string> {
  assertPlainJson(text);
  try {
    return z.record(z.string(), z.coerce.string()).parse(JSON.parse(text));
  } catch {
    throw new AppError("invalid_request", "The body is not a JSON object of texts.");
  }
}

/** Only our own cookies, by their exact names: one that another host of the domain planted under a longer name is not glued to ours. */
function ourCookies(request: Request): Record<string, string> {
  const all = readCookies(request.headers.get("cookie"));
  const names = [sessionCookieName(), csrfCookieName()];
  return Object.fromEntries(names.flatMap((name) => (all.has(name) ? [[name, all.get(name) ?? ""]] : [])));
}

/** The token pair that next-auth asks for, made here once the origin has been proven. */
function csrfPair(cookies: Record<string, string>, tenantId: string): { csrfToken: string } {
  const csrfToken = randomToken();
  const digest = createHash("sha256")
    .update(`${csrfToken}${cookieSecret(tenantId)}`)
    .digest("hex");
  cookies[csrfCookieName()] = `${csrfToken}|${digest}`;
  return { csrfToken };
}

/** What next-auth says to the response of a Pages route, kept as data. */
class ToldReply {
  body: unknown;
  setCookies: string[] = [];
  getHeader(name: string) {
    return name.toLowerCase() === "set-cookie" ? this.setCookies : undefined;
  }
  setHeader(name: string, value: string | string[]) {
    if (name.toLowerCase() === "set-cookie") this.setCookies = [value].flat();
    return this;
  }
  status() {
    return this;
  }
  json(body: unknown) {
    this.body = body;
  }
  send(body: unknown) {
    this.body = body;
  }
  end() {}
}
