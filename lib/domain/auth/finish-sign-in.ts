import { sha256 } from "@/lib/core/secret";
import type { Tx } from "@/lib/platform/db";
import { takeRate } from "@/lib/platform/rate-limit";
import type { Ctx, Role } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { recordEvents } from "../events/record-events";
import { countWrongFactor } from "./lockout";
import type { PasskeySite } from "./passkeys";
import { type Factor, factorOf, type ShownFactor, takeFactor } from "./second-factor";
import { takeTry } from "./sign-in-limits";

/** What a person shows second: the attempt that the first step gave, the factor, and where from. */
export type FinishSignIn = { attempt: string; shown: ShownFactor; address: string; site: PasskeySite };

/** What came of it. `refused` is the same for a wrong factor, a wrong password before it, an attempt that ran out, a disabled or locked account. */
export type SignInFinished =
  | { outcome: "signed_in"; user: SignedInUser; sessionToken: string }
  | { outcome: "refused" }
  | { outcome: "limited"; retryAfterSeconds: number };

/** The person that signed in, as the session needs to know them. */
export type SignedInUser = { id: string; role: Role };

/** Opens a session in the transaction of `ctx`; given by the gate, whose adapter writes the row. */
export type OpenSession = (
  ctx: Ctx,
  opened: { userId: string; factor: Factor },
) => Promise<{ id: string; token: string }>;

type User = SignedInUser & { wrongTries: number };

/**
 * The second step: a code, a recovery code or a passkey against an attempt. The attempt must not have run out, its user not be disabled or locked, and have
 * the password still that was right then. A wrong factor counts like a wrong password; five end the attempt. Of several who finish one attempt at once, one
 * gets a session.
 */
export async function finishSignIn(ctx: Ctx, input: FinishSignIn, openSession: OpenSession): Promise<SignInFinished> {
  const { shown, site } = input;
  const tokenHash = sha256(input.attempt);
  const account = await accountOf(ctx, tokenHash);
  const taken = await takeTry(ctx, { address: input.address, account });
  if (taken.isLimited) return { outcome: "limited", retryAfterSeconds: taken.retryAfterSeconds };
  const ofAttempt = await takeRate("sign-in.attempt", `${ctx.tenantId}|${tokenHash}`);
  const isShut = taken.isAccountShut || !ofAttempt.isAllowed;
  const result = await inTenant(ctx, async (tx): Promise<SignInFinished> => {
    const user = await lockUser(tx, ctx, tokenHash);
    const attempt = await lockAttempt(tx, ctx, tokenHash);
    const holder = user && attempt && !isShut ? user : null;
    const check = { userId: holder?.id ?? null, shown, challenge: attempt?.challenge ?? null, site };
    const isRight = await takeFactor(tx, ctx, check);
    if (!holder || !isRight) {
      await refuse(tx, ctx, holder, factorOf(shown));
      if (!ofAttempt.isAllowed) await tx.signInAttempt.deleteMany({ where: { tenantId: ctx.tenantId, tokenHash } });
      return { outcome: "refused" };
    }
    await tx.signInAttempt.deleteMany({ where: { tenantId: ctx.tenantId, tokenHash } });
    return open(tx, ctx, holder, factorOf(shown), openSession);
  });
  // The point that the password took is given back with this one's: what went all the way does not count.
  if (result.outcome === "signed_in") for (let step = 1; step <= 2; step++) await taken.giveBack();
  return result;
}

/** What an attempt is counted against: its e-mail, or itself when its password was wrong. Null when there is none, or it ran out. */
async function accountOf(ctx: Ctx, tokenHash: string): Promise<string | null> {
  const [row] = await inTenant(
    ctx,
    (tx) => tx.$queryRaw<{ email: string | null }[]>`
      SELECT u.email FROM sign_in_attempt a LEFT JOIN app_user u ON u.tenant_id = a.tenant_id AND u.id = a.user_id
      WHERE a.tenant_id = ${ctx.tenantId}::uuid AND a.token_hash = ${tokenHash} AND a.expires_at > ${ctx.clock.now()}`,
  );
  return row ? (row.email ?? `attempt ${tokenHash}`) : null;
}

/** The user of a live attempt, if they may still come in, locked: first of all rows, as everywhere, so that nobody waits crosswise. */
async function lockUser(tx: Tx, ctx: Ctx, tokenHash: string): Promise<User | null> {
  const now = ctx.clock.now();
  const [user] = await tx.$queryRaw<User[]>`
    SELECT u.id, u.role, u.failed_sign_ins AS "wrongTries"
    FROM app_user u JOIN sign_in_attempt a ON a.tenant_id = u.tenant_id AND a.user_id = u.id
    WHERE u.tenant_id = ${ctx.tenantId}::uuid AND a.token_hash = ${tokenHash}
      AND u.disabled_at IS NULL AND u.password_hash = a.password_hash
      AND (u.locked_until IS NULL OR u.locked_until <= ${now})
    FOR UPDATE OF u`;
  return user ?? null;
}

/** The attempt, unless it ran out or somebody finished it meanwhile. Its challenge is taken: it can be answered this once. */
async function lockAttempt(tx: Tx, ctx: Ctx, tokenHash: string): Promise<{ challenge: string | null } | null> {
  const { tenantId } = ctx;
  const [attempt] = await tx.$queryRaw<{ challenge: string | null }[]>`
    SELECT challenge FROM sign_in_attempt
    WHERE tenant_id = ${tenantId}::uuid AND token_hash = ${tokenHash} AND expires_at > ${ctx.clock.now()} FOR UPDATE`;
  await tx.$executeRaw`
    UPDATE sign_in_attempt SET challenge = NULL WHERE tenant_id = ${tenantId}::uuid AND token_hash = ${tokenHash}`;
  return attempt ?? null;
}

async function refuse(tx: Tx, ctx: Ctx, user: User | null, factor: Factor): Promise<void> {
  const locked = await countWrongFactor(tx, ctx, user);
  const data = { userId: user?.id ?? null, factor, during: "sign_in" } as const;
  await recordEvents(tx, ctx, [{ type: "auth.factor_failed", data }, ...locked]);
}

async function open(
  tx: Tx,
  ctx: Ctx,
  { id, role }: User,
  factor: Factor,
  openSession: OpenSession,
): Promise<SignInFinished> {
  const { tenantId } = ctx;
  await tx.user.update({ where: { tenantId_id: { tenantId, id } }, data: { failedSignIns: 0, lockedUntil: null } });
  const session = await openSession({ ...ctx, tx }, { userId: id, factor });
  const actor = { type: "user", id, role, sessionId: session.id } as const;
  const data = { sessionId: session.id, factor };
  await recordEvents(tx, { ...ctx, actor }, [{ type: "auth.signed_in", data }]);
  return { outcome: "signed_in", user: { id, role }, sessionToken: session.token };
}
