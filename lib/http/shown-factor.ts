import { StepUp } from "@/lib/contracts/account";
import type { ShownFactor } from "@/lib/domain/auth/second-factor";

/** The fields of the sign-in forms. `passkey` is what the browser answered, as JSON. */
export type SignInForm = Partial<Record<"email" | "password" | "code" | "recoveryCode" | "passkey", string>>;

/**
 * The factor in a form: of its factor fields the one that says something. Null when the form has none, or only empty ones beside a password: then it is the
 * first step. What cannot be read is a factor that nobody has, and ends like a wrong one.
 */
export function shownFactor(form: SignInForm): ShownFactor | null {
  if (form.passkey) return parse({ passkey: parseJson(form.passkey) }) ?? NO_PASSKEY;
  if (form.recoveryCode) return parse({ recoveryCode: form.recoveryCode }) ?? { recoveryCode: "" };
  if (form.code) return parse({ code: form.code }) ?? NO_CODE;
  const isSecondStep = [form.passkey, form.recoveryCode, form.code].some((field) => field !== undefined);
  return isSecondStep && form.password === undefined ? NO_CODE : null;
}

const NO_CODE: ShownFactor = { code: "" };
const NO_PASSKEY: ShownFactor = { passkey: { id: "", type: "public-key", response: {} } };

const parse = (shown: unknown): ShownFactor | undefined => StepUp.safeParse(shown).data;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
