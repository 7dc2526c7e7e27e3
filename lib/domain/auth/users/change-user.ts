import type { ChangeUser, LeadScopeDto, UserDto } from "@/lib/contracts/users";
import { AppError } from "@/lib/core/errors";
import { type Role, UNLIMITED_ROLES } from "@/lib/core/role";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { requireFreshFactor } from "../../context/step-up";
import type { AnyEvent } from "../../events/catalog";
import { recordEvents } from "../../events/record-events";
import { endSessions } from "../end-sessions";
import { dropOneTimeLinks } from "../one-time-links";
import { dropCalendarFeed } from "./drop-calendar-feed";
import { assertOtherOwner, type LockedUser, lockUser, requireOwner } from "./lock-user";
import { getUser } from "./read-user";
import { isSameScope, scopeFor, WHOLE_FIRM } from "./user-scope";

/** What there is to write down of a user. */
type Standing = { role: Role; scope: LeadScopeDto; isDisabled: boolean };

/**
 * Changes what a user is, what they see and whether they may come in; what stays the same is not recorded. It holds from their next request: another role
 * or being disabled ends their sessions and their one-time links, since who made such a link could open it as more than they may. Being disabled ends their
 * calendar address too. Needs `users:manage` and a fresh factor.
 * @throws AppError `not_found` (also for another firm's user), `forbidden` (oneself; an owner, unless one asks), `unprocessable` naming `scope`,
 *   `conflict` for the last owner, and for who has not joined: to disable them, and to make them an owner.
 */
export async function changeUser(ctx: Ctx, userId: string, change: ChangeUser): Promise<UserDto> {
  requirePermission(ctx, "users:manage");
  requireFreshFactor(ctx);
  return inTenant(ctx, async (tx) => {
    const { user: before, caller } = await lockUser(tx, ctx, userId);
    if (change.role === "owner") requireOwner(caller);
    const after = standingAfter(before, change);
    const events = eventsOf(before, after);
    if (events.length > 0) {
      if (before.role === "owner" && (after.role !== "owner" || after.isDisabled))
        await assertOtherOwner(tx, ctx, before.id);
      await write(tx, ctx, before, after);
      await recordEvents(tx, ctx, events);
    }
    return getUser(tx, ctx, before.id);
  });
}

function standingAfter(before: LockedUser, change: ChangeUser): Standing {
  const role = change.role ?? before.role;
  const kept = UNLIMITED_ROLES.includes(role) ? WHOLE_FIRM : before.scope;
  const isDisabled = change.isDisabled ?? before.isDisabled;
  if (isDisabled && !before.isDisabled && !before.hasJoined)
    throw new AppError("conflict", "This person has not joined yet. Withdraw the invitation instead.");
  // Whoever invited them has seen their link, so an owner makes a new one.
  if (role === "owner" && before.role !== "owner" && !before.hasJoined)
    throw new AppError("conflict", "This person has not joined yet. Invite them again as owner.");
  return { role, scope: scopeFor(role, change.scope ?? kept), isDisabled };
}

function eventsOf(before: LockedUser, after: Standing): AnyEvent[] {
  const userId = before.id;
  const events: AnyEvent[] = [];
  if (after.role !== before.role)
    events.push({ type: "user.role_changed", data: { userId, from: before.role, to: after.role } });
  if (!isSameScope(after.scope, before.scope))
    events.push({ type: "user.scope_changed", data: { userId, from: before.scope, to: after.scope } });
  if (after.isDisabled !== before.isDisabled)
    events.push({ type: after.isDisabled ? "user.disabled" : "user.enabled", data: { userId } });
  return events;
}

async function write(tx: Tx, ctx: Ctx, before: LockedUser, { role, scope, isDisabled }: Standing): Promise<void> {
  const { id } = before;
  await tx.user.updateMany({
    where: { tenantId: ctx.tenantId, id },
    data: {
      role,
      scopeCounties: scope.counties,
      scopeClasses: scope.classes,
      ...(isDisabled === before.isDisabled ? {} : { disabledAt: isDisabled ? ctx.clock.now() : null }),
    },
  });
  const isShut = isDisabled && !before.isDisabled;
  if (!isShut && role === before.role) return;
  await endSessions(tx, ctx, { userId: id, because: isShut ? "disabled" : "role_changed" });
  await dropOneTimeLinks(tx, ctx, id);
  if (isShut) await dropCalendarFeed(tx, ctx, id);
}
