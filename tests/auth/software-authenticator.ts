import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from "@simplewebauthn/server";

/** What an attacker's device would say in place of the truth. */
export type Lies = {
  rpId?: string;
  challenge?: string;
  type?: string;
  count?: number;
  isVerified?: boolean;
  isPresent?: boolean;
  crossOrigin?: boolean;
  credentialId?: string;
};

type Passkey = { id: string; rpId: string; privateKey: KeyObject; coseKey: Buffer; userHandle: string; count: number };

/** A security key in software: makes P-256 passkeys and signs with them, as a browser with a device would answer. */
export type SoftwareAuthenticator = {
  /** Makes a passkey, with "none" attestation. */
  create: (options: CreateOptions, origin: string, lies?: Lies) => RegistrationResponseJSON;
  /** Signs with the newest passkey for the relying party. */
  get: (options: GetOptions, origin: string, lies?: Lies) => AuthenticationResponseJSON;
  /** The public key of a passkey, in COSE, base64url: what a server stores. */
  publicKeyOf: (credentialId: string) => string;
};

type CreateOptions = Pick<PublicKeyCredentialCreationOptionsJSON, "challenge" | "user"> & { rp: { id?: string } };
type GetOptions = Pick<PublicKeyCredentialRequestOptionsJSON, "challenge" | "rpId">;

const PRESENT = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;

const sha256 = (value: string | Buffer): Buffer => createHash("sha256").update(value).digest();
const base64url = (value: Buffer | string): string => Buffer.from(value).toString("base64url");

/** CBOR by hand, as far as a passkey needs it. */
const cborText = (text: string): Buffer => Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)]);
const cborBytes = (bytes: Buffer): Buffer =>
  Buffer.concat([
    bytes.length < 24
      ? Buffer.from([0x40 + bytes.length])
      : bytes.length < 256
        ? Buffer.from([0x58, bytes.length])
        : Buffer.from([0x59, bytes.length >> 8, bytes.length & 255]),
    bytes,
  ]);

/** A P-256 public key for ES256: {1: 2, 3: -7, -1: 1, -2: x, -3: y}. */
function coseKeyOf(publicKey: KeyObject): Buffer {
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const point = (value: string) => cborBytes(Buffer.from(value, "base64url"));
  const head = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]);
  return Buffer.concat([head, point(x), Buffer.from([0x22]), point(y)]);
}

function authenticatorData(passkey: Passkey, lies: Lies, attested = Buffer.alloc(0)): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(lies.count ?? passkey.count);
  const flags =
    (lies.isPresent === false ? 0 : PRESENT) |
    (lies.isVerified === false ? 0 : VERIFIED) |
    (attested.length > 0 ? ATTESTED : 0);
  return Buffer.concat([sha256(lies.rpId ?? passkey.rpId), Buffer.from([flags]), count, attested]);
}

const clientData = (type: string, challenge: string, origin: string, lies: Lies): Buffer =>
  Buffer.from(
    JSON.stringify({
      type: lies.type ?? type,
      challenge: lies.challenge ?? challenge,
      origin,
      crossOrigin: lies.crossOrigin ?? false,
    }),
  );

/** A new authenticator with no passkey in it. */
export function softwareAuthenticator(): SoftwareAuthenticator {
  const passkeys: Passkey[] = [];
  const find = (id: string): Passkey => {
    const found = passkeys.find((each) => each.id === id);
    if (!found) throw new Error("this authenticator has no such passkey");
    return found;
  };
  return {
    create: (options, origin, lies = {}) => {
      const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const id = randomBytes(32);
      const passkey: Passkey = {
        id: base64url(id),
        rpId: options.rp.id ?? new URL(origin).hostname,
        privateKey,
        coseKey: coseKeyOf(publicKey),
        userHandle: options.user.id,
        count: 0,
      };
      passkeys.push(passkey);
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, passkey.coseKey]);
      const attestationObject = Buffer.concat([
        Buffer.from([0xa3]),
        cborText("fmt"),
        cborText("none"),
        cborText("attStmt"),
        Buffer.from([0xa0]),
        cborText("authData"),
        cborBytes(authenticatorData(passkey, lies, attested)),
      ]);
      return {
        id: passkey.id,
        rawId: passkey.id,
        type: "public-key",
        authenticatorAttachment: "platform",
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(clientData("webauthn.create", options.challenge, origin, lies)),
          attestationObject: base64url(attestationObject),
          transports: ["internal"],
        },
      };
    },
    get: (options, origin, lies = {}) => {
      const rpId = options.rpId ?? new URL(origin).hostname;
      const passkey = passkeys.findLast((each) => each.rpId === rpId);
      if (!passkey) throw new Error(`this authenticator has no passkey for ${rpId}`);
      passkey.count += 1;
      const data = authenticatorData(passkey, lies);
      const said = clientData("webauthn.get", options.challenge, origin, lies);
      const signature = sign("sha256", Buffer.concat([data, sha256(said)]), passkey.privateKey);
      const id = lies.credentialId ?? passkey.id;
      return {
        id,
        rawId: id,
        type: "public-key",
        authenticatorAttachment: "platform",
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(said),
          authenticatorData: base64url(data),
          signature: base64url(signature),
          userHandle: passkey.userHandle,
        },
      };
    },
    publicKeyOf: (credentialId) => base64url(find(credentialId).coseKey),
  };
}
