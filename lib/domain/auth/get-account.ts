import type { AccountDto, ChangeProfile } from "@/lib/contracts/account";
import { AppError } from "@/lib/core/errors";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { FRESH_FACTOR_MS, hasFreshFactor } from "../context/step-up";
import { recordEvent } from "../events/record-events";
import { toPasskeyDto } from "./manage-passkeys";
import { type Person, requireOwnAccount } from "./own-account";
import type { PasskeySite } from "./passkeys";
import { listSessions } from "./sessions";

/** Everything the caller sees of their own account on this host; no secret is in it. */
export function getAccount(ctx: Ctx, site: PasskeySite): Promise<AccountDto> {
  const person = requireOwnAccount(ctx);
  return inTenant(ctx, (tx) => readAccount(tx, ctx, person, site));
}

/** Gives the caller another name; the same name again records nothing. The e-mail is the firm's to change. */
export async function changeProfile(ctx: Ctx, { name }: ChangeProfile, site: PasskeySite): Promise<AccountDto> {
  const person = requireOwnAccount(ctx);
  return inTenant(ctx, async (tx) => {
    const where = { tenantId: ctx.tenantId, id: person.id, name: { not: name } };
    const changed = await tx.user.updateMany({ where, data: { name } });
    if (changed.count > 0) {
      await recordEvent(tx, ctx, { type: "user.profile_changed", data: { userId: person.id, fields: ["name"] } });
    }
    return readAccount(tx, ctx, person, site);
  });
}

async function readAccount(tx: Tx, ctx: Ctx, person: Person, site: PasskeySite): Promise<AccountDto> {
  const own = { tenantId: ctx.tenantId, userId: person.id };
  const user = await tx.user.findUnique({ where: { tenantId_id: { tenantId: ctx.tenantId, id: person.id } } });
  if (!user) throw new AppError("not_found", "There is nothing here.");
  const totp = await tx.totp.findFirst({ where: { ...own, confirmedAt: { not: null } } });
  const passkeys = await tx.passkey.findMany({ where: own, orderBy: { createdAt: "asc" } });
  const { factorAt } = person;
  return {
    id: user.id,
    name: user.name,
    email: user.email,
    role: user.role,
    passwordChangedAt: user.passwordChangedAt?.toISOString() ?? null,
    authenticatorSince: totp?.confirmedAt?.toISOString() ?? null,
    recoveryCodesLeft: await tx.recoveryCode.count({ where: { ...own, usedAt: null } }),
    passkeys: passkeys.map((row) => toPasskeyDto(row, site)),
    sessions: await listSessions(tx, ctx, person),
    freshUntil: factorAt && hasFreshFactor(ctx) ? new Date(factorAt.getTime() + FRESH_FACTOR_MS).toISOString() : null,
  };
}
