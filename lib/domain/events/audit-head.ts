import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { z } from "zod";
import { requireEnv } from "@/lib/platform/env";

const sequence = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * The end of a firm's chain at a moment, signed. Kept outside the database, it shows later whether that chain still goes through it. `events` were
 * sealed by then: as many as `sequence` says, counted.
 */
export const AuditHead = z.strictObject({
  tenantId: z.uuid(),
  sequence,
  hash,
  events: z.int().min(0),
  signedAt: z.iso.datetime(),
  kid: z.string(),
  /** Ed25519 over `signedText`, base64url. */
  signature: z.string(),
});
export type AuditHead = z.infer<typeof AuditHead>;

type UnsignedHead = Omit<AuditHead, "kid" | "signature">;

/** What is signed: a line that nothing else of ours could be mistaken for. */
const signedText = (head: Omit<AuditHead, "signature">): Buffer =>
  Buffer.from(
    JSON.stringify([
      "arrestra audit head 1",
      head.tenantId,
      head.sequence,
      head.hash,
      head.events,
      head.signedAt,
      head.kid,
    ]),
  );

/** The frame in which Node takes an Ed25519 seed of 32 bytes (RFC 8410). */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

function signingKeys(): [kid: string, key: KeyObject][] {
  return requireEnv("AUDIT_SIGNING_KEYS")
    .split(",")
    .map((entry) => {
      const [kid = "", seed = ""] = entry.split(":");
      const der = Buffer.concat([PKCS8, Buffer.from(seed, "base64")]);
      return [kid, createPrivateKey({ key: der, format: "der", type: "pkcs8" })];
    });
}

/** Signs with the first key of AUDIT_SIGNING_KEYS, and gives that key's public half as PEM. */
export function signAuditHead(head: UnsignedHead): { head: AuditHead; publicKey: string } {
  const [kid, key] = signingKeys()[0] as [string, KeyObject];
  const named = { ...head, kid };
  return {
    head: { ...named, signature: sign(null, signedText(named), key).toString("base64url") },
    publicKey: createPublicKey(key).export({ type: "spki", format: "pem" }).toString(),
  };
}

/**
 * Whether a key of AUDIT_SIGNING_KEYS signed this head. A key that only lies beside the heads proves nothing: who can put in a head can put in a key.
 */
export function isSignedByUs(head: AuditHead): boolean {
  const key = signingKeys().find(([kid]) => kid === head.kid)?.[1];
  return (
    key !== undefined && verify(null, signedText(head), createPublicKey(key), Buffer.from(head.signature, "base64url"))
  );
}
