import { AppError } from "@/lib/core/errors";
import type { Ctx } from "./ctx";

/** How long a shown second factor counts for what needs a fresh one. */
export const FRESH_FACTOR_MS = 10 * 60_000;

/** True when a person showed the second factor within the last ten minutes; keys, services and jobs have none to show. */
export function hasFreshFactor({ actor, clock }: Ctx): boolean {
  if (actor.type !== "user") return true;
  return actor.factorAt !== undefined && clock.now().getTime() - actor.factorAt.getTime() < FRESH_FACTOR_MS;
}

/** Until when the second factor shown last counts; null for who has none to show. What a page needs to ask for it before the API does. */
export const factorFreshUntil = ({ actor }: Ctx): Date | null =>
  actor.type === "user" && actor.factorAt ? new Date(actor.factorAt.getTime() + FRESH_FACTOR_MS) : null;

/**
 * For keys, users, integrations and large exports: a session that somebody else sat down at must not be enough.
 * @throws AppError `mfa_required` when the factor was last shown too long ago; `POST /api/account/step-up` shows it again.
 */
export function requireFreshFactor(ctx: Ctx): void {
  if (hasFreshFactor(ctx)) return;
  throw new AppError("mfa_required", "Confirm that it is you with a code or passkey, then try again.");
}
