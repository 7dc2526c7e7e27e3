/** A number as the stand-in reads it: E.164 parts, and whether its length fits the North American plan. */
export type ReadNumber = {
  e164: string;
  callingCode: string;
  country: string | null;
  national: string;
  length: "fits" | "short" | "long";
};

const COUNTRIES: readonly (readonly [string, string])[] = [
  ["1", "US"],
  ["52", "MX"],
  ["44", "GB"],
];

/** Reads E.164 or a national number of the United States; null when there is no number in the text. */
export function readNumber(text: string): ReadNumber | null {
  const digits = text.replaceAll(/[\s().-]/g, "");
  if (!/^\+?\d{1,20}$/.test(digits)) return null;
  const international = digits.startsWith("+")
    ? digits.slice(1)
    : digits.length === 11 && digits.startsWith("1")
      ? digits
      : `1${digits}`;
  const [callingCode, country] = COUNTRIES.find(([code]) => international.startsWith(code)) ?? [
    international.slice(0, 2),
    null,
  ];
  const rest = international.slice(callingCode.length);
  const length = callingCode !== "1" || rest.length === 10 ? "fits" : rest.length < 10 ? "short" : "long";
  const national =
    callingCode === "1" && length === "fits" ? `(${rest.slice(0, 3)}) ${rest.slice(3, 6)}-${rest.slice(6)}` : rest;
  return { e164: `+${international}`, callingCode, country, national, length };
}
