import { newId } from "@/lib/core/ids";
import { randomToken, sha256 } from "@/lib/core/secret";
import type { Tx } from "@/lib/platform/db";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import type { AnyEvent } from "../events/catalog";
import { recordEvents } from "../events/record-events";
import { lockedUntil } from "./lockout";
import { hashPassword, needsRehash, verifyPassword } from "./password";
import { takeTry } from "./sign-in-limits";

/** How long one may take from the password to the second factor. */
export const ATTEMPT_MS = 5 * 60_000;

/** What a person types first, and where from. `address` groups the tries of one place. */
export type SignIn = { email: string; password: string; address: string };

/** What came of it: always an attempt that waits for a second factor, whether the password was right or not. */
export type SignInStarted =
  | { outcome: "factor_due"; attempt: string }
  | { outcome: "limited"; retryAfterSeconds: number };

type Account = { id: string; passwordHash: string | null; wrongTries: number; lockedUntil: Date | null };
type Tried =
  | { account: Account }
  | { account: null; userId: string | null; reason: "unknown_user" | "disabled" | "locked" };

/**
 * The first step: e-mail and password. It opens no session and tells nothing: an unknown name, a wrong password, a disabled or locked account and a right
 * password end in the same reply after the same work, an attempt. The try is counted before the password is looked at; no transaction is open while the
 * password is hashed. Fails closed when the limits cannot be asked.
 */
export async function startSignIn(ctx: Ctx, input: SignIn): Promise<SignInStarted> {
  const email = plainEmail(input.email);
  const taken = await takeTry(ctx, { address: input.address, account: email });
  if (taken.isLimited) return { outcome: "limited", retryAfterSeconds: taken.retryAfterSeconds };
  const tried: Tried = taken.isAccountShut
    ? { account: null, userId: null, reason: "locked" }
    : await countTry(ctx, email);
  const isRight = await verifyPassword(tried.account?.passwordHash ?? null, input.password);
  const attempt = await openAttempt(ctx, tried, isRight);
  const stored = isRight ? tried.account?.passwordHash : null;
  if (tried.account && stored && needsRehash(stored)) {
    // Not waited for: the reply to a right password must not take longer than the one to a wrong one.
    void rehash(ctx, tried.account.id, stored, input.password).catch((error: unknown) =>
      log.warn("a password was not hashed anew", failureFields(error)),
    );
  }
  return { outcome: "factor_due", attempt };
}

/** As it is compared. What Postgres cannot even be asked for is nobody's address, and ends like one. */
const plainEmail = (email: string): string =>
  email.replaceAll("\u0000", "\ufffd").toWellFormed().trim().toLowerCase().slice(0, 254);

type Row = { id: string; passwordHash: string | null; wrongTries: number; isDisabled: boolean; isLocked: boolean };

function countTry(ctx: Ctx, email: string): Promise<Tried> {
  const now = ctx.clock.now();
  return inTenant(ctx, async (tx) => {
    // The count of one try may be lost with a power cut, but waiting for the disk would tell known accounts from unknown ones.
    await tx.$executeRaw`SET LOCAL synchronous_commit = off`;
    const [row] = await tx.$queryRaw<Row[]>`
      SELECT id, password_hash AS "passwordHash", failed_sign_ins + 1 AS "wrongTries",
             disabled_at IS NOT NULL AS "isDisabled", COALESCE(locked_until > ${now}, false) AS "isLocked"
      FROM app_user WHERE tenant_id = ${ctx.tenantId}::uuid AND email = ${email} FOR UPDATE`;
    const isCounted = row !== undefined && !row.isDisabled && !row.isLocked;
    const until = isCounted ? lockedUntil(row.wrongTries, now) : null;
    // Asked of nobody too, so that an unknown name is as many questions.
    await tx.$executeRaw`
      UPDATE app_user SET failed_sign_ins = failed_sign_ins + 1, locked_until = ${until}
      WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${isCounted ? row.id : null}::uuid`;
    if (!row) return { account: null, userId: null, reason: "unknown_user" };
    if (row.isDisabled) return { account: null, userId: row.id, reason: "disabled" };
    if (row.isLocked) return { account: null, userId: row.id, reason: "locked" };
    return { account: { ...row, lockedUntil: until } };
  });
}

function openAttempt(ctx: Ctx, tried: Tried, isRight: boolean): Promise<string> {
  const { tenantId } = ctx;
  const token = randomToken();
  const now = ctx.clock.now();
  const right = isRight ? tried.account : null;
  return inTenant(ctx, async (tx) => {
    // Expired ones go meanwhile; those that another request removes are skipped, so that no two wait for each other.
    await tx.$executeRaw`
      DELETE FROM sign_in_attempt WHERE (tenant_id, id) IN (
        SELECT tenant_id, id FROM sign_in_attempt
        WHERE tenant_id = ${tenantId}::uuid AND expires_at <= ${now} LIMIT 20 FOR UPDATE SKIP LOCKED)`;
    // A right password is no wrong try: it is taken back, with the lock it may have brought. For anyone else this meets no row.
    await tx.$executeRaw`
      UPDATE app_user SET failed_sign_ins = GREATEST(failed_sign_ins - 1, 0),
        locked_until = CASE WHEN locked_until = ${right?.lockedUntil ?? null} THEN NULL ELSE locked_until END
      WHERE tenant_id = ${tenantId}::uuid AND id = ${right?.id ?? null}::uuid`;
    await tx.$executeRaw`
      INSERT INTO sign_in_attempt (tenant_id, id, token_hash, user_id, password_hash, created_at, expires_at)
      VALUES (${tenantId}::uuid, ${newId()}::uuid, ${sha256(token)}, ${right?.id ?? null}::uuid, ${right?.passwordHash ?? null},
              ${now}, ${new Date(now.getTime() + ATTEMPT_MS)})`;
    await recordEvents(tx, ctx, eventsOf(tried, isRight));
    return token;
  });
}

function eventsOf(tried: Tried, isRight: boolean): AnyEvent[] {
  const { account } = tried;
  if (!account) {
    return [{ type: "auth.sign_in_failed", data: { reason: tried.reason, userId: tried.userId } }];
  }
  if (isRight) return [{ type: "auth.password_accepted", data: { userId: account.id } }];
  const until = account.lockedUntil?.toISOString();
  return [
    { type: "auth.sign_in_failed", data: { reason: "wrong_password", userId: account.id } },
    ...(until ? [{ type: "auth.account_locked" as const, data: { userId: account.id, until } }] : []),
  ];
}

/** The same password at today's cost; attempts that wait for their factor go on with it. */
async function rehash(ctx: Ctx, userId: string, stored: string, password: string): Promise<void> {
  const passwordHash = await hashPassword(password);
  const where = { tenantId: ctx.tenantId, passwordHash: stored };
  await inTenant(ctx, async (tx: Tx) => {
    await tx.user.updateMany({ where: { ...where, id: userId }, data: { passwordHash } });
    await tx.signInAttempt.updateMany({ where: { ...where, userId }, data: { passwordHash } });
  });
}
