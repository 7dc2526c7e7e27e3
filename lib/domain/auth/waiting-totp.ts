import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { openTotpSecret, storeTotp, totpStep } from "./totp";

/** An authenticator that was offered and waits for its first code. */
export type WaitingTotp = { id: string; secret: string; createdAt: Date };

/** The authenticator that waits for a user's first code, or null. */
export async function findWaitingTotp(tx: Tx, ctx: Ctx, userId: string): Promise<WaitingTotp | null> {
  const { tenantId } = ctx;
  const row = await tx.totp.findFirst({
    where: { tenantId, userId, confirmedAt: null },
    select: { id: true, secretCipher: true, createdAt: true },
  });
  if (!row) return null;
  return { id: row.id, secret: openTotpSecret(row.secretCipher, tenantId, row.id), createdAt: row.createdAt };
}

/**
 * Puts the waiting authenticator in the place of every other of the user when the code is its own; that code and every older one are spent. False, and
 * nothing changed, when the code is wrong or nothing waits. The caller holds the user's row and records it.
 */
export async function confirmWaitingTotp(tx: Tx, ctx: Ctx, userId: string, code: string): Promise<boolean> {
  const waiting = await findWaitingTotp(tx, ctx, userId);
  const confirmedStep = waiting ? totpStep(waiting.secret, code, ctx.clock.now(), 0) : null;
  if (!waiting || confirmedStep === null) return false;
  await storeTotp(tx, ctx, { userId, secret: waiting.secret, confirmedStep });
  return true;
}
