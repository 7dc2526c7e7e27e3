import { generateSecret, generateURI, verifySync } from "otplib";
import { newId } from "@/lib/core/ids";
import { decryptField, encryptField } from "@/lib/platform/crypto";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";

/** RFC 6238 as every authenticator app knows it: SHA-1, six digits, thirty seconds. */
const STEP_SECONDS = 30;
/** Steps before and after the present one whose code still counts: clocks differ, and typing takes time. */
const WINDOW = 1;
/** Looked at in place of an authenticator that is not there, so that the work is the same. */
const NOBODY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** A new secret of 160 bits, in base32 as authenticator apps take it. */
export const newTotpSecret = (): string => generateSecret({ length: 20 });

/** What the QR code says: the secret, and the names that the app shows beside the code. */
export const totpUri = ({ firmName, email, secret }: { firmName: string; email: string; secret: string }): string =>
  generateURI({ issuer: firmName, label: email, secret, algorithm: "sha1", digits: 6, period: STEP_SECONDS });

const placeOf = (tenantId: string, rowId: string) =>
  ({ tenantId, table: "totp", column: "secret_cipher", rowId }) as const;

/** A secret sealed for the row that will hold it. */
export const sealTotpSecret = (secret: string, tenantId: string, rowId: string): string =>
  encryptField(secret, placeOf(tenantId, rowId));

/** The secret of a row. Throws when the row was copied from another firm or user. */
export const openTotpSecret = (cipher: string, tenantId: string, rowId: string): string =>
  decryptField(cipher, placeOf(tenantId, rowId));

/** The time step that a code belongs to, when it is one of the window around `now` and later than `afterStep`; else null. */
export function totpStep(secret: string, code: string, now: Date, afterStep: number): number | null {
  const token = code.replace(/[\s-]/g, "");
  if (!/^\d{6}$/.test(token)) return null;
  const epoch = Math.floor(now.getTime() / 1000);
  const lastPossible = Math.floor(epoch / STEP_SECONDS) + WINDOW;
  // A clock that was set back: every code of the window is spent.
  if (afterStep >= lastPossible) return null;
  const found = verifySync({ secret, token, epoch, epochTolerance: WINDOW * STEP_SECONDS, afterTimeStep: afterStep });
  return found.valid && "timeStep" in found ? found.timeStep : null;
}

type Row = { id: string; secretCipher: string; lastStep: bigint };

/**
 * True when the code is one of the user's authenticator and later than the last one taken; then it and every older one are spent. Of several who show one
 * code at once, one is let through. With no user it is false after the same work.
 */
export async function takeTotpCode(tx: Tx, ctx: Ctx, userId: string | null, code: string): Promise<boolean> {
  const { tenantId } = ctx;
  const [row] = await tx.$queryRaw<Row[]>`
    SELECT id, secret_cipher AS "secretCipher", last_step AS "lastStep" FROM totp
    WHERE tenant_id = ${tenantId}::uuid AND user_id = ${userId}::uuid AND confirmed_at IS NOT NULL`;
  const secret = row ? openTotpSecret(row.secretCipher, tenantId, row.id) : NOBODY;
  const step = totpStep(secret, code, ctx.clock.now(), row ? Number(row.lastStep) : 0);
  if (!row || step === null) return false;
  const moved = await tx.$executeRaw`
    UPDATE totp SET last_step = ${step}::bigint
    WHERE tenant_id = ${tenantId}::uuid AND id = ${row.id}::uuid AND last_step < ${step}::bigint`;
  return moved === 1;
}

/** Whose authenticator, its secret, and the step of the code that proved it; without a step it waits for its first code. */
export type NewTotp = { userId: string; secret: string; confirmedStep?: number };

/** Stores an authenticator; gives its id. One that waits does not touch the one in use; a confirmed one takes the place of every other. */
export async function storeTotp(tx: Tx, ctx: Ctx, { userId, secret, confirmedStep }: NewTotp): Promise<string> {
  const { tenantId } = ctx;
  const id = newId();
  const now = ctx.clock.now();
  const isConfirmed = confirmedStep !== undefined;
  await tx.totp.deleteMany({ where: { tenantId, userId, ...(isConfirmed ? {} : { confirmedAt: null }) } });
  await tx.totp.create({
    data: {
      tenantId,
      id,
      userId,
      secretCipher: sealTotpSecret(secret, tenantId, id),
      lastStep: confirmedStep ?? 0,
      createdAt: now,
      confirmedAt: isConfirmed ? now : null,
    },
  });
  return id;
}
