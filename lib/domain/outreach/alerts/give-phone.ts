import { randomInt } from "node:crypto";
import type { AlertsDto, GiveAlertPhone } from "@/lib/contracts/alerts";
import { AppError, VendorError, type VendorErrorKind } from "@/lib/core/errors";
import { normalizeUsPhone } from "@/lib/core/phone";
import { alertsOf } from "@/lib/platform/alerts";
import { blindIndex } from "@/lib/platform/crypto";
import { giveBackRate, requireRate } from "@/lib/platform/rate-limit";
import { lockOwnRow, type Person, requireOwnAccount } from "../../auth/own-account";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requireFreshFactor } from "../../context/step-up";
import { recordEvent } from "../../events/record-events";
import { CODE_MS, digestOf, wrong } from "./alert-code";
import { sealPhone } from "./alert-phone";
import { nothingSent } from "./change-alerts";
import { readAlerts } from "./get-alerts";

/** A phone for the counters of all firms together: a number has too few digits for a plain digest, which anybody could try through. */
const subjectOf = (phone: string): string => blindIndex(phone, { tenantId: "every firm", purpose: "alert-code.phone" });

/** What a service says of a text that went nowhere: it does not count for the number. One that broke off or gave no answer may have sent it. */
const NOT_SENT: readonly VendorErrorKind[] = ["throttled", "rejected"];

/** The limits of one number over all firms. */
const OF_PHONE = ["alert-code.phone", "alert-code.phone-day"] as const;

/** One refusal for both, without their names and times: which of them it was would say that other people's firms use the number. */
async function requirePhoneRate(subject: string): Promise<void> {
  try {
    for (const name of OF_PHONE) await requireRate(name, subject);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "rate_limited") throw error;
    const words = "No code can be sent to this number right now. Try again later, or give another number.";
    throw new AppError("rate_limited", words, { retryAfterSeconds: 3600 });
  }
}

/**
 * Sends a code to the phone that texts are to go to. Once the code went out it stands in the place of the one before, and no text goes there until the code came
 * back; a phone that no code could be sent to changes nothing. Texts cost
 * money and reach whoever holds the phone, so this needs a fresh factor and is limited for the user, the firm and the number; numbers of the United States alone, where
 * they cost least and fraud with them is rare. Needs `account:own`.
 * @throws AppError `mfa_required`, `unprocessable` naming `phone`, `rate_limited`, `not_configured`, `vendor_unavailable` when the text could not be sent.
 */
export async function giveAlertPhone(ctx: Ctx, input: GiveAlertPhone): Promise<AlertsDto> {
  const person = requireOwnAccount(ctx);
  requireFreshFactor(ctx);
  const post = alertsOf();
  if (!post) throw nothingSent();
  const phone = normalizeUsPhone(input.phone);
  if (!phone) throw wrong("phone", "must be a number of the United States, such as (512) 555-0142");
  await requireRate("alert-code.user", person.id);
  await requireRate("alert-code.firm", ctx.tenantId);
  await requirePhoneRate(subjectOf(phone));
  const code = String(randomInt(1_000_000)).padStart(6, "0");
  try {
    const text = `Your Arrestra code is ${code}. It works for 10 minutes. If you did not ask for it, do nothing.`;
    await post.text({ to: phone, text });
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    if (NOT_SENT.includes(error.kind)) for (const name of OF_PHONE) await giveBackRate(name, subjectOf(phone));
    if (error.kind === "rejected") throw wrong("phone", "cannot be reached by text message");
    const retryAfterSeconds = Math.ceil((error.retryAfterMs ?? 30_000) / 1000);
    const words = "The code could not be sent just now. Try again in a little while.";
    throw new AppError("vendor_unavailable", words, { cause: error, retryAfterSeconds });
  }
  // After the sending: whoever dies in between leaves a code that opens nothing, and the phone from before still hears of leads.
  await keepCode(ctx, person, phone, code);
  return inTenant(ctx, (tx) => readAlerts(tx, ctx, person));
}

async function keepCode(ctx: Ctx, person: Person, phone: string, code: string): Promise<void> {
  const now = ctx.clock.now();
  const key = { tenantId: ctx.tenantId, userId: person.id };
  const row = {
    byText: false,
    phoneCipher: sealPhone(ctx, person.id, phone),
    phoneConfirmedAt: null,
    codeHash: digestOf(ctx, person.id, phone, code),
    codeUntil: new Date(now.getTime() + CODE_MS),
    codeTries: 0,
    updatedAt: now,
  };
  await inTenant(ctx, async (tx) => {
    await lockOwnRow(tx, ctx, person);
    await tx.alertChoice.upsert({ where: { tenantId_userId: key }, create: { ...key, ...row }, update: row });
    await recordEvent(tx, ctx, { type: "user.alert_code_sent", data: { userId: person.id } });
  });
}
