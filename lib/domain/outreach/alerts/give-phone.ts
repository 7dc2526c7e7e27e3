import { randomInt } from "node:crypto";
import type { AlertsDto, ConfirmAlertPhone, GiveAlertPhone } from "@/lib/contracts/alerts";
import { AppError, VendorError } from "@/lib/core/errors";
import { normalizeUsPhone } from "@/lib/core/phone";
import { sameSecret } from "@/lib/core/secret";
import { alertsOf } from "@/lib/platform/alerts";
import { blindIndex } from "@/lib/platform/crypto";
import { requireRate } from "@/lib/platform/rate-limit";
import { lockOwnRow, type Person, requireOwnAccount } from "../../auth/own-account";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requireFreshFactor } from "../../context/step-up";
import { recordEvent } from "../../events/record-events";
import { openPhone, sealPhone } from "./alert-phone";
import { nothingSent } from "./change-alerts";
import { readAlerts } from "./get-alerts";

/** How long a code counts, and how often it may be typed wrong. */
const CODE_MS = 10 * 60_000;
const CODE_TRIES = 5;

/** Six digits could all be tried against a plain hash: this one needs our key, and counts for one person and one phone. */
const digestOf = ({ tenantId }: Ctx, userId: string, phone: string, code: string): string =>
  blindIndex(`${userId}|${phone}|${code}`, { tenantId, purpose: "alert-code" });

/** A phone for the counters of all firms together: a number has too few digits for a plain digest, which anybody could try through. */
const subjectOf = (phone: string): string => blindIndex(phone, { tenantId: "every firm", purpose: "alert-code.phone" });

const wrong = (name: string, reason: string): AppError =>
  new AppError("unprocessable", `${name} ${reason}.`, { invalidParams: [{ name, reason }] });

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
  await requireRate("alert-code.phone", subjectOf(phone));
  await requireRate("alert-code.phone-day", subjectOf(phone));
  const code = String(randomInt(1_000_000)).padStart(6, "0");
  try {
    const text = `Your Arrestra code is ${code}. It works for 10 minutes. If you did not ask for it, do nothing.`;
    await post.text({ to: phone, text });
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
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

/**
 * Shows the code that came by text: from then on texts of new HOT leads go to that phone. A wrong try counts, whatever becomes of the rest. Needs `account:own`.
 * @throws AppError `unprocessable` naming `code`, `conflict` when no code is waited for any more.
 */
export async function confirmAlertPhone(ctx: Ctx, { code }: ConfirmAlertPhone): Promise<AlertsDto> {
  const person = requireOwnAccount(ctx);
  const now = ctx.clock.now();
  const where = { tenantId: ctx.tenantId, userId: person.id };
  const seen = await inTenant(ctx, async (tx) => {
    await lockOwnRow(tx, ctx, person);
    const open = { ...where, codeHash: { not: null }, codeUntil: { gt: now }, codeTries: { lt: CODE_TRIES } };
    const counted = await tx.alertChoice.updateMany({ where: open, data: { codeTries: { increment: 1 } } });
    if (counted.count === 0) return "over";
    const choice = await tx.alertChoice.findUniqueOrThrow({ where: { tenantId_userId: where } });
    const phone = openPhone(ctx, person.id, choice.phoneCipher ?? "");
    const typed = code.replaceAll(/[\s-]/g, "");
    if (!sameSecret(digestOf(ctx, person.id, phone, typed), choice.codeHash ?? "")) return "wrong";
    await tx.alertChoice.update({
      where: { tenantId_userId: where },
      data: { byText: true, phoneConfirmedAt: now, codeHash: null, codeUntil: null, codeTries: 0, updatedAt: now },
    });
    await recordEvent(tx, ctx, { type: "user.alert_phone_confirmed", data: { userId: person.id } });
    return readAlerts(tx, ctx, person);
  });
  if (seen === "over") throw new AppError("conflict", "No code is waited for any more. Have another one sent.");
  if (seen === "wrong") throw wrong("code", "is not the one that was sent");
  return seen;
}

/** Forgets the caller's phone: no text goes there any more. Without one nothing happens. Needs `account:own`. */
export async function removeAlertPhone(ctx: Ctx): Promise<void> {
  const person = requireOwnAccount(ctx);
  await inTenant(ctx, async (tx) => {
    await lockOwnRow(tx, ctx, person);
    const none = { byText: false, phoneCipher: null, phoneConfirmedAt: null, codeHash: null, codeUntil: null };
    const removed = await tx.alertChoice.updateMany({
      where: { tenantId: ctx.tenantId, userId: person.id, phoneCipher: { not: null } },
      data: { ...none, codeTries: 0, updatedAt: ctx.clock.now() },
    });
    if (removed.count > 0)
      await recordEvent(tx, ctx, { type: "user.alert_phone_removed", data: { userId: person.id } });
  });
}
