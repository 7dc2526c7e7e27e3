import { giveBackRate, type RateLimitName, takeRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../context/ctx";

/**
 * Whom a try is counted against. `account` is an e-mail, whether somebody has it or not; null for a second step that belongs to no sign-in. Such a one costs
 * no hash and opens nothing, so it counts by its address alone: else posting nonsense would shut the firm for its own people.
 */
export type TrySubjects = { address: string; account: string | null };

/** What a try is told: that its place or firm is shut is said aloud; that its account is must look like a wrong password. */
export type TryTaken =
  | { isLimited: true; retryAfterSeconds: number }
  | { isLimited: false; isAccountShut: boolean; giveBack: () => Promise<void> };

/**
 * Counts a try to sign in before anything is looked at, so that a hundred tries at once are a hundred tries. What succeeded is given back.
 * @throws AppError `unavailable` when the limits cannot be asked: nobody signs in then.
 */
export async function takeTry(ctx: Ctx, { address, account }: TrySubjects): Promise<TryTaken> {
  const limits: [RateLimitName, string][] = [["sign-in.address", address]];
  if (account !== null) limits.push(["sign-in.firm", ctx.tenantId]);
  for (const [name, subject] of limits) {
    const taken = await takeRate(name, subject);
    if (!taken.isAllowed) return { isLimited: true, retryAfterSeconds: taken.retryAfterSeconds };
  }
  const giveBack = async () => {
    for (const [name, subject] of limits) await giveBackRate(name, subject);
  };
  if (account === null) return { isLimited: false, isAccountShut: false, giveBack };
  const ofAccount = `${ctx.tenantId}|${account}`;
  limits.push(["sign-in.account", ofAccount]);
  const { isAllowed } = await takeRate("sign-in.account", ofAccount);
  return { isLimited: false, isAccountShut: !isAllowed, giveBack };
}
