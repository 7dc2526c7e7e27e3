import type { LeadScopeDto } from "@/lib/contracts/users";
import type { County } from "@/lib/core/county";
import { AppError } from "@/lib/core/errors";
import { isId } from "@/lib/core/ids";
import type { OffenseClass } from "@/lib/core/offense";
import type { Role } from "@/lib/core/role";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { mayDo, requirePermission } from "../../context/permissions";

/** A user as they stand while their row is locked. `hasJoined`: took up the invitation by choosing a password. */
export type LockedUser = {
  id: string;
  role: Role;
  scope: LeadScopeDto;
  isDisabled: boolean;
  hasJoined: boolean;
};

type Row = Omit<LockedUser, "scope"> & { counties: County[]; classes: OffenseClass[] };

/**
 * Locks a user for a change of theirs, together with the caller and every owner, in one order for all: of two owners who demote each other at once, the
 * second finds out that they are none any more. What the caller may is asked of their row again, since the gate read it before the wait: `caller` has the role
 * that they have now.
 * @throws AppError `not_found` (also for another firm's user), `forbidden` for oneself, and for an owner unless the caller is one.
 */
export async function lockUser(tx: Tx, ctx: Ctx, userId: string): Promise<{ user: LockedUser; caller: Ctx }> {
  const { actor, tenantId } = ctx;
  if (!isId(userId)) throw nobody();
  const callerId = actor.type === "user" ? actor.id : null;
  const rows = await tx.$queryRaw<Row[]>`
    SELECT id, role, scope_counties AS counties, scope_classes AS classes, disabled_at IS NOT NULL AS "isDisabled",
           password_hash IS NOT NULL AS "hasJoined"
    FROM app_user
    WHERE tenant_id = ${tenantId}::uuid AND (id = ${userId}::uuid OR id = ${callerId}::uuid OR role = 'owner')
    ORDER BY id FOR UPDATE`;
  const caller = asTheyStand(ctx, rows);
  const found = rows.find(({ id }) => id === userId);
  if (!found) throw nobody();
  if (userId === callerId) {
    throw new AppError("forbidden", "Your own account is changed in your profile, or by another admin of the firm.");
  }
  if (found.role === "owner") requireOwner(caller);
  const { counties, classes, ...user } = found;
  return { user: { ...user, scope: { counties, classes } }, caller };
}

/** For links that bring a member back in. @throws AppError `conflict` for who is disabled or has not joined. */
export function requireActive({ isDisabled, hasJoined }: LockedUser): void {
  if (isDisabled) throw new AppError("conflict", "This person is disabled. Enable them first.");
  if (!hasJoined) throw new AppError("conflict", "This person has not joined yet. Invite them again instead.");
}

/** For what only owners may: to change an owner, or to make one. @throws AppError `forbidden`. */
export function requireOwner(ctx: Ctx): void {
  if (!mayDo(ctx, "owners:manage")) throw new AppError("forbidden", "Only an owner can change an owner or make one.");
}

/**
 * The firm must be able to let its own people in again. Ask while `lockUser` holds. Services act for the house, so the rule is not left to who asks.
 * @throws AppError `conflict` when nobody but this user is an active owner with a second factor.
 */
export async function assertOtherOwner(tx: Tx, { tenantId }: Ctx, userId: string): Promise<void> {
  const others = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM app_user u
    WHERE u.tenant_id = ${tenantId}::uuid AND u.role = 'owner' AND u.id <> ${userId}::uuid
      AND u.disabled_at IS NULL AND u.password_hash IS NOT NULL
      AND (EXISTS (SELECT 1 FROM totp t WHERE t.tenant_id = u.tenant_id AND t.user_id = u.id AND t.confirmed_at IS NOT NULL)
        OR EXISTS (SELECT 1 FROM passkey p WHERE p.tenant_id = u.tenant_id AND p.user_id = u.id))`;
  if (others.length > 0) return;
  throw new AppError(
    "conflict",
    "The firm always keeps an active owner with a second factor. Make another owner first.",
  );
}

/** The caller with the role that their row has now. */
function asTheyStand(ctx: Ctx, rows: readonly Row[]): Ctx {
  const { actor } = ctx;
  if (actor.type !== "user") return ctx;
  const row = rows.find(({ id }) => id === actor.id);
  if (!row || row.isDisabled) throw new AppError("unauthenticated", "You are not signed in. Sign in and try again.");
  const caller: Ctx = { ...ctx, actor: { ...actor, role: row.role } };
  requirePermission(caller, "users:manage");
  return caller;
}

const nobody = (): AppError => new AppError("not_found", "No such user.");
