import { createHmac } from "node:crypto";
import { encode } from "next-auth/jwt";
import { LINK_TTL_MS } from "@/lib/domain/auth/one-time-links";
import { SESSION_MAX_MS } from "@/lib/domain/auth/session-rules";
import { ATTEMPT_MS } from "@/lib/domain/auth/sign-in";
import { env, requireEnv } from "@/lib/platform/env";

const isSecure = (): boolean => env().APP_BASE_URL.startsWith("https:");

/** The name of one of our cookies. With https the browser itself refuses a `__Host-` cookie that another host set. */
const cookieName = (name: string): string => `${isSecure() ? "__Host-" : ""}arrestra.${name}`;

/** The cookie that carries the signed-in session. */
export const sessionCookieName = (): string => cookieName("session");

/** The cookie against forged sign-in posts. */
export const csrfCookieName = (): string => cookieName("csrf");

/** The cookie between the password and the second factor. */
export const attemptCookieName = (): string => cookieName("attempt");

/** The cookie of the browser that a one-time link offered an authenticator to. */
export const offerCookieName = (): string => cookieName("offer");

/** The cookie of an operator's session, on our own address only. */
export const operatorCookieName = (): string => cookieName("operator");

/** Where next-auth keeps the place to go on to. We send that place along instead, so what a browser shows under this name is not read. */
export const callbackCookieName = (): string => cookieName("callback");

/** Host-only: no `Domain`, so the cookie of one firm never goes to another. */
export const cookieOptions = () => ({ httpOnly: true, sameSite: "lax" as const, path: "/", secure: isSecure() });

/** The secret that seals a firm's cookies: one firm's cookie does not even open on another firm's host. */
export const cookieSecret = (tenantId: string): string =>
  createHmac("sha256", requireEnv("NEXTAUTH_SECRET")).update(`session cookie|${tenantId}`).digest("base64url");

/** A cookie as its Set-Cookie line; an empty value takes it away. */
function cookieLine(name: string, value: string, lifeMs: number): string {
  const maxAge = value === "" ? 0 : Math.floor(lifeMs / 1000);
  return `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${isSecure() ? "; Secure" : ""}`;
}

/** The Set-Cookie line of an attempt to sign in; without a token, the one that ends it. */
export const attemptCookie = (token = ""): string => cookieLine(attemptCookieName(), token, ATTEMPT_MS);

/** The Set-Cookie line with which a browser is offered the same authenticator again: as long as the longest link lives. */
export const offerCookie = (ticket: string): string => cookieLine(offerCookieName(), ticket, LINK_TTL_MS.join);

/** The Set-Cookie line of a session that `openSession` opened outside the sign-in route: the same cookie, under the same seal of the firm. */
export async function sessionCookie(tenantId: string, opened: { userId: string; token: string }): Promise<string> {
  const maxAge = SESSION_MAX_MS / 1000;
  const token = { sub: opened.userId, sid: opened.token };
  return cookieLine(
    sessionCookieName(),
    await encode({ token, secret: cookieSecret(tenantId), maxAge }),
    SESSION_MAX_MS,
  );
}

/**
 * The cookies of a header by name. A browser never sends two of ours under one name, unless another host of the domain planted one: which of two is ours
 * cannot be told, so neither is believed.
 */
export function readCookies(header: string | null): Map<string, string> {
  const found = new Map<string, string>();
  const doubtful = new Set<string>();
  for (const pair of (header ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at === -1) continue;
    const name = pair.slice(0, at).trim();
    const value = decodeValue(pair.slice(at + 1).trim());
    if (found.has(name) && found.get(name) !== value) doubtful.add(name);
    found.set(name, value);
  }
  for (const name of doubtful) found.delete(name);
  return found;
}

function decodeValue(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
