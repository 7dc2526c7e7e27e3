import type { AuthOptions } from "next-auth";
import CredentialsProvider from "next-auth/providers/credentials";
import { systemClock } from "@/lib/core/clock";
import { type FinishSignIn, finishSignIn, type SignInFinished } from "@/lib/domain/auth/finish-sign-in";
import { passkeySite } from "@/lib/domain/auth/passkeys";
import { SESSION_MAX_MS } from "@/lib/domain/auth/session-rules";
import { type SignInStarted, startSignIn } from "@/lib/domain/auth/sign-in";
import { signOut } from "@/lib/domain/auth/sign-out";
import type { Ctx } from "@/lib/domain/context/ctx";
import { log } from "@/lib/platform/log";
import { openSession, tenantAdapter } from "./auth-adapter";
import { safeCallbackPath } from "./callback-url";
import type { Firm } from "./firm-gate";
import { findLiveSession } from "./live-session";
import { callbackCookieName, cookieOptions, cookieSecret, csrfCookieName, sessionCookieName } from "./session-cookie";
import { type SignInForm, shownFactor } from "./shown-factor";

/**
 * One sign-in request: whose door, and what the form, its cookie (`attempt`) and the connection said. `result` is filled in when the password or the
 * factor was looked at.
 */
export type SignInVisit = {
  firm: Firm;
  requestId: string;
  address: string;
  userAgent: string | undefined;
  attempt: string;
  result?: SignInStarted | SignInFinished | Error;
};

/** Who acts while nobody is known yet. */
export const signInCtx = (firm: Firm, requestId: string): Ctx => ({
  tenantId: firm.id,
  actor: { type: "service", id: "sign-in" },
  requestId,
  clock: systemClock,
});

/**
 * next-auth for one firm and one request. The cookie carries the session's token under the firm's own seal; whether the session holds is asked of
 * its row each time. `update` from a client changes nothing.
 */
export function authOptions(visit: SignInVisit): AuthOptions {
  const { firm, requestId } = visit;
  const anonymous = signInCtx(firm, requestId);
  const options = cookieOptions();
  return {
    secret: cookieSecret(firm.id),
    session: { strategy: "jwt", maxAge: SESSION_MAX_MS / 1000 },
    pages: { signIn: "/login", signOut: "/login", error: "/login" },
    cookies: {
      sessionToken: { name: sessionCookieName(), options },
      csrfToken: { name: csrfCookieName(), options },
      callbackUrl: { name: callbackCookieName(), options },
    },
    logger: {
      error: (code) => log.warn("sign-in library error", { code: String(code).slice(0, 60), requestId }),
      warn: () => {},
      debug: () => {},
    },
    providers: [
      CredentialsProvider({
        credentials: { email: {}, password: {}, code: {}, recoveryCode: {}, passkey: {} },
        authorize: async (form) => {
          try {
            const result = await signIn(anonymous, visit, form ?? {});
            visit.result = result;
            return result.outcome === "signed_in" ? { id: result.user.id, sid: result.sessionToken } : null;
          } catch (error) {
            visit.result = error instanceof Error ? error : new Error("sign-in failed", { cause: error });
            return null;
          }
        },
      }),
    ],
    callbacks: {
      redirect: ({ url, baseUrl }) => baseUrl + safeCallbackPath(url, baseUrl),
      jwt: ({ token, user }) =>
        user && "sid" in user ? { sub: user.id, sid: user.sid } : { sub: token.sub, sid: token.sid },
      session: async ({ session, token }) => {
        const live =
          typeof token.sid === "string" ? await findLiveSession(firm, token.sid, requestId, { isVisit: false }) : null;
        // Version 4 cannot answer "no session" from here, so a dead one has no user: callers test for that.
        const user = live
          ? { id: live.user.id, name: live.user.name, email: live.user.email, role: live.user.role }
          : undefined;
        return { expires: session.expires, user };
      },
    },
    events: {
      signOut: async ({ token }) => {
        if (typeof token?.sid !== "string") return;
        const live = await findLiveSession(firm, token.sid, requestId, { isVisit: false });
        if (live) await signOut(live.ctx, async (ctx) => void (await tenantAdapter(ctx).deleteSession(live.token)));
      },
    },
  };
}

/** The step that a form is for: e-mail and password give an attempt; a factor finishes the one of the cookie, or of the same form. */
async function signIn(ctx: Ctx, visit: SignInVisit, form: SignInForm): Promise<SignInStarted | SignInFinished> {
  const { address, userAgent, firm } = visit;
  const shown = shownFactor(form);
  let { attempt } = visit;
  if (!shown || form.email !== undefined || form.password !== undefined) {
    const started = await startSignIn(ctx, { email: form.email ?? "", password: form.password ?? "", address });
    if (!shown || started.outcome === "limited") return started;
    attempt = started.attempt;
  }
  const input: FinishSignIn = { attempt, shown, address, site: passkeySite(firm.origin) };
  return finishSignIn(ctx, input, (inner, opened) => openSession(inner, opened, userAgent));
}
