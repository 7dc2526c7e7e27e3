/** Greatest bail amount accepted, in cents: $100 million. Above that a form is misread, not expensive. */
export const MAX_BAIL_CENTS = 10_000_000_000;

/**
 * Whole cents of a printed dollar amount such as `$7,500.00`, `7500`, `$0`; null when the text is not an amount.
 * Never goes through floating point.
 */
export function parseCents(printed: string): number | null {
  const match = /^\s*\$?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?\s*$/.exec(printed);
  if (!match) return null;
  const cents = Number((match[1] ?? "").replaceAll(",", "")) * 100 + Number((match[2] ?? "0").padEnd(2, "0"));
  return Number.isSafeInteger(cents) && cents <= MAX_BAIL_CENTS ? cents : null;
}

/** `$7,500` or `$7,500.50`: cents are printed only when there are any. */
export function formatCents(cents: number): string {
  const dollars = Math.trunc(cents / 100).toLocaleString("en-US");
  const rest = Math.abs(cents % 100);
  return rest === 0 ? `$${dollars}` : `$${dollars}.${String(rest).padStart(2, "0")}`;
}
