import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { type Clock, systemClock } from "@/lib/core/clock";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { env } from "./env";

/** Our own processes, as a token names its sender. */
export const SERVICES = ["web", "worker", "scheduler", "lambda"] as const;
export type Service = (typeof SERVICES)[number];

/** To whom a token is addressed. */
export type ServiceAudience = "arrestra-web";

/** What a good token says. `id` is its own, for what may be done once; `subject` is on whose behalf, if the sender named one. */
export type ServiceClaims = { issuer: Service; subject: string | undefined; id: string };

/** How long a token is good for: long enough for one call, too short to be worth stealing. */
export const SERVICE_TOKEN_SECONDS = 60;
/** How far the clocks of two of our machines may be apart. */
const SKEW_SECONDS = 5;
/** Pinned: a token that names another algorithm, or none, is no token of ours. */
const ALGORITHM = "EdDSA";

/** Keys by their id: a list `kid:base64 of 32 bytes`, comma separated. */
type Ring = ReadonlyMap<string, KeyObject>;

// What stands before the 32 bytes of an Ed25519 key in PKCS #8 and SPKI (RFC 8410).
const SEED_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");
const PUBLIC_HEAD = Buffer.from("302a300506032b6570032100", "hex");

const entriesOf = (ring: string): [kid: string, bytes: Buffer][] =>
  ring.split(",").map((entry) => {
    const [kid = "", key = ""] = entry.split(":");
    return [kid, Buffer.from(key, "base64")];
  });
const der = (head: Buffer, bytes: Buffer) => ({ key: Buffer.concat([head, bytes]), format: "der" as const });
const privateRing = (ring: string): Ring =>
  new Map(entriesOf(ring).map(([kid, seed]) => [kid, createPrivateKey({ ...der(SEED_HEAD, seed), type: "pkcs8" })]));
const publicRing = (ring: string): Ring =>
  new Map(entriesOf(ring).map(([kid, key]) => [kid, createPublicKey({ ...der(PUBLIC_HEAD, key), type: "spki" })]));

/** The public halves of a list of signing keys, as `SERVICE_VERIFY_KEYS` wants them: all that a process needs which only checks. */
export const verifyKeysOf = (signingKeys: string): string =>
  [...privateRing(signingKeys)]
    .map(([kid, key]) => {
      const spki = createPublicKey(key).export({ format: "der", type: "spki" });
      return `${kid}:${spki.subarray(PUBLIC_HEAD.length).toString("base64")}`;
    })
    .join(",");

/** The keys of one process; `verifyKeys` are derived when only signing keys are given. */
export type ServiceKeys = { signingKeys?: string | undefined; verifyKeys?: string | undefined };

/** What a token is made of. */
export type NewServiceToken = { issuer: Service; audience: ServiceAudience; subject?: string };
/** Whom a token must be addressed to, and who may have sent it. */
export type ExpectedToken = { audience: ServiceAudience; issuers: readonly Service[] };

/** Signs and checks the tokens that our own processes show each other, with these keys. */
export function serviceTokens({ signingKeys, verifyKeys }: ServiceKeys, clock: Clock = systemClock) {
  const signers = signingKeys ? privateRing(signingKeys) : undefined;
  const known = verifyKeys ? publicRing(verifyKeys) : signingKeys ? publicRing(verifyKeysOf(signingKeys)) : undefined;
  return {
    /** A token for one call, signed with the first key. @throws AppError `not_configured` */
    async sign({ issuer, audience, subject }: NewServiceToken): Promise<string> {
      const [first] = signers ?? [];
      if (!first) throw notConfigured("SERVICE_SIGNING_KEYS");
      const [kid, key] = first;
      const now = Math.floor(clock.now().getTime() / 1000);
      const token = new SignJWT(subject === undefined ? {} : { sub: subject })
        .setProtectedHeader({ alg: ALGORITHM, kid, typ: "JWT" })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(now)
        .setExpirationTime(now + SERVICE_TOKEN_SECONDS)
        .setJti(newId());
      return token.sign(key);
    },
    /**
     * The claims of a token: signed by a key of the ring that it names, addressed to us, from one of these senders, now, and made for no longer than a
     * minute. @throws AppError `unauthenticated`, one sentence for every fault; `not_configured`
     */
    async verify(token: string, { audience, issuers }: ExpectedToken): Promise<ServiceClaims> {
      if (!known) throw notConfigured("SERVICE_VERIFY_KEYS");
      const keyOf = ({ kid }: { kid?: string }): KeyObject => {
        const key = kid === undefined ? undefined : known.get(kid);
        if (!key) throw new errors.JWKSNoMatchingKey();
        return key;
      };
      try {
        const { payload } = await jwtVerify(token, keyOf, {
          algorithms: [ALGORITHM],
          typ: "JWT",
          audience,
          issuer: [...issuers],
          requiredClaims: ["iss", "aud", "exp", "iat", "jti"],
          clockTolerance: SKEW_SECONDS,
          // Counted from `iat`, so that a token made for longer ends here all the same.
          maxTokenAge: SERVICE_TOKEN_SECONDS,
          currentDate: clock.now(),
        });
        const { iss, sub, jti, aud, exp = Number.NaN, iat = Number.NaN } = payload;
        const isForOneCall = exp - iat <= SERVICE_TOKEN_SECONDS && typeof aud === "string";
        if (!isForOneCall || typeof jti !== "string") throw new errors.JWTInvalid();
        return { issuer: iss as Service, subject: sub, id: jti };
      } catch (cause) {
        throw new AppError("unauthenticated", "The service token is not valid here.", { cause });
      }
    },
  };
}

const notConfigured = (name: string): AppError =>
  new AppError("not_configured", `Service tokens are off: ${name} is not set.`);

let own: ReturnType<typeof serviceTokens> | undefined;
function ownTokens(): ReturnType<typeof serviceTokens> {
  own ??= serviceTokens({ signingKeys: env().SERVICE_SIGNING_KEYS, verifyKeys: env().SERVICE_VERIFY_KEYS });
  return own;
}

/** A token of this process for one call to another of ours. @throws AppError `not_configured` without SERVICE_SIGNING_KEYS. */
export const signServiceToken = (claims: NewServiceToken): Promise<string> => ownTokens().sign(claims);

/** Checks a token that another process of ours has shown. @throws AppError `unauthenticated`, `not_configured` */
export const verifyServiceToken = (token: string, expected: ExpectedToken): Promise<ServiceClaims> =>
  ownTokens().verify(token, expected);
