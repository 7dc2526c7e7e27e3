import { createHmac } from "node:crypto";
import { AppError } from "@/lib/core/errors";
import { sameSecret } from "@/lib/core/secret";
import { env } from "@/lib/platform/env";
import { cookieOptions, operatorCookieName, readCookies } from "./session-cookie";

/** An operator looks at the sources during a shift, not for ever. */
export const OPERATOR_SESSION_SECONDS = 8 * 3600;

/** The operator's token. @throws AppError `not_configured` when the settings have none. */
function operatorToken(): string {
  const { OPERATOR_TOKEN } = env();
  if (!OPERATOR_TOKEN) throw new AppError("not_configured", "Operator access is off: OPERATOR_TOKEN is not set.");
  return OPERATOR_TOKEN;
}

/** True when this is the operator's token. @throws AppError `not_configured` */
export const isOperatorToken = (shown: string): boolean => sameSecret(shown, operatorToken());

// Signed with the token itself: a changed token ends every session.
const signature = (expiresAt: string): string =>
  createHmac("sha256", operatorToken()).update(`operator session|${expiresAt}`).digest("base64url");

/** The cookie of a new operator session: nothing but its end and our signature. */
export function operatorCookie(now: Date) {
  const expiresAt = String(now.getTime() + OPERATOR_SESSION_SECONDS * 1000);
  const options = { ...cookieOptions(), sameSite: "strict" as const, maxAge: OPERATOR_SESSION_SECONDS };
  return { name: operatorCookieName(), value: `${expiresAt}.${signature(expiresAt)}`, options };
}

/** True when these headers carry a live operator session. False too when operator access is off. */
export function hasOperatorSession(headers: Pick<Headers, "get">, now: Date): boolean {
  const [expiresAt = "", signed = ""] = readCookies(headers.get("cookie")).get(operatorCookieName())?.split(".") ?? [];
  if (!env().OPERATOR_TOKEN || !signed || Number(expiresAt) <= now.getTime()) return false;
  return sameSecret(signed, signature(expiresAt));
}

/** @throws AppError `not_configured` without a token in the settings, `unauthenticated` without the right one in the request. */
export function assertOperator(request: Pick<Request, "headers">): void {
  const shown = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (isOperatorToken(shown ?? "")) return;
  throw new AppError("unauthenticated", "Send the operator token: Authorization: Bearer <token>.");
}
