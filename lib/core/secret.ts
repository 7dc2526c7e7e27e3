import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";

/** A tenant API key as text: `arl_live_<kid>_<secret>_<crc>`; the checksum refuses garbage before any database question. */
export type ApiKeyParts = { kid: string; secret: string };

const KEY = /^arl_live_([0-9a-z]{12})_([0-9A-Za-z]{43})_([0-9a-f]{8})$/;
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const checksum = (body: string): string => crc32(body).toString(16).padStart(8, "0");

function randomText(length: number, alphabet = LETTERS): string {
  let out = "";
  // Bytes at or above the limit are refused, so that every letter stays equally likely.
  const limit = 256 - (256 % alphabet.length);
  while (out.length < length) {
    for (const byte of randomBytes(length * 2)) {
      if (byte < limit && out.length < length) out += alphabet[byte % alphabet.length];
    }
  }
  return out;
}

/** A new key. The text is shown once; only `kid` and `secretHash` are stored. */
export function mintApiKey(): { text: string; kid: string; secretHash: string } {
  const kid = randomText(12, LETTERS.slice(0, 10) + LETTERS.slice(36));
  const secret = randomText(43);
  const body = `arl_live_${kid}_${secret}`;
  return { text: `${body}_${checksum(body)}`, kid, secretHash: sha256(secret) };
}

/** The parts of a key, or null when the text is no key of ours (wrong shape or checksum). */
export function parseApiKey(text: string): ApiKeyParts | null {
  const match = KEY.exec(text);
  if (!match) return null;
  const [, kid = "", secret = "", crc = ""] = match;
  return checksum(`arl_live_${kid}_${secret}`) === crc ? { kid, secret } : null;
}

/** Hex SHA-256 of a text. */
export const sha256 = (value: string): string => createHash("sha256").update(value).digest("hex");

/** Compares two equal-meaning texts in constant time. */
export function sameSecret(a: string, b: string): boolean {
  const left = Buffer.from(sha256(a));
  const right = Buffer.from(sha256(b));
  return timingSafeEqual(left, right);
}

/** A random URL-safe token with `bytes` bytes of entropy. */
export const randomToken = (bytes = 32): string => randomBytes(bytes).toString("base64url");
