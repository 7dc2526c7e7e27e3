import { createHmac } from "node:crypto";
import { AppError } from "@/lib/core/errors";
import { sameSecret } from "@/lib/core/secret";
import { totpStep } from "@/lib/domain/auth/totp";
import { env } from "@/lib/platform/env";
import { log } from "@/lib/platform/log";
import { giveBackRate, requireRate, takeOnce } from "@/lib/platform/rate-limit";
import { cookieOptions, operatorCookieName, readCookies } from "./session-cookie";

/** An operator works for a shift, not for ever. */
export const OPERATOR_SESSION_SECONDS = 8 * 3600;

/** The operator's token. @throws AppError `not_configured` when the settings have none. */
function operatorToken(): string {
  const { OPERATOR_TOKEN } = env();
  if (!OPERATOR_TOKEN) throw new AppError("not_configured", "Operator access is off: OPERATOR_TOKEN is not set.");
  return OPERATOR_TOKEN;
}

/** True when this is the operator's token. @throws AppError `not_configured` */
export const isOperatorToken = (shown: string): boolean => sameSecret(shown, operatorToken());

/** Longer than the window in which a code is looked at: a code that could still be right is still remembered. */
const CODE_SPENT_SECONDS = 300;

/** True when the operator's page asks for a code beside the token: OPERATOR_TOTP_SECRET is set. */
export const hasOperatorCode = (): boolean => env().OPERATOR_TOTP_SECRET !== undefined;

/**
 * True when this is the operator's token and, where the settings have an authenticator, its code of this moment, which then is spent over all
 * processes. A code beside a wrong token is not spent. Beside the right one a wrong code is counted for all addresses together, and told to the log:
 * somebody has the token. @throws AppError `not_configured`, `rate_limited`, `unavailable` when nobody can count, or say whether the code was used.
 */
export async function isOperator({ token, code }: { token: string; code: string }, now: Date): Promise<boolean> {
  if (!isOperatorToken(token)) return false;
  const secret = env().OPERATOR_TOTP_SECRET;
  if (secret === undefined) return true;
  // Counted before it is looked at, so that a hundred tries at once are a hundred tries.
  await requireRate("operator.code", "everybody");
  const step = totpStep(secret, code, now, 0);
  const isRight = step !== null && (await takeOnce("operator.code", String(step), CODE_SPENT_SECONDS));
  if (isRight) await giveBackRate("operator.code", "everybody");
  else log.warn("a wrong code was shown beside the operator's token", { event: "operator_code_wrong" });
  return isRight;
}

// Signed with the token and the authenticator's secret: with either changed, every session is over.
const signature = (expiresAt: string): string =>
  createHmac("sha256", `${operatorToken()}|${env().OPERATOR_TOTP_SECRET ?? ""}`)
    .update(`operator session|${expiresAt}`)
    .digest("base64url");

/** The cookie of a new operator session: nothing but its end and our signature. */
export function operatorCookie(now: Date) {
  const expiresAt = String(now.getTime() + OPERATOR_SESSION_SECONDS * 1000);
  const options = { ...cookieOptions(), sameSite: "strict" as const, maxAge: OPERATOR_SESSION_SECONDS };
  return { name: operatorCookieName(), value: `${expiresAt}.${signature(expiresAt)}`, options };
}

/** The same cookie, over: what a browser is given who signs out. */
export const endedOperatorCookie = () => ({
  name: operatorCookieName(),
  value: "",
  options: { ...cookieOptions(), sameSite: "strict" as const, maxAge: 0 },
});

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
