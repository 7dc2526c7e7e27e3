import { z } from "zod";
import { text } from "@/lib/core/text";

/** `GET /api/account/alerts`: whether and how the caller hears of new HOT leads. */
export const AlertsDto = z.strictObject({
  /** What carries alerts here: nothing, the pages of the sandbox, or the real services. */
  carrier: z.enum(["off", "sandbox", "aws"]),
  byMail: z.boolean(),
  byText: z.boolean(),
  /** Where mail goes: the address that one signs in with. */
  email: z.string(),
  /** The phone by its last four digits; null without one. `codeUntil` while a code is waited for. */
  phone: z.strictObject({ ending: z.string(), isConfirmed: z.boolean(), codeUntil: z.string().nullable() }).nullable(),
});
export type AlertsDto = z.infer<typeof AlertsDto>;

/** The body of `PATCH /api/account/alerts`; what is left out stays. */
export const ChangeAlerts = z
  .strictObject({ byMail: z.boolean().optional(), byText: z.boolean().optional() })
  .refine(({ byMail, byText }) => byMail !== undefined || byText !== undefined, "must change something");
export type ChangeAlerts = z.infer<typeof ChangeAlerts>;

/** The body of `POST /api/account/alerts/phone`: a number of the United States, as people write it. */
export const GiveAlertPhone = z.strictObject({ phone: text(40) });
export type GiveAlertPhone = z.infer<typeof GiveAlertPhone>;

/** The body of `POST /api/account/alerts/phone/confirm`: the six digits that came by text. */
export const ConfirmAlertPhone = z.strictObject({ code: text(20) });
export type ConfirmAlertPhone = z.infer<typeof ConfirmAlertPhone>;
