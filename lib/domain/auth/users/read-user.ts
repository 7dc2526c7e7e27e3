import type { LeadScopeDto, UserDto } from "@/lib/contracts/users";
import { AppError } from "@/lib/core/errors";
import type { Role } from "@/lib/core/role";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { SESSION_IDLE_MS } from "../session-rules";

/** A user as the list reads them. `sortName` is what the list is sorted by. */
type UserRow = {
  id: string;
  name: string;
  sortName: string;
  email: string;
  role: Role;
  counties: LeadScopeDto["counties"];
  classes: LeadScopeDto["classes"];
  isDisabled: boolean;
  hasJoined: boolean;
  hasAuthenticator: boolean;
  passkeys: number;
  sessions: number;
  lastVisitAt: Date | null;
  createdAt: Date;
  invitedUntil: Date | null;
};

/** Reads users of the firm, by name. `where` narrows them (columns of `u`); sessions are those that still hold, links those that can be taken up. */
export function readUsers(tx: Tx, ctx: Ctx, where: Prisma.Sql, limit: number): Promise<UserRow[]> {
  const now = ctx.clock.now();
  const idleSince = new Date(now.getTime() - SESSION_IDLE_MS);
  return tx.$queryRaw<UserRow[]>`
    SELECT u.id, u.name, lower(u.name) AS "sortName", u.email, u.role, u.scope_counties AS counties, u.scope_classes AS classes,
      u.disabled_at IS NOT NULL AS "isDisabled", u.password_hash IS NOT NULL AS "hasJoined",
      EXISTS (SELECT 1 FROM totp t WHERE t.tenant_id = u.tenant_id AND t.user_id = u.id AND t.confirmed_at IS NOT NULL) AS "hasAuthenticator",
      (SELECT count(*)::int FROM passkey p WHERE p.tenant_id = u.tenant_id AND p.user_id = u.id) AS passkeys,
      (SELECT count(*)::int FROM session s WHERE s.tenant_id = u.tenant_id AND s.user_id = u.id AND s.revoked_at IS NULL
         AND s.expires_at > ${now} AND s.last_seen_at > ${idleSince}) AS sessions,
      u.last_visit_at AS "lastVisitAt", u.created_at AS "createdAt",
      (SELECT max(v.expires_at) FROM verification_token v WHERE v.tenant_id = u.tenant_id
         AND v.identifier = 'join:' || u.id::text AND v.expires_at > ${now}) AS "invitedUntil"
    FROM app_user u WHERE u.tenant_id = ${ctx.tenantId}::uuid AND ${where}
    ORDER BY lower(u.name), u.id LIMIT ${limit}`;
}

/** One user as they stand now. @throws AppError `not_found`. */
export async function getUser(tx: Tx, ctx: Ctx, userId: string): Promise<UserDto> {
  const [row] = await readUsers(tx, ctx, Prisma.sql`u.id = ${userId}::uuid`, 1);
  if (!row) throw new AppError("not_found", "No such user.");
  return toUserDto(row);
}

/** The row as it goes over the wire. Invited, until the first password; disabled, whatever else. */
export function toUserDto({ sortName: _, counties, classes, isDisabled, hasJoined, ...row }: UserRow): UserDto {
  return {
    ...row,
    scope: { counties, classes },
    state: isDisabled ? "disabled" : hasJoined ? "active" : "invited",
    lastVisitAt: row.lastVisitAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    invitedUntil: row.invitedUntil?.toISOString() ?? null,
  };
}
