import type { SessionDto } from "@/lib/contracts/account";
import { AppError } from "@/lib/core/errors";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { recordEvent } from "../events/record-events";
import { endSessions } from "./end-sessions";
import { type Person, requireOwnAccount } from "./own-account";
import { SESSION_IDLE_MS } from "./session-rules";

/** As many as a page shows; who has more ends them together. */
const MOST_SHOWN = 50;

/** The sessions of a person that hold right now, this one first, then the last used. */
export async function listSessions(tx: Tx, ctx: Ctx, person: Person): Promise<SessionDto[]> {
  const now = ctx.clock.now();
  const rows = await tx.session.findMany({
    where: {
      tenantId: ctx.tenantId,
      userId: person.id,
      revokedAt: null,
      expiresAt: { gt: now },
      lastSeenAt: { gt: new Date(now.getTime() - SESSION_IDLE_MS) },
    },
    orderBy: [{ lastSeenAt: "desc" }, { id: "asc" }],
    take: MOST_SHOWN,
  });
  const sessions = rows.map(({ id, createdAt, lastSeenAt, expiresAt, userAgent }) => ({
    id,
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    userAgent,
    isThisOne: id === person.sessionId,
  }));
  return sessions.sort((a, b) => Number(b.isThisOne) - Number(a.isThisOne));
}

/**
 * Ends one session of the caller, with effect from its next request; one that has ended already stays as it is. Needs no fresh factor: who finds a stranger
 * in their account must not be held up. @throws AppError `not_found`, also for another person's session.
 */
export async function endOwnSession(ctx: Ctx, id: string): Promise<void> {
  const person = requireOwnAccount(ctx);
  const { tenantId } = ctx;
  await inTenant(ctx, async (tx) => {
    const ended = await tx.session.updateMany({
      where: { tenantId, userId: person.id, id, revokedAt: null },
      data: { revokedAt: ctx.clock.now() },
    });
    if (ended.count === 1) {
      return recordEvent(tx, ctx, { type: "auth.session_revoked", data: { userId: person.id, sessionId: id } });
    }
    const known = await tx.session.count({ where: { tenantId, userId: person.id, id } });
    if (known === 0) throw new AppError("not_found", "No such session.");
  });
}

/** Ends every session of the caller but the one they ask from. */
export async function endOtherSessions(ctx: Ctx): Promise<void> {
  const { id, sessionId } = requireOwnAccount(ctx);
  await inTenant(ctx, (tx) => endSessions(tx, ctx, { userId: id, because: "asked", except: sessionId }));
}
