import { createHmac } from "node:crypto";
import { env, requireEnv } from "@/lib/platform/env";

const isSecure = (): boolean => env().APP_BASE_URL.startsWith("https:");

/** The name of one of our cookies. With https the browser itself refuses a `__Host-` cookie that another host set. */
const cookieName = (name: string): string => `${isSecure() ? "__Host-" : ""}arrestra.${name}`;

/** The cookie that carries the signed-in session. */
export const sessionCookieName = (): string => cookieName("session");

/** The cookie against forged sign-in posts. */
export const csrfCookieName = (): string => cookieName("csrf");

/** The cookie of an operator's session, on our own address only. */
export const operatorCookieName = (): string => cookieName("operator");

/** Where next-auth keeps the place to go on to. We send that place along instead, so what a browser shows under this name is not read. */
export const callbackCookieName = (): string => cookieName("callback");

/** Host-only: no `Domain`, so the cookie of one firm never goes to another. */
export const cookieOptions = () => ({ httpOnly: true, sameSite: "lax" as const, path: "/", secure: isSecure() });

/** The secret that seals a firm's cookies: one firm's cookie does not even open on another firm's host. */
export const cookieSecret = (tenantId: string): string =>
  createHmac("sha256", requireEnv("NEXTAUTH_SECRET")).update(`session cookie|${tenantId}`).digest("base64url");

/** The cookies of a header by name; the first wins, as browsers send the most specific one first. */
export function readCookies(header: string | null): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of (header ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at === -1) continue;
    const name = pair.slice(0, at).trim();
    if (!found.has(name)) found.set(name, decodeValue(pair.slice(at + 1).trim()));
  }
  return found;
}

function decodeValue(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
