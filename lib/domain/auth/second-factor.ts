import type { StepUp } from "@/lib/contracts/account";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { type PasskeySite, takePasskey } from "./passkeys";
import { takeRecoveryCode } from "./recovery-codes";
import { takeTotpCode } from "./totp";

/** How a person can show that it is them, beside the password. */
export const FACTORS = ["totp", "passkey", "recovery_code"] as const;
export type Factor = (typeof FACTORS)[number];

/** One of a code, a recovery code and a passkey's answer, as a form or a program sent it. */
export type ShownFactor = StepUp;

/** Which factor this is meant to be. */
export const factorOf = (shown: ShownFactor): Factor =>
  "code" in shown ? "totp" : "recoveryCode" in shown ? "recovery_code" : "passkey";

/** Whose factor, and for a passkey what was to be signed and where. */
export type FactorCheck = { userId: string | null; shown: ShownFactor; challenge: string | null; site: PasskeySite };

/** True when the factor is this user's and was not used before; then it is used. With no user it is false, after the same work. */
export function takeFactor(tx: Tx, ctx: Ctx, { userId, shown, challenge, site }: FactorCheck): Promise<boolean> {
  if ("code" in shown) return takeTotpCode(tx, ctx, userId, shown.code);
  if ("recoveryCode" in shown) return takeRecoveryCode(tx, ctx, userId, shown.recoveryCode);
  return takePasskey(tx, ctx, { userId, credential: shown.passkey, challenge, site });
}
