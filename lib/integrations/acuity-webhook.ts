import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * True when the signature of a webhook is that of one of these keys over these very bytes: base64 of HMAC-SHA256. Acuity does not say which secret signs for
 * accounts that were connected by OAuth, so there may be several candidates. No time is signed: what is told may be old, and has to be looked up.
 */
export function isSignedByAcuity(raw: Uint8Array, signature: string | null, keys: readonly string[]): boolean {
  const given = Buffer.from(signature ?? "", "utf8");
  // Every key is tried, so that the time taken does not tell which one it was.
  return keys
    .filter((key) => key !== "")
    .map((key) => Buffer.from(createHmac("sha256", key).update(raw).digest("base64"), "utf8"))
    .map((expected) => expected.length === given.length && timingSafeEqual(expected, given))
    .includes(true);
}
