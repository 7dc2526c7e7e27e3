import type { LinkPurpose } from "@/lib/contracts/account";
import { AppError } from "@/lib/core/errors";
import { isId } from "@/lib/core/ids";
import { randomToken, sha256 } from "@/lib/core/secret";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";

/** How long a link of each purpose can be taken up. The more it opens, the shorter it lives. */
export const LINK_TTL_MS = {
  join: 72 * 3_600_000,
  factor: 24 * 3_600_000,
  password: 3_600_000,
} as const satisfies Record<LinkPurpose, number>;

/** Where the page of each purpose is, on the firm's host; the link is its last part. */
export const LINK_PATHS = {
  join: "/join/",
  factor: "/recover/factor/",
  password: "/recover/password/",
} as const satisfies Record<LinkPurpose, string>;

/** A link as somebody shows it: what it is to be for, and its text `<user id>.<secret>`. */
export type ShownLink = { purpose: LinkPurpose; link: string };

const SECRET = /^[A-Za-z0-9_-]{43}$/;
const identifierOf = (purpose: LinkPurpose, userId: string): string => `${purpose}:${userId}`;

/**
 * Makes the one link that a user can have: an earlier one no longer works, whatever it was for, so that nobody holds one to their password and one to their
 * second factor. Only its digest is stored, so `link` can be shown this once.
 * The caller records who made it. @throws AppError `not_found` when the firm has no such user.
 */
export async function makeOneTimeLink(
  tx: Tx,
  ctx: Ctx,
  { purpose, userId, ttlMs = LINK_TTL_MS[purpose] }: { purpose: LinkPurpose; userId: string; ttlMs?: number },
): Promise<{ link: string; expiresAt: Date }> {
  const { tenantId } = ctx;
  // Two links asked for at once wait for each other here: else neither would remove the other.
  const locked = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM app_user WHERE tenant_id = ${tenantId}::uuid AND id = ${userId}::uuid FOR UPDATE`;
  if (locked.length === 0) throw new AppError("not_found", "There is nothing here.");
  const secret = randomToken();
  const expiresAt = new Date(ctx.clock.now().getTime() + ttlMs);
  await dropOneTimeLinks(tx, ctx, userId);
  // What an earlier link offered goes with it: whoever had that link must not know the secret that this one enrols.
  await tx.totp.deleteMany({ where: { tenantId, userId, confirmedAt: null } });
  const identifier = identifierOf(purpose, userId);
  await tx.verificationToken.create({ data: { tenantId, identifier, tokenHash: sha256(secret), expiresAt } });
  return { link: `${userId}.${secret}`, expiresAt };
}

/** Whose link this is, or null when it is spent, expired, of another purpose or firm, or its user is disabled. Spends nothing. */
export async function findOneTimeLink(tx: Tx, ctx: Ctx, shown: ShownLink): Promise<{ userId: string } | null> {
  const parts = partsOf(shown);
  if (!parts) return null;
  const { userId, identifier, tokenHash } = parts;
  const found = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM verification_token v JOIN app_user u ON u.tenant_id = v.tenant_id AND u.id = ${userId}::uuid
    WHERE v.tenant_id = ${ctx.tenantId}::uuid AND v.identifier = ${identifier} AND v.token_hash = ${tokenHash}
      AND v.expires_at > ${ctx.clock.now()} AND u.disabled_at IS NULL`;
  return found.length === 1 ? { userId } : null;
}

/** Spends a link: of several who show it at once, one gets it. Null as in `findOneTimeLink`. It lives again if the transaction rolls back. */
export async function spendOneTimeLink(tx: Tx, ctx: Ctx, shown: ShownLink): Promise<{ userId: string } | null> {
  const parts = partsOf(shown);
  if (!parts) return null;
  const { userId, identifier, tokenHash } = parts;
  // The row of the user first, as everywhere: whoever disables them meanwhile is waited for and then seen.
  const users = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM app_user
    WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${userId}::uuid AND disabled_at IS NULL FOR UPDATE`;
  if (users.length === 0) return null;
  const spent = await tx.$executeRaw`
    DELETE FROM verification_token
    WHERE tenant_id = ${ctx.tenantId}::uuid AND identifier = ${identifier} AND token_hash = ${tokenHash}
      AND expires_at > ${ctx.clock.now()}`;
  return spent === 1 ? { userId } : null;
}

/** Takes back the links of a user, of one purpose or all; gives how many there were. */
export async function dropOneTimeLinks(tx: Tx, ctx: Ctx, userId: string, purpose?: LinkPurpose): Promise<number> {
  const purposes = purpose ? [purpose] : (Object.keys(LINK_TTL_MS) as LinkPurpose[]);
  const identifier = { in: purposes.map((each) => identifierOf(each, userId)) };
  const { count } = await tx.verificationToken.deleteMany({ where: { tenantId: ctx.tenantId, identifier } });
  return count;
}

/** A text that is no link of ours never reaches the database. */
function partsOf({ purpose, link }: ShownLink): { userId: string; identifier: string; tokenHash: string } | null {
  const [userId = "", secret = "", ...rest] = link.split(".");
  if (rest.length > 0 || !isId(userId) || !SECRET.test(secret)) return null;
  return { userId, identifier: identifierOf(purpose, userId), tokenHash: sha256(secret) };
}
