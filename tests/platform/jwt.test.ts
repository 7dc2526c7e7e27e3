import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { type JWTHeaderParameters, SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { AppError } from "@/lib/core/errors";
import { SERVICE_TOKEN_SECONDS, serviceTokens, verifyKeysOf } from "@/lib/platform/jwt";

const seed = (kid: string) => `${kid}:${randomBytes(32).toString("base64")}`;
const signingKeys = seed("s1");
const clock = fixedClock("2026-11-21T10:00:00Z");
const now = clock.now().getTime() / 1000;
const tokens = serviceTokens({ signingKeys }, clock);
const scheduler = { issuer: "scheduler", audience: "arrestra-web" } as const;
const expected = { audience: "arrestra-web", issuers: ["scheduler", "lambda"] } as const;

const refused = async (token: string, at = tokens) => {
  const refusal = await at.verify(token, expected).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(AppError);
  expect(refusal).toMatchObject({ code: "unauthenticated", message: "The service token is not valid here." });
};

/** The private key of a ring's only entry, to sign what our own code would not. */
function keyOf(ring: string): KeyObject {
  const head = generateKeyPairSync("ed25519").privateKey.export({ format: "der", type: "pkcs8" }).subarray(0, 16);
  const key = Buffer.concat([head, Buffer.from(ring.split(":")[1] ?? "", "base64")]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

type Changes = {
  header?: Partial<JWTHeaderParameters>;
  claims?: Record<string, unknown>;
  key?: KeyObject | Uint8Array;
};
const forge = ({ header, claims, key = keyOf(signingKeys) }: Changes = {}): Promise<string> =>
  new SignJWT({
    iss: "scheduler",
    aud: "arrestra-web",
    iat: now,
    exp: now + SERVICE_TOKEN_SECONDS,
    jti: "one",
    ...claims,
  })
    .setProtectedHeader({ alg: "EdDSA", kid: "s1", typ: "JWT", ...header })
    .sign(key);

describe("a service token", () => {
  it("says who sent it, on whose behalf, and has an id of its own", async () => {
    const [one, two] = [await tokens.sign({ ...scheduler, subject: "slots" }), await tokens.sign(scheduler)];
    const claims = await tokens.verify(one, expected);
    expect(claims).toMatchObject({ issuer: "scheduler", subject: "slots" });
    expect((await tokens.verify(two, expected)).id).not.toBe(claims.id);
    expect((await tokens.verify(two, expected)).subject).toBeUndefined();
  });

  it("is made as the tests below forge it, which therefore fail for the one thing they change", async () => {
    expect(await tokens.verify(await forge(), expected)).toEqual({
      issuer: "scheduler",
      subject: undefined,
      id: "one",
    });
  });

  it("is good for a minute and five seconds of skew, on either side", async () => {
    const token = await tokens.sign(scheduler);
    const at = (seconds: number) => serviceTokens({ signingKeys }, fixedClock(new Date((now + seconds) * 1000)));
    for (const seconds of [-4, 0, 59, 64]) expect(await at(seconds).verify(token, expected)).toBeTruthy();
    for (const seconds of [-6, 66, 3600]) await refused(token, at(seconds));
  });

  it.each([
    ["of another audience", { claims: { aud: "arrestra-worker" } }],
    ["of several audiences", { claims: { aud: ["arrestra-web", "anybody"] } }],
    ["of a sender that may not ask this", { claims: { iss: "worker" } }],
    ["of a sender that nobody knows", { claims: { iss: "mallory" } }],
    // Seen red without the comparison of `exp` and `iat`.
    ["made for longer than a minute", { claims: { exp: now + SERVICE_TOKEN_SECONDS + 1 } }],
    ["made for a year, an hour ago", { claims: { iat: now - 3600, exp: now + 31_536_000 } }],
    ["from the future", { claims: { iat: now + 30, exp: now + 60 } }],
    ["that does not end", { claims: { exp: undefined } }],
    ["that does not say when it was made", { claims: { iat: undefined } }],
    ["without an id", { claims: { jti: undefined } }],
    ["whose id is no text", { claims: { jti: 7 } }],
    ["without a sender", { claims: { iss: undefined } }],
    ["without an audience", { claims: { aud: undefined } }],
    ["that names a key which is not in the ring", { header: { kid: "s2" } }],
    ["that names no key", { header: { kid: undefined } }],
    ["of another kind", { header: { typ: "at+jwt" } }],
    ["signed by a stranger under our key's name", { key: generateKeyPairSync("ed25519").privateKey }],
  ] satisfies [string, Changes][])("%s is refused", async (_name, changes) => {
    await refused(await forge(changes));
  });

  // Seen red without `algorithms`, for the name that only the pin refuses: the key itself fits none of the others.
  it("with another algorithm, or none, is refused", async () => {
    const claims = { iss: "scheduler", aud: "arrestra-web", iat: now, exp: now + 60, jti: "one" };
    await refused(new UnsecuredJWT(claims).encode());
    const [, body = ""] = (await forge()).split(".");
    const none = Buffer.from(JSON.stringify({ alg: "none", kid: "s1", typ: "JWT" })).toString("base64url");
    for (const signature of ["", "AA"]) await refused(`${none}.${body}.${signature}`);
    const publicBytes = Buffer.from(verifyKeysOf(signingKeys).split(":")[1] ?? "", "base64");
    await refused(await forge({ header: { alg: "HS256" }, key: publicBytes }));
    const pem = createPublicKey(keyOf(signingKeys)).export({ format: "pem", type: "spki" });
    await refused(await forge({ header: { alg: "HS256" }, key: Buffer.from(pem) }));
    await refused(await forge({ header: { alg: "Ed25519" } }));
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
    await refused(await forge({ header: { alg: "RS256" }, key: rsa.privateKey }));
  });

  it("changed in one letter is refused, wherever", async () => {
    const token = await tokens.sign(scheduler);
    const parts = token.split(".");
    for (let i = 0; i < parts.length; i += 1) {
      const part = parts[i] ?? "";
      const changed = parts.with(i, `${part[0] === "A" ? "B" : "A"}${part.slice(1)}`).join(".");
      await refused(changed);
    }
    for (const garbage of ["", "x", "a.b.c", token.slice(0, -20), `${token}.x`]) await refused(garbage);
  });
});

describe("the keys of service tokens", () => {
  it("change without a refused call: the new one signs, the old one still verifies, and is refused once it is taken out", async () => {
    const [old, next] = [seed("s1"), seed("s2")];
    const ring = (...keys: string[]) => serviceTokens({ signingKeys: keys.join(",") }, clock);
    const check = (...keys: string[]) => serviceTokens({ verifyKeys: verifyKeysOf(keys.join(",")) }, clock);
    // The order of docs/how-to/rotate-secrets.md: whoever checks learns the new key first, then the sender signs with it.
    const steps = [
      { signer: ring(old), checker: check(old) },
      { signer: ring(old), checker: check(old, next) },
      { signer: ring(next, old), checker: check(old, next) },
      { signer: ring(next), checker: check(next) },
    ];
    let inFlight: string[] = [];
    for (const { signer, checker } of steps.slice(0, 3)) {
      const fresh = await Promise.all(Array.from({ length: 100 }, () => signer.sign(scheduler)));
      const claims = await Promise.all([...inFlight, ...fresh].map((token) => checker.verify(token, expected)));
      expect(claims).toHaveLength(inFlight.length + 100);
      inFlight = fresh;
    }
    await refused(await ring(old).sign(scheduler), check(next));
    expect(await check(next).verify(await ring(next).sign(scheduler), expected)).toBeTruthy();
  });

  it("of a process that only checks cannot sign", async () => {
    const checker = serviceTokens({ verifyKeys: verifyKeysOf(signingKeys) }, clock);
    expect(await checker.verify(await tokens.sign(scheduler), expected)).toBeTruthy();
    await expect(checker.sign(scheduler)).rejects.toMatchObject({ code: "not_configured" });
  });

  it("are missed by name: without them nothing is signed and nothing is let in", async () => {
    const none = serviceTokens({}, clock);
    await expect(none.sign(scheduler)).rejects.toMatchObject({ code: "not_configured" });
    await expect(none.verify(await tokens.sign(scheduler), expected)).rejects.toMatchObject({ code: "not_configured" });
  });
});
