import { createHmac } from "node:crypto";
import { sameSecret } from "@/lib/core/secret";

/**
 * True when the signature of a webhook is that of one of these keys over these very bytes: base64 of HMAC-SHA256. Acuity does not say which secret signs for
 * accounts that were connected by OAuth, so there may be several candidates. No time is signed: what is told may be old, and has to be looked up.
 */
export function isSignedByAcuity(raw: Uint8Array, signature: string | null, keys: readonly string[]): boolean {
  // Every key is tried, so that the time taken does not tell which one it was.
  return keys
    .filter((key) => key !== "")
    .map((key) => sameSecret(createHmac("sha256", key).update(raw).digest("base64"), signature ?? ""))
    .includes(true);
}
