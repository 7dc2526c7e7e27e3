import { PrismaAdapter } from "@auth/prisma-adapter";
import type { County } from "@/lib/core/county";
import { newId } from "@/lib/core/ids";
import type { OffenseClass } from "@/lib/core/offense";
import { randomToken, sha256 } from "@/lib/core/secret";
import type { Factor } from "@/lib/domain/auth/second-factor";
import { SESSION_MAX_MS } from "@/lib/domain/auth/session-rules";
import type { Ctx, LeadScope, Role } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";

/** A session row as the adapter gives it, the token itself not in it: only its digest is stored. */
type StoredSession = {
  id: string;
  userId: string;
  expires: Date;
  lastSeenAt: Date;
  revokedAt: Date | null;
  factorAt: Date;
};

/** The user of a session. `scope` is absent when nothing limits them. */
export type SessionUser = {
  id: string;
  email: string;
  name: string;
  role: Role;
  disabledAt: Date | null;
  lastVisitAt: Date | null;
  previousVisitAt: Date | null;
  scope?: LeadScope;
};

/** The calls of the stock adapter that we make. */
type SessionAdapter = {
  createSession(data: {
    sessionToken: string;
    userId: string;
    expires: Date;
    factor: Factor;
    userAgent?: string;
  }): Promise<StoredSession>;
  getSessionAndUser(sessionToken: string): Promise<{ session: StoredSession; user: SessionUser } | null>;
  deleteSession(sessionToken: string): Promise<unknown>;
};

/**
 * The stock Prisma adapter of next-auth, bound to one firm: it talks to a small client that adds the firm to every question and stores tokens as
 * digests. Alone it would find sessions and users of any firm.
 */
export function tenantAdapter(ctx: Ctx): SessionAdapter {
  const client = { session: sessionTable(ctx) };
  return PrismaAdapter(client as unknown as Parameters<typeof PrismaAdapter>[0]) as unknown as SessionAdapter;
}

type CreateArgs = { data: Parameters<SessionAdapter["createSession"]>[0] };
type WhereToken = { where: { sessionToken: string } };

function sessionTable(ctx: Ctx) {
  const { tenantId } = ctx;
  const byToken = (token: string) => ({ tenantId_tokenHash: { tenantId, tokenHash: sha256(token) } });
  return {
    create: ({ data }: CreateArgs): Promise<StoredSession> =>
      inTenant(ctx, async (tx) => {
        const now = ctx.clock.now();
        const row = await tx.session.create({
          data: {
            tenantId,
            id: newId(),
            userId: data.userId,
            tokenHash: sha256(data.sessionToken),
            createdAt: now,
            lastSeenAt: now,
            expiresAt: data.expires,
            userAgent: data.userAgent?.slice(0, 300) ?? null,
            factor: data.factor,
            factorAt: now,
          },
        });
        return toStored(row);
      }),
    findUnique: ({ where }: WhereToken) =>
      inTenant(ctx, async (tx) => {
        const row = await tx.session.findUnique({ where: byToken(where.sessionToken), include: { user: true } });
        if (!row) return null;
        const { id, email, name, role, disabledAt, lastVisitAt, previousVisitAt } = row.user;
        const scope = scopeOf(row.user);
        const user: SessionUser = {
          id,
          email,
          name,
          role: role as Role,
          disabledAt,
          lastVisitAt,
          previousVisitAt,
          ...scope,
        };
        return { ...toStored(row), user };
      }),
    delete: ({ where }: WhereToken) =>
      inTenant(ctx, (tx) => tx.session.deleteMany({ where: { tenantId, tokenHash: sha256(where.sessionToken) } })),
  };
}

type SessionRow = Omit<StoredSession, "expires"> & { expiresAt: Date };
const toStored = ({ id, userId, expiresAt, lastSeenAt, revokedAt, factorAt }: SessionRow): StoredSession => ({
  id,
  userId,
  expires: expiresAt,
  lastSeenAt,
  revokedAt,
  factorAt,
});

/** Two empty lists are no limit. What the columns hold was checked when it was written. */
function scopeOf(row: { scopeCounties: string[]; scopeClasses: string[] }): { scope?: LeadScope } {
  if (row.scopeCounties.length === 0 && row.scopeClasses.length === 0) return {};
  return { scope: { counties: row.scopeCounties as County[], classes: row.scopeClasses as OffenseClass[] } };
}

/**
 * Opens a session for a user who has shown this factor, in the transaction of `ctx`, and gives its token, which is in the cookie and nowhere else
 * (`sessionCookie` of session-cookie.ts).
 */
export async function openSession(
  ctx: Ctx,
  { userId, factor }: { userId: string; factor: Factor },
  userAgent?: string,
): Promise<{ id: string; token: string }> {
  const token = randomToken();
  const expires = new Date(ctx.clock.now().getTime() + SESSION_MAX_MS);
  const session = await tenantAdapter(ctx).createSession({ sessionToken: token, userId, expires, factor, userAgent });
  return { id: session.id, token };
}
