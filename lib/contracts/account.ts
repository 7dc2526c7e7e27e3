import { z } from "zod";
import { text, visibleText } from "@/lib/core/text";

const instant = z.string();
/** As typed: not trimmed, since a space can be part of a password. */
const typedPassword = z
  .string()
  .max(1024)
  .refine((value) => value.isWellFormed(), "must not contain a lone surrogate");
/** Six digits of an authenticator, or a recovery code; spaces and dashes do not count. */
const code = text(40);

/** What a browser answers when a passkey signs (`PublicKeyCredential.toJSON()`); checked in detail by the WebAuthn library. */
const credential = z.looseObject({
  id: z.string().max(2000),
  type: z.literal("public-key"),
  response: z.looseObject({}),
});

/** The body of `POST /api/account/step-up`: one of a code, a recovery code or a passkey's answer. */
export const StepUp = z.union([
  z.strictObject({ code }),
  z.strictObject({ recoveryCode: code }),
  z.strictObject({ passkey: credential }),
]);
export type StepUp = z.infer<typeof StepUp>;

/** The reply to a step-up: until when the factor counts as fresh. */
export const SteppedUp = z.strictObject({ freshUntil: instant });
export type SteppedUp = z.infer<typeof SteppedUp>;

/** What `navigator.credentials` is asked with (`PublicKeyCredential...OptionsJSON`), from the WebAuthn library as it is. */
export const PasskeyOptions = z.looseObject({ challenge: z.string() });
export type PasskeyOptions = z.infer<typeof PasskeyOptions>;

/** A passkey of the signed-in user. `isUsableHere`: it was made on this host. */
export const PasskeyDto = z.strictObject({
  id: z.string(),
  name: z.string(),
  createdAt: instant,
  lastUsedAt: instant.nullable(),
  isUsableHere: z.boolean(),
});
export type PasskeyDto = z.infer<typeof PasskeyDto>;

/** The body of `POST /api/account/passkeys`. */
export const AddPasskey = z.strictObject({ name: visibleText(60), credential });
export type AddPasskey = z.infer<typeof AddPasskey>;

/** The body of `PATCH /api/account/passkeys/{id}`. */
export const RenamePasskey = z.strictObject({ name: visibleText(60) });
export type RenamePasskey = z.infer<typeof RenamePasskey>;

/** A session of a user: where and since when. */
export const SessionDto = z.strictObject({
  id: z.string(),
  createdAt: instant,
  lastSeenAt: instant,
  expiresAt: instant,
  /** The browser as it named itself, at most 300 characters. */
  userAgent: z.string().nullable(),
  isThisOne: z.boolean(),
});
export type SessionDto = z.infer<typeof SessionDto>;

/** The signed-in person: `GET /api/account`. */
export const AccountDto = z.strictObject({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.string(),
  passwordChangedAt: instant.nullable(),
  authenticatorSince: instant.nullable(),
  recoveryCodesLeft: z.int(),
  passkeys: z.array(PasskeyDto),
  sessions: z.array(SessionDto),
  /** The step-up still counts until then; null = a change will ask for a code. */
  freshUntil: instant.nullable(),
});
export type AccountDto = z.infer<typeof AccountDto>;

/** The body of `PATCH /api/account`. */
export const ChangeProfile = z.strictObject({ name: visibleText(120) });
export type ChangeProfile = z.infer<typeof ChangeProfile>;

/** The body of `POST /api/account/password`; ends every other session of the user. */
export const ChangePassword = z.strictObject({ current: typedPassword, password: typedPassword });
export type ChangePassword = z.infer<typeof ChangePassword>;

/** An authenticator that waits for its first code. `qr` is an SVG as a data URI; `secret` is base32, for typing. */
export const TotpOffer = z.strictObject({ secret: z.string(), uri: z.string(), qr: z.string() });
export type TotpOffer = z.infer<typeof TotpOffer>;

/** The body of `POST /api/account/totp/confirm`. */
export const ConfirmTotp = z.strictObject({ code });
export type ConfirmTotp = z.infer<typeof ConfirmTotp>;

/** Ten recovery codes, shown once; those from before no longer work. */
export const RecoveryCodes = z.strictObject({ codes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof RecoveryCodes>;

/** What a one-time link is for: to join the firm, to choose a new password, to set up a new authenticator. */
export const LINK_PURPOSES = ["join", "password", "factor"] as const;
export type LinkPurpose = (typeof LINK_PURPOSES)[number];

/** The two parts of a one-time link, as its page sends them back: `<user id>.<secret>`. */
const link = text(200);

/** The body of `POST /api/join`: all of it counts together or not at all. Opens a session. */
export const JoinFirm = z.strictObject({ link, name: visibleText(120), password: typedPassword, code });
export type JoinFirm = z.infer<typeof JoinFirm>;

/** The body of `POST /api/recover/password`. Opens no session: signing in still takes the second factor. */
export const RecoverPassword = z.strictObject({ link, password: typedPassword });
export type RecoverPassword = z.infer<typeof RecoverPassword>;

/** The body of `POST /api/recover/factor`: the link, the password and the first code of the new authenticator. Opens a session. */
export const RecoverFactor = z.strictObject({ link, password: typedPassword, code });
export type RecoverFactor = z.infer<typeof RecoverFactor>;

/** The body of `POST /api/join/offer` and `/api/recover/factor/offer`: the authenticator to scan. The same one again for the same browser. */
export const AskOffer = z.strictObject({ link });
export type AskOffer = z.infer<typeof AskOffer>;
