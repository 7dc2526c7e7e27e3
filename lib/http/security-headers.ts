import { env } from "@/lib/platform/env";

/**
 * What every reply of a route handler carries: nothing in it is to be sniffed, framed, run or kept. Pages get their own policy, with a nonce, from
 * `middleware.ts`.
 */
export function securityHeaders(): Record<string, string> {
  return {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, no-store",
    vary: "Authorization, Cookie, X-API-Key",
    ...(env().APP_BASE_URL.startsWith("https:")
      ? { "strict-transport-security": "max-age=63072000; includeSubDomains" }
      : {}),
  };
}
