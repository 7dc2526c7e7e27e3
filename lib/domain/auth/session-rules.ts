/** How long a session lasts without a request. */
export const SESSION_IDLE_MS = 30 * 60_000;
/** How long a session lasts at most. */
export const SESSION_MAX_MS = 12 * 3_600_000;
/** A visit begins when the last request is older than this. */
export const VISIT_GAP_MS = 30 * 60_000;
/** Use is noted at most this often: a page with ten requests is one write. */
export const NOTE_EVERY_MS = 60_000;

/** What decides whether a session still holds. */
export type SessionState = { lastSeenAt: Date; expiresAt: Date; revokedAt: Date | null; userDisabledAt: Date | null };

/** True while a session holds: not revoked, not idle for 30 minutes, not older than 12 hours, and its user not disabled. */
export const isSessionLive = (session: SessionState, now: Date): boolean =>
  session.revokedAt === null &&
  session.userDisabledAt === null &&
  session.expiresAt > now &&
  now.getTime() - session.lastSeenAt.getTime() < SESSION_IDLE_MS;
