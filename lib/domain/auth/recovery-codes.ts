import { randomInt } from "node:crypto";
import { blindIndex } from "@/lib/platform/crypto";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { recordEvent } from "../events/record-events";

/** How many codes a person gets. */
export const RECOVERY_CODES = 10;
/** Crockford's base32: no I, L, O or U, so that nothing is misread. 16 letters are 80 bits. */
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 16;

/** A code as a person keeps it: `7K2M-QX9D-0RTV-HB4W`. */
function newCode(): string {
  const letters = Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");
  return letters.match(/.{4}/g)?.join("-") ?? letters;
}

/** As it counts: without dashes and spaces, in one case, and with the letters that look like a figure read as that figure. */
const plain = (code: string): string =>
  code
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, "")
    .replace(/[IL]/g, "1")
    .replace(/O/g, "0");

const hashOf = (code: string, tenantId: string, userId: string): string =>
  blindIndex(plain(code), { tenantId, purpose: `recovery_code|${userId}` });

/** Ten new codes, to be shown this once: only keyed digests are stored, and the codes from before no longer work. Records it. */
export async function makeRecoveryCodes(tx: Tx, ctx: Ctx, userId: string): Promise<string[]> {
  const { tenantId } = ctx;
  const codes = Array.from({ length: RECOVERY_CODES }, newCode);
  const createdAt = ctx.clock.now();
  // Two who make codes at once wait for each other here: else both sets would stay.
  await tx.$queryRaw`SELECT 1 FROM app_user WHERE tenant_id = ${tenantId}::uuid AND id = ${userId}::uuid FOR UPDATE`;
  await tx.recoveryCode.deleteMany({ where: { tenantId, userId } });
  await tx.recoveryCode.createMany({
    data: codes.map((code) => ({ tenantId, userId, codeHash: hashOf(code, tenantId, userId), createdAt })),
  });
  await recordEvent(tx, ctx, { type: "auth.recovery_codes_made", data: { userId } });
  return codes;
}

/** True when this is a code of the user that nobody used yet; then it is used, and recorded with how many are left. With no user it is false. */
export async function takeRecoveryCode(tx: Tx, ctx: Ctx, userId: string | null, code: string): Promise<boolean> {
  const { tenantId } = ctx;
  const used = await tx.$executeRaw`
    UPDATE recovery_code SET used_at = ${ctx.clock.now()}
    WHERE tenant_id = ${tenantId}::uuid AND user_id = ${userId}::uuid
      AND code_hash = ${hashOf(code, tenantId, userId ?? "nobody")} AND used_at IS NULL`;
  if (userId === null || used !== 1) return false;
  const left = await tx.recoveryCode.count({ where: { tenantId, userId, usedAt: null } });
  await recordEvent(tx, ctx, { type: "auth.recovery_code_used", data: { userId, left } });
  return true;
}
