import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  verifyAuthenticationResponse,
} from "@simplewebauthn/server";
import type { PasskeyOptions } from "@/lib/contracts/account";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";

/** Where a passkey is used: the exact origin of the firm's pages, and its host without the port. Both ours, never what a client wrote. */
export type PasskeySite = { origin: string; rpId: string };

/** The site of an origin of ours. */
export const passkeySite = (origin: string): PasskeySite => ({ origin, rpId: new URL(origin).hostname });

/** What a browser answered when it was asked to sign, as it came. */
export type ShownCredential = { id: string };

/**
 * What a browser is asked to sign with. It names no credential: the device finds its own, and nobody learns who has one. The caller stores the challenge
 * where it can be taken once.
 */
export async function newAssertionOptions(site: PasskeySite): Promise<PasskeyOptions> {
  const options = await generateAuthenticationOptions({ rpID: site.rpId, userVerification: "required" });
  return { ...options, allowCredentials: [] };
}

/** Who signs, what they were to sign, and where. */
export type PasskeyProof = {
  userId: string | null;
  credential: ShownCredential;
  challenge: string | null;
  site: PasskeySite;
};

type Row = { id: string; publicKey: string; signCount: bigint };
const CREDENTIAL_ID = /^[A-Za-z0-9_-]{1,1400}$/;

/**
 * True when the answer is signed by a passkey of this user that was made on this host: over this challenge, on this origin exactly, by a person whom the
 * device verified, and with a counter that went on. The caller has taken the challenge from where it was kept, so that it cannot be answered twice.
 */
export async function takePasskey(tx: Tx, ctx: Ctx, proof: PasskeyProof): Promise<boolean> {
  const { userId, credential, challenge, site } = proof;
  const { tenantId } = ctx;
  if (!CREDENTIAL_ID.test(credential.id)) return false;
  const [row] = await tx.$queryRaw<Row[]>`
    SELECT id, public_key AS "publicKey", sign_count AS "signCount" FROM passkey
    WHERE tenant_id = ${tenantId}::uuid AND user_id = ${userId}::uuid AND credential_id = ${credential.id}
      AND rp_id = ${site.rpId}`;
  if (!row || challenge === null) return false;
  const newCount = await signedCount(credential, challenge, site, row);
  if (newCount === null) return false;
  const noted = await tx.$executeRaw`
    UPDATE passkey SET sign_count = ${newCount}::bigint, last_used_at = ${ctx.clock.now()}
    WHERE tenant_id = ${tenantId}::uuid AND id = ${row.id}::uuid
      AND (sign_count < ${newCount}::bigint OR (sign_count = 0 AND ${newCount}::bigint = 0))`;
  return noted === 1;
}

/** The counter of an answer that holds in every point, else null: the library says no by throwing, also at what is no answer at all. */
async function signedCount(
  credential: ShownCredential,
  challenge: string,
  { origin, rpId }: PasskeySite,
  row: Row,
): Promise<number | null> {
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: credential as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      credential: {
        id: credential.id,
        publicKey: new Uint8Array(Buffer.from(row.publicKey, "base64url")),
        counter: Number(row.signCount),
      },
    });
    return verified && !isFramed(credential) ? authenticationInfo.newCounter : null;
  } catch {
    return null;
  }
}

/** Whether the browser says that it was asked from within another page, which the library lets pass while no page is named. */
export function isFramed(credential: ShownCredential): boolean {
  const { clientDataJSON } = (credential as AuthenticationResponseJSON).response;
  return (
    (JSON.parse(Buffer.from(clientDataJSON, "base64url").toString("utf8")) as { crossOrigin?: unknown }).crossOrigin ===
    true
  );
}
