import { AppError } from "@/lib/core/errors";
import { blindIndex } from "@/lib/platform/crypto";
import type { Ctx } from "../../context/ctx";

/** How long a code counts. */
export const CODE_MS = 10 * 60_000;
/** How often it may be typed wrong. */
export const CODE_TRIES = 5;

/** What is kept of a code. Six digits could all be tried against a plain hash: this one needs our key, and counts for one person and one phone. */
export const digestOf = ({ tenantId }: Ctx, userId: string, phone: string, code: string): string =>
  blindIndex(`${userId}|${phone}|${code}`, { tenantId, purpose: "alert-code" });

/** The refusal of what was typed. */
export const wrong = (name: string, reason: string): AppError =>
  new AppError("unprocessable", `${name} ${reason}.`, { invalidParams: [{ name, reason }] });
