import type { ConfirmTotp, TotpOffer } from "@/lib/contracts/account";
import { AppError } from "@/lib/core/errors";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requireFreshFactor } from "../context/step-up";
import { recordEvent } from "../events/record-events";
import { endSessions } from "./end-sessions";
import { WRONG_CODE } from "./join-firm";
import { getOwnRecord, lockOwnRow, requireOwnAccount } from "./own-account";
import { notAcceptable } from "./password-rules";
import { storeTotp } from "./totp";
import { makeTotpOffer } from "./totp-offer";
import { confirmWaitingTotp, findWaitingTotp } from "./waiting-totp";

/** How long an offered authenticator waits for its first code. */
const OFFER_MS = 30 * 60_000;

/**
 * Offers the caller a new authenticator; the one in use stays in use until the first code of the new one was shown. Each offer takes the place of the one
 * before. Needs a fresh factor. @throws AppError `mfa_required`
 */
export async function offerTotp(ctx: Ctx): Promise<TotpOffer> {
  const person = requireOwnAccount(ctx);
  requireFreshFactor(ctx);
  return inTenant(ctx, async (tx) => {
    await lockOwnRow(tx, ctx, person);
    const offer = await makeTotpOffer(await getOwnRecord(tx, ctx, person));
    await storeTotp(tx, ctx, { userId: person.id, secret: offer.secret });
    return offer;
  });
}

/**
 * Puts the offered authenticator in the place of the one in use, which no longer works; the caller's other sessions end. Needs a fresh factor.
 * @throws AppError `mfa_required`, `unprocessable` naming `code`, `conflict` when nothing waits for a code.
 */
export async function confirmTotp(ctx: Ctx, { code }: ConfirmTotp): Promise<void> {
  const person = requireOwnAccount(ctx);
  requireFreshFactor(ctx);
  await inTenant(ctx, async (tx) => {
    await lockOwnRow(tx, ctx, person);
    const waiting = await findWaitingTotp(tx, ctx, person.id);
    const isTooOld = waiting !== null && ctx.clock.now().getTime() - waiting.createdAt.getTime() >= OFFER_MS;
    if (!waiting || isTooOld) {
      throw new AppError("conflict", "No authenticator is waiting for its code any more. Scan a new one.");
    }
    if (!(await confirmWaitingTotp(tx, ctx, person.id, code))) throw notAcceptable([WRONG_CODE]);
    await recordEvent(tx, ctx, { type: "auth.totp_enrolled", data: { userId: person.id } });
    await endSessions(tx, ctx, { userId: person.id, because: "factor_changed", except: person.sessionId });
  });
}
