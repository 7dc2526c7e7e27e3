import type { Fault } from "../http/faults";

/** The kinds of line that Lookup v2 tells apart. */
export type LineType =
  | "landline"
  | "mobile"
  | "fixedVoip"
  | "nonFixedVoip"
  | "personal"
  | "tollFree"
  | "premium"
  | "sharedCost"
  | "uan"
  | "voicemail"
  | "pager"
  | "unknown";

export type ValidationError =
  | "TOO_SHORT"
  | "TOO_LONG"
  | "INVALID_BUT_POSSIBLE"
  | "INVALID_COUNTRY_CODE"
  | "INVALID_LENGTH"
  | "NOT_A_NUMBER";

/** What the stand-in says about a number. */
export type TwilioOutcome =
  | { line: LineType | null; carrier?: string; mobileCodes?: readonly [string, string] }
  | { invalid: ValidationError }
  | { packageError: number }
  | { status: 404 }
  | { fault: Fault };

const mobile = (carrier: string, networkCode: string): TwilioOutcome => ({
  line: "mobile",
  carrier,
  mobileCodes: ["999", networkCode],
});

/**
 * What is said about a number, by its last four digits: 555-01xx is set aside for fiction. Every number that is not here is a valid mobile.
 * Carriers are invented; 999 is a mobile country code that no country has.
 */
export const TWILIO_OUTCOMES: Readonly<Record<string, TwilioOutcome>> = {
  "0100": mobile("Fictel Wireless", "01"),
  "0101": { line: "landline", carrier: "Placeholder Bell" },
  "0102": { line: "fixedVoip", carrier: "Specimen Cable Voice" },
  "0103": { line: "nonFixedVoip", carrier: "Cloud Ejemplo" },
  "0104": { line: "tollFree" },
  "0105": { line: "personal" },
  "0106": { line: "premium" },
  "0107": { line: "sharedCost" },
  "0108": { line: "uan" },
  "0109": { line: "voicemail" },
  "0110": { line: "pager" },
  "0111": { line: "unknown" },
  "0112": { line: null },
  "0113": mobile("T-Mock", "02"),
  "0114": mobile("Sampleton Cellular", "03"),

  "0120": { invalid: "TOO_SHORT" },
  "0121": { invalid: "TOO_LONG" },
  "0122": { invalid: "INVALID_BUT_POSSIBLE" },
  "0123": { invalid: "INVALID_COUNTRY_CODE" },
  "0124": { invalid: "INVALID_LENGTH" },
  "0125": { invalid: "NOT_A_NUMBER" },
  "0126": { status: 404 },

  "0130": { packageError: 60600 },
  "0131": { packageError: 60601 },
  "0132": { packageError: 60606 },
  "0133": { packageError: 60607 },
  "0134": { packageError: 60610 },
  "0135": { packageError: 60614 },
  "0136": { packageError: 60619 },

  "0140": { fault: { kind: "throttle", retryAfterSeconds: 1 } },
  "0141": { fault: { kind: "throttle" } },
  "0142": { fault: { kind: "error" } },
  "0143": { fault: { kind: "unavailable", retryAfterSeconds: 2 } },
  "0144": { fault: { kind: "slow" } },
  "0145": { fault: { kind: "garbage" } },
  "0146": { fault: { kind: "reset" } },
  "0147": { fault: { kind: "truncate" } },
  "0148": { fault: { kind: "huge" } },
};

export const DEFAULT_TWILIO_OUTCOME: TwilioOutcome = mobile("Fictel Wireless", "01");
