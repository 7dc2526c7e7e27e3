import type { PasskeyDto, RenamePasskey } from "@/lib/contracts/account";
import { AppError } from "@/lib/core/errors";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requireFreshFactor } from "../context/step-up";
import { recordEvent } from "../events/record-events";
import { type Person, requireOwnAccount } from "./own-account";
import type { PasskeySite } from "./passkeys";

type PasskeyRow = { id: string; name: string; rpId: string; createdAt: Date; lastUsedAt: Date | null };

/** A passkey as its owner sees it on this host. */
export const toPasskeyDto = (row: PasskeyRow, { rpId }: PasskeySite): PasskeyDto => ({
  id: row.id,
  name: row.name,
  createdAt: row.createdAt.toISOString(),
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  isUsableHere: row.rpId === rpId,
});

/** Gives a passkey of the caller another name; the same name again records nothing. @throws AppError `not_found` */
export async function renamePasskey(
  ctx: Ctx,
  id: string,
  input: RenamePasskey,
  site: PasskeySite,
): Promise<PasskeyDto> {
  const person = requireOwnAccount(ctx);
  return inTenant(ctx, async (tx) => {
    const row = await lockPasskey(tx, ctx, person, id);
    if (row.name === input.name) return toPasskeyDto(row, site);
    await tx.passkey.update({ where: { tenantId_id: { tenantId: ctx.tenantId, id } }, data: { name: input.name } });
    const data = { userId: person.id, fields: ["passkey name"] };
    await recordEvent(tx, ctx, { type: "user.profile_changed", data });
    return toPasskeyDto({ ...row, name: input.name }, site);
  });
}

/** Removes a passkey of the caller, which then opens nothing any more. Needs a fresh factor. @throws AppError `mfa_required`, `not_found` */
export async function removePasskey(ctx: Ctx, id: string): Promise<void> {
  const person = requireOwnAccount(ctx);
  requireFreshFactor(ctx);
  await inTenant(ctx, async (tx) => {
    await lockPasskey(tx, ctx, person, id);
    await tx.passkey.delete({ where: { tenantId_id: { tenantId: ctx.tenantId, id } } });
    await recordEvent(tx, ctx, { type: "auth.passkey_removed", data: { userId: person.id, passkeyId: id } });
  });
}

/** Another person's passkey is nobody's, in the same firm too. */
async function lockPasskey(tx: Tx, ctx: Ctx, person: Person, id: string): Promise<PasskeyRow> {
  const [row] = await tx.$queryRaw<PasskeyRow[]>`
    SELECT id, name, rp_id AS "rpId", created_at AS "createdAt", last_used_at AS "lastUsedAt" FROM passkey
    WHERE tenant_id = ${ctx.tenantId}::uuid AND user_id = ${person.id}::uuid AND id = ${id}::uuid FOR UPDATE`;
  if (!row) throw new AppError("not_found", "No such passkey.");
  return row;
}
