import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";

/** What a signed-in person is asked to sign with a passkey for. One challenge does not stand in for the other. */
export type ChallengePurpose = "register" | "step-up";

/** How long a browser may take to answer. */
const CHALLENGE_MS = 5 * 60_000;

/** Keeps the one challenge of the caller's session; an earlier one can no longer be answered. */
export async function keepChallenge(tx: Tx, ctx: Ctx, purpose: ChallengePurpose, challenge: string): Promise<void> {
  const { actor, tenantId } = ctx;
  if (actor.type !== "user") return;
  const until = ctx.clock.now().getTime() + CHALLENGE_MS;
  await tx.$executeRaw`
    UPDATE session SET challenge = ${`${purpose} ${until} ${challenge}`}
    WHERE tenant_id = ${tenantId}::uuid AND id = ${actor.sessionId}::uuid`;
}

/**
 * Takes the challenge of the caller's session, which is then gone: also when what is done with it fails, so it is taken in a transaction of its own. Null
 * when there is none, it is too old or was made for something else.
 */
export async function takeChallenge(ctx: Ctx, purpose: ChallengePurpose): Promise<string | null> {
  const { actor, tenantId } = ctx;
  if (actor.type !== "user") return null;
  const [row] = await inTenant(
    { ...ctx, tx: undefined },
    (tx) => tx.$queryRaw<{ challenge: string }[]>`
      WITH kept AS (
        SELECT id, challenge FROM session
        WHERE tenant_id = ${tenantId}::uuid AND id = ${actor.sessionId}::uuid AND challenge IS NOT NULL FOR UPDATE)
      UPDATE session s SET challenge = NULL FROM kept
      WHERE s.tenant_id = ${tenantId}::uuid AND s.id = kept.id
      RETURNING kept.challenge`,
  );
  const [madeFor, until, challenge] = row?.challenge.split(" ") ?? [];
  const isGood = madeFor === purpose && Number(until) > ctx.clock.now().getTime();
  return isGood ? (challenge ?? null) : null;
}
