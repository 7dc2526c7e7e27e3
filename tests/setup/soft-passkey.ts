import { createHash, createSign, generateKeyPairSync, randomBytes, type webcrypto } from "node:crypto";
import { cose, isoCBOR } from "@simplewebauthn/server/helpers";
import type { AddPasskey, PasskeyOptions } from "@/lib/contracts/account";

/** What a device says of itself when it answers; what an attack changes. */
type Says = { origin: string; rpId?: string; isVerified?: boolean; challenge?: string; crossOrigin?: boolean };

/** A passkey of a device made of software: it answers like a phone, with real signatures. `create` registers it, `get` signs with it. */
export type SoftPasskey = {
  id: string;
  create: (options: PasskeyOptions, says: Says) => AddPasskey["credential"];
  get: (options: PasskeyOptions, says: Says) => AddPasskey["credential"];
};

const FLAGS = { present: 0x01, verified: 0x04, hasCredential: 0x40 };
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const sha256 = (bytes: Uint8Array | string): Buffer => createHash("sha256").update(bytes).digest();

/** A new passkey, with a key of its own and a counter that goes on. */
export function softPasskey(): SoftPasskey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" }) as webcrypto.JsonWebKey;
  const id = randomBytes(32);
  let counter = 0;
  const clientData = (type: string, options: PasskeyOptions, { origin, challenge, crossOrigin = false }: Says) =>
    Buffer.from(JSON.stringify({ type, challenge: challenge ?? options.challenge, origin, crossOrigin }));
  const authData = ({ origin, rpId, isVerified = true }: Says, more: Uint8Array = new Uint8Array()) => {
    counter++;
    const flags = FLAGS.present | (isVerified ? FLAGS.verified : 0) | (more.length > 0 ? FLAGS.hasCredential : 0);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(rpId ?? new URL(origin).hostname), Buffer.from([flags]), count, more]);
  };
  const answer = (response: Record<string, unknown>): AddPasskey["credential"] => ({
    id: base64url(id),
    rawId: base64url(id),
    type: "public-key",
    clientExtensionResults: {},
    response,
  });
  return {
    id: base64url(id),
    create: (options, says) => {
      const key = isoCBOR.encode(
        new Map<number, number | Uint8Array>([
          [cose.COSEKEYS.kty, cose.COSEKTY.EC2],
          [cose.COSEKEYS.alg, cose.COSEALG.ES256],
          [cose.COSEKEYS.crv, cose.COSECRV.P256],
          [cose.COSEKEYS.x, new Uint8Array(Buffer.from(x, "base64url"))],
          [cose.COSEKEYS.y, new Uint8Array(Buffer.from(y, "base64url"))],
        ]),
      );
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, id, key]);
      const attestation = isoCBOR.encode(
        new Map<string, string | Map<string, string> | Uint8Array>([
          ["fmt", "none"],
          ["attStmt", new Map<string, string>()],
          ["authData", new Uint8Array(authData(says, attested))],
        ]),
      );
      return answer({
        clientDataJSON: base64url(clientData("webauthn.create", options, says)),
        attestationObject: base64url(attestation),
        transports: ["internal"],
      });
    },
    get: (options, says) => {
      const data = clientData("webauthn.get", options, says);
      const auth = authData(says);
      const signature = createSign("sha256")
        .update(Buffer.concat([auth, sha256(data)]))
        .sign(privateKey);
      return answer({
        clientDataJSON: base64url(data),
        authenticatorData: base64url(auth),
        signature: base64url(signature),
      });
    },
  };
}
