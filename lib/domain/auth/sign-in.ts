import { giveBackRate, takeRate } from "@/lib/platform/rate-limit";
import type { Ctx, Role } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { recordEvent, recordEvents } from "../events/record-events";
import { lockedUntil } from "./lockout";
import { hashPassword, needsRehash, verifyPassword } from "./password";

/** What a person types, and where from. `address` groups the tries of one place. */
export type SignIn = { email: string; password: string; address: string };

/**
 * What came of it. `refused` is the same for an unknown, wrong, disabled or locked account. `mfa_required` is the place for the second factor:
 * the password was right, no session exists yet.
 */
export type SignInResult =
  | { outcome: "signed_in"; user: SignedInUser; sessionToken: string }
  | { outcome: "mfa_required" }
  | { outcome: "refused" }
  | { outcome: "limited"; retryAfterSeconds: number };

/** The person that signed in, as the session needs to know them. */
type SignedInUser = { id: string; email: string; name: string; role: Role };

/** Opens a session for a user in the transaction of `ctx`; given by the gate, whose adapter writes the row. */
export type OpenSession = (ctx: Ctx, userId: string) => Promise<{ id: string; token: string }>;

type Account = SignedInUser & { passwordHash: string | null; wrongTries: number; lockedUntil: Date | null };
type Attempt =
  | { account: Account }
  | { account: null; userId: string | null; reason: "unknown_user" | "disabled" | "locked" };

/**
 * Signs a person in to the firm of `ctx`. The try is counted before the password is looked at, so that a hundred tries at once are a hundred
 * tries; no transaction is open while the password is hashed. Fails closed when the limits cannot be asked.
 */
export async function signIn(ctx: Ctx, input: SignIn, openSession: OpenSession): Promise<SignInResult> {
  // What Postgres cannot even be asked for is nobody's address, and ends like one.
  const email = input.email.replaceAll("\u0000", "\ufffd").trim().toLowerCase().slice(0, 254);
  const limits = [
    ["sign-in.address", input.address],
    ["sign-in.firm", ctx.tenantId],
    ["sign-in.account", `${ctx.tenantId}|${email}`],
  ] as const;
  let isAccountLimited = false;
  for (const [name, subject] of limits) {
    const taken = await takeRate(name, subject);
    if (taken.isAllowed) continue;
    // Said aloud for a place or a firm; for an account it must look like a wrong password.
    if (name !== "sign-in.account") return { outcome: "limited", retryAfterSeconds: taken.retryAfterSeconds };
    isAccountLimited = true;
  }
  const attempt: Attempt = isAccountLimited
    ? { account: null, userId: null, reason: "locked" }
    : await countAttempt(ctx, email);
  const isRight = await verifyPassword(attempt.account?.passwordHash ?? null, input.password);
  if (!attempt.account || !isRight) {
    await recordRefusal(ctx, attempt);
    return { outcome: "refused" };
  }
  const opened = await open(ctx, attempt.account, input.password, openSession);
  if (!opened) return { outcome: "refused" };
  for (const [name, subject] of limits) await giveBackRate(name, subject);
  return opened;
}

type Row = Omit<Account, "wrongTries" | "lockedUntil"> & { wrongTries: number; isDisabled: boolean; isLocked: boolean };

function countAttempt(ctx: Ctx, email: string): Promise<Attempt> {
  const now = ctx.clock.now();
  return inTenant(ctx, async (tx) => {
    // The count of one try may be lost with a power cut, but waiting for the disk would tell known accounts from unknown ones.
    await tx.$executeRaw`SET LOCAL synchronous_commit = off`;
    const [row] = await tx.$queryRaw<Row[]>`
      SELECT id, email, name, role, password_hash AS "passwordHash", failed_sign_ins + 1 AS "wrongTries",
             disabled_at IS NOT NULL AS "isDisabled", COALESCE(locked_until > ${now}, false) AS "isLocked"
      FROM app_user WHERE tenant_id = ${ctx.tenantId}::uuid AND email = ${email} FOR UPDATE`;
    if (!row) return { account: null, userId: null, reason: "unknown_user" };
    if (row.isDisabled) return { account: null, userId: row.id, reason: "disabled" };
    if (row.isLocked) return { account: null, userId: row.id, reason: "locked" };
    const until = lockedUntil(row.wrongTries, now);
    await tx.$executeRaw`
      UPDATE app_user SET failed_sign_ins = ${row.wrongTries}, locked_until = ${until}
      WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${row.id}::uuid`;
    return { account: { ...row, lockedUntil: until } };
  });
}

function recordRefusal(ctx: Ctx, attempt: Attempt): Promise<void> {
  const { account } = attempt;
  const userId = account ? account.id : attempt.userId;
  const reason = account ? "wrong_password" : attempt.reason;
  return inTenant(ctx, (tx) =>
    recordEvents(tx, ctx, [
      { type: "auth.sign_in_failed", data: { reason, userId } },
      ...(account?.lockedUntil
        ? [
            {
              type: "auth.account_locked" as const,
              data: { userId: account.id, until: account.lockedUntil.toISOString() },
            },
          ]
        : []),
    ]),
  );
}

async function open(
  ctx: Ctx,
  account: Account,
  password: string,
  openSession: OpenSession,
): Promise<SignInResult | null> {
  const { id, email, name, role, passwordHash } = account;
  const rehashed = passwordHash && needsRehash(passwordHash) ? await hashPassword(password) : passwordHash;
  return inTenant(ctx, async (tx) => {
    // Disabled or given another password while this one was being looked at: then it is no longer right.
    const stillHolds = await tx.user.updateMany({
      where: { tenantId: ctx.tenantId, id, disabledAt: null, passwordHash },
      data: { failedSignIns: 0, lockedUntil: null, passwordHash: rehashed },
    });
    if (stillHolds.count === 0) return null;
    const session = await openSession({ ...ctx, tx }, id);
    const actor = { type: "user", id, role, sessionId: session.id } as const;
    await recordEvent(tx, { ...ctx, actor }, { type: "auth.signed_in", data: { sessionId: session.id } });
    return { outcome: "signed_in", user: { id, email, name, role }, sessionToken: session.token };
  });
}
