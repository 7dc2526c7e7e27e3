import type { InviteUser } from "@/lib/contracts/users";
import { normalizeEmail } from "@/lib/core/email";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import type { Tx } from "@/lib/platform/db";
import { requireRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { requireFreshFactor } from "../../context/step-up";
import { recordEvent } from "../../events/record-events";
import { type LockedUser, lockUser, requireOwner } from "./lock-user";
import { makeOneTimePath, type OneTimePath } from "./one-time-path";
import { scopeFor } from "./user-scope";

/**
 * Invites a person: a user without a password, and a link with which they choose one and set up their second factor. Whoever has not joined yet and is
 * invited again gets the new name, role, scope and link in the place of the old. Needs `users:manage` and a fresh factor; an owner is invited by owners.
 * @throws AppError `conflict` naming `email` when it belongs to a member, `unprocessable`, `forbidden`, `rate_limited`.
 */
export async function inviteUser(ctx: Ctx, input: InviteUser): Promise<OneTimePath> {
  requirePermission(ctx, "users:manage");
  requireFreshFactor(ctx);
  await requireRate("invitation.firm", ctx.tenantId);
  const email = normalizeEmail(input.email);
  if (email === null) throw badEmail("unprocessable", "This is no e-mail address.", "is no e-mail address");
  const invited: InviteUser = { ...input, email, scope: scopeFor(input.role, input.scope) };
  return inTenant(ctx, async (tx) => {
    const userId = (await addUser(tx, ctx, invited)) ?? (await inviteAgain(tx, ctx, invited));
    const made = await makeOneTimePath(tx, ctx, "join", userId);
    const { role, scope } = invited;
    await recordEvent(tx, ctx, {
      type: "user.invited",
      data: { userId, role, scope, until: made.expiresAt },
    });
    return made;
  });
}

/** The id of the new user, or null when the firm has one with this e-mail. Of two invitations at once the second waits here for the first. */
async function addUser(tx: Tx, ctx: Ctx, { email, name, role, scope }: InviteUser): Promise<string | null> {
  const id = newId();
  const added = await tx.$executeRaw`
    INSERT INTO app_user (tenant_id, id, email, name, role, scope_counties, scope_classes, created_at)
    VALUES (${ctx.tenantId}::uuid, ${id}::uuid, ${email}, ${name}, ${role}, ${scope.counties}, ${scope.classes}, ${ctx.clock.now()})
    ON CONFLICT (tenant_id, email) DO NOTHING`;
  if (added === 0) return null;
  // An owner by now, if that is the role: only owners get past the lock.
  await lockUser(tx, ctx, id);
  return id;
}

async function inviteAgain(tx: Tx, ctx: Ctx, { email, name, role, scope }: InviteUser): Promise<string> {
  const { tenantId } = ctx;
  const there = await tx.user.findFirst({
    where: { tenantId, email },
    select: { id: true, disabledAt: true, passwordHash: true },
  });
  // Withdrawn between the two statements.
  if (!there) throw new AppError("conflict", "This invitation was changed by somebody else. Look again, then decide.");
  assertNoMember({ isDisabled: there.disabledAt !== null, hasJoined: there.passwordHash !== null });
  const { user, caller } = await lockUser(tx, ctx, there.id);
  // They may have joined while the lock was waited for.
  assertNoMember(user);
  if (role === "owner") requireOwner(caller);
  await tx.user.updateMany({
    where: { tenantId, id: there.id },
    data: { name, role, scopeCounties: scope.counties, scopeClasses: scope.classes },
  });
  return there.id;
}

function assertNoMember({ isDisabled, hasJoined }: Pick<LockedUser, "isDisabled" | "hasJoined">): void {
  if (isDisabled)
    throw badEmail("conflict", "This person is disabled here.", "belongs to a disabled member: enable them");
  if (hasJoined) throw badEmail("conflict", "This person is a member of the firm.", "belongs to a member of the firm");
}

const badEmail = (code: "conflict" | "unprocessable", detail: string, reason: string): AppError =>
  new AppError(code, detail, { invalidParams: [{ name: "email", reason }] });
