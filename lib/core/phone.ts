import { parsePhoneNumberFromString } from "libphonenumber-js/min";

/** E.164 text (`+15125550142`) of a number as people write it, United States by default; null when it cannot be a number. */
export function normalizePhone(value: string): string | null {
  const parsed = parsePhoneNumberFromString(value.trim(), "US");
  return parsed?.isPossible() ? parsed.number : null;
}

/** Like `normalizePhone`, for numbers of the United States alone: `+1` is also that of islands where a text costs many times as much. */
export function normalizeUsPhone(value: string): string | null {
  const parsed = parsePhoneNumberFromString(value.trim(), "US");
  return parsed?.country === "US" && parsed.isPossible() ? parsed.number : null;
}

/** `(512) 555-0142` for US numbers, the international form for others; the text itself when it is no number. */
export function formatPhone(e164: string): string {
  const parsed = parsePhoneNumberFromString(e164);
  if (!parsed) return e164;
  return parsed.countryCallingCode === "1" ? parsed.formatNational() : parsed.formatInternational();
}
