import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/** PostgreSQL's own number (scram_iterations). */
const ROUNDS = 4096;
/** These are the same in every normal form: what is hashed here is what a driver will hash. */
const PLAIN = /^[\x21-\x7e]+$/;

/**
 * What PostgreSQL keeps of a password (RFC 5802), made here: the password itself is in no statement, so neither the server's log nor a view of running
 * statements can show it.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  if (!PLAIN.test(password)) throw new Error("A password holds something else than plain letters, digits and signs.");
  const salted = pbkdf2Sync(password, salt, ROUNDS, 32, "sha256");
  const hmac = (text: string) => createHmac("sha256", salted).update(text).digest();
  const stored = createHash("sha256").update(hmac("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${ROUNDS}:${salt.toString("base64")}$${stored}:${hmac("Server Key").toString("base64")}`;
}
