import { decode } from "next-auth/jwt";
import { systemClock } from "@/lib/core/clock";
import { noteVisit } from "@/lib/domain/auth/note-visit";
import { isSessionLive, NOTE_EVERY_MS } from "@/lib/domain/auth/session-rules";
import type { Ctx } from "@/lib/domain/context/ctx";
import { tenantTransaction } from "@/lib/platform/db";
import { type SessionUser, tenantAdapter } from "./auth-adapter";
import type { Firm } from "./firm-gate";
import { cookieSecret, readCookies, sessionCookieName } from "./session-cookie";

/** A session that holds right now, checked against its row. */
export type LiveSession = { ctx: Ctx; user: SessionUser; token: string; lastVisitAt: Date | null };

/** The session token in the cookie of a request, or null. The seal is the firm's own: another firm's cookie does not open. */
export async function sessionTokenOf(firm: Firm, cookieHeader: string | null): Promise<string | null> {
  const sealed = readCookies(cookieHeader).get(sessionCookieName());
  if (!sealed) return null;
  try {
    const claims = await decode({ token: sealed, secret: cookieSecret(firm.id) });
    return typeof claims?.sid === "string" ? claims.sid : null;
  } catch {
    return null;
  }
}

/**
 * The live session of a token on a firm's host, or null. The row is read on every request: revoking a session or disabling a user holds from the
 * next one on. `isVisit: false` looks without counting as use.
 */
export async function findLiveSession(
  firm: Firm,
  token: string,
  requestId: string,
  { isVisit = true } = {},
): Promise<LiveSession | null> {
  const anonymous: Ctx = {
    tenantId: firm.id,
    actor: { type: "service", id: "session" },
    requestId,
    clock: systemClock,
  };
  return tenantTransaction(firm.id, async (tx) => {
    const found = await tenantAdapter({ ...anonymous, tx }).getSessionAndUser(token);
    const now = anonymous.clock.now();
    if (!found) return null;
    const { session, user } = found;
    const state = { ...session, expiresAt: session.expires, userDisabledAt: user.disabledAt };
    if (!isSessionLive(state, now)) return null;
    const { id, role, scope } = user;
    const { factorAt } = session;
    const actor = { type: "user", id, role, sessionId: session.id, factorAt, ...(scope ? { scope } : {}) } as const;
    const isStale = (at: Date | null) => at === null || now.getTime() - at.getTime() >= NOTE_EVERY_MS;
    const isDue = isVisit && (isStale(session.lastSeenAt) || isStale(user.lastVisitAt));
    const lastVisitAt = isDue ? await noteVisit({ ...anonymous, actor, tx }) : user.previousVisitAt;
    return { ctx: { ...anonymous, actor: { ...actor, previousVisitAt: lastVisitAt } }, user, token, lastVisitAt };
  });
}
