import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/server";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { POST as authPost } from "@/app/api/auth/[...nextauth]/route";
import { closeDatabase } from "@/lib/platform/db";
import {
  addUserWithPassword,
  call,
  cookieOf,
  hostOf,
  makeFirmWithPassword,
  originOfFirm,
  postFactor,
  postPassword,
  type Reply,
  type Route,
} from "../http/call";
import { asOwner, eventsOf, type TestFirm } from "../setup/firms";
import { givePasskey } from "./give-passkey";
import { type Lies, type SoftwareAuthenticator, softwareAuthenticator } from "./software-authenticator";

let firm: TestFirm;
let device: SoftwareAuthenticator;
beforeEach(async () => {
  firm = await makeFirmWithPassword();
  device = softwareAuthenticator();
  await givePasskey(firm, firm.user, device);
  // The tests of a file come from one address.
  await change("DELETE FROM rate_limit");
});
afterAll(closeDatabase);

const change = (sql: string) => asOwner(firm.id, (client) => client.query(sql));
const isIn = (reply: Reply) => cookieOf(reply, "arrestra.session") !== "";
type Options = PublicKeyCredentialRequestOptionsJSON;

const ask = async (attempt: string, of: TestFirm = firm): Promise<Options> =>
  (
    await call(authPost as Route, "/api/auth/passkey-options", {
      method: "POST",
      host: hostOf(of),
      headers: { cookie: attempt, origin: originOfFirm(of) },
    })
  ).json<Options>();
const show = async (attempt: string, answer: unknown) =>
  isIn(await postFactor(firm, attempt, { passkey: JSON.stringify(answer) }));

/** Both steps with a device that says these lies, from pages of this origin. */
async function signIn(lies: Lies = {}, origin = originOfFirm(firm)): Promise<boolean> {
  const attempt = await postPassword(firm);
  return show(attempt, device.get(await ask(attempt), origin, lies));
}

describe("a passkey at the door", () => {
  it("signs in, and notes its counter, its use and which factor it was", async () => {
    expect(await signIn()).toBe(true);
    expect(await signIn()).toBe(true);
    expect((await change("SELECT sign_count, last_used_at IS NOT NULL AS used FROM passkey")).rows).toEqual([
      { sign_count: "2", used: true },
    ]);
    expect((await change("SELECT factor FROM session")).rows).toEqual(Array(2).fill({ factor: "passkey" }));
    expect((await eventsOf(firm)).at(-1)).toMatchObject({ type: "auth.signed_in", data: { factor: "passkey" } });
  });

  // Seen red without (one at a time): expectedOrigin, expectedRPID, requireUserVerification, expectedChallenge, isFramed.
  it.each<[string, Lies, ((of: TestFirm) => string)?]>([
    ["another origin", {}, () => "http://evil.localhost:3000"],
    ["the origin with another port", {}, (of) => `http://${of.slug}.localhost:3001`],
    ["the origin without its port", {}, (of) => `http://${of.slug}.localhost`],
    ["the origin with another scheme", {}, (of) => `https://${of.slug}.localhost:3000`],
    ["another relying party", { rpId: "evil.localhost" }],
    ["the whole domain as the relying party", { rpId: "localhost" }],
    ["a person whom the device did not verify", { isVerified: false }],
    ["nobody present", { isPresent: false }],
    ["an answer to a registration", { type: "webauthn.create" }],
    ["a page in somebody's frame", { crossOrigin: true }],
    ["a challenge of its own", { challenge: Buffer.alloc(32, 7).toString("base64url") }],
    ["a passkey that is not the signer", { credentialId: "AAAAAAAAAAAAAAAAAAAAAA" }],
  ])("refuses %s", async (_what, lies, origin) => {
    expect(await signIn(lies, origin?.(firm))).toBe(false);
    expect((await eventsOf(firm)).at(-1)).toMatchObject({ type: "auth.factor_failed", data: { factor: "passkey" } });
    expect(await signIn()).toBe(true);
  });

  // Seen red without: the counter in signedCount and in the UPDATE of takePasskey.
  it("refuses a counter that does not go on, as a copied key would show", async () => {
    expect(await signIn({ count: 7 })).toBe(true);
    expect(await signIn({ count: 7 })).toBe(false);
    expect(await signIn({ count: 3 })).toBe(false);
    expect(await signIn({ count: 8 })).toBe(true);
  });

  it("takes a device that does not count", async () => {
    expect(await signIn({ count: 0 })).toBe(true);
    expect(await signIn({ count: 0 })).toBe(true);
  });

  it("refuses a signature over anything else", async () => {
    const attempt = await postPassword(firm);
    const answer = device.get(await ask(attempt), originOfFirm(firm));
    const other = device.get(await ask(await postPassword(firm)), originOfFirm(firm));
    const response = { ...answer.response, signature: other.response.signature };
    expect(await show(attempt, { ...answer, response })).toBe(false);
  });

  // Seen red without: `user_id = ${userId}` in takePasskey.
  it("refuses the passkey of a colleague", async () => {
    const colleague = await addUserWithPassword(firm);
    const theirs = softwareAuthenticator();
    await givePasskey(firm, colleague, theirs);
    const attempt = await postPassword(firm);
    expect(await show(attempt, theirs.get(await ask(attempt), originOfFirm(firm)))).toBe(false);
    const own = await postPassword(firm, { email: colleague.email });
    expect(await show(own, theirs.get(await ask(own), originOfFirm(firm)))).toBe(true);
  });

  // Seen red without: `rp_id = ${site.rpId}` in takePasskey.
  it("refuses a passkey that was made on another host of the firm", async () => {
    await change("UPDATE passkey SET rp_id = 'leads.smithlaw.example'");
    expect(await signIn()).toBe(false);
  });

  it("refuses one of another firm, made with the same key", async () => {
    const other = await makeFirmWithPassword();
    const id = await givePasskey(other, other.user, device);
    const attempt = await postPassword(firm);
    const { challenge } = await ask(attempt);
    const answer = device.get({ challenge, rpId: `${other.slug}.localhost` }, originOfFirm(other));
    expect(answer.id).toBe(id);
    expect(await show(attempt, answer)).toBe(false);
  });
});

describe("a challenge", () => {
  // Seen red without: `challenge = NULL` in lockAttempt (with the counter of the answer set higher by the device).
  it("is taken by the first answer, right or wrong", async () => {
    const attempt = await postPassword(firm);
    const options = await ask(attempt);
    expect(await show(attempt, device.get(options, "http://evil.localhost:3000"))).toBe(false);
    expect(await show(attempt, device.get(options, originOfFirm(firm)))).toBe(false);
    expect(await show(attempt, device.get(await ask(attempt), originOfFirm(firm)))).toBe(true);
  });

  it("is its attempt's own: an answer that was overheard opens no other attempt", async () => {
    const [attempt, later] = [await postPassword(firm), await postPassword(firm)];
    await ask(later);
    const answer = device.get(await ask(attempt), originOfFirm(firm));
    expect(await show(later, answer)).toBe(false);
    expect(await show(attempt, answer)).toBe(true);
    expect(await show(await postPassword(firm), answer)).toBe(false);
  });

  it("gives way to the next one that is asked for", async () => {
    const attempt = await postPassword(firm);
    const first = await ask(attempt);
    await ask(attempt);
    expect(await show(attempt, device.get(first, originOfFirm(firm)))).toBe(false);
  });

  it("must have been asked for", async () => {
    const attempt = await postPassword(firm);
    const options = { challenge: "", rpId: `${firm.slug}.localhost` };
    expect(await show(attempt, device.get(options, originOfFirm(firm)))).toBe(false);
  });

  it("lets one in of several who answer it at once", async () => {
    const attempt = await postPassword(firm);
    const options = await ask(attempt);
    const answers = Array.from({ length: 4 }, () => device.get(options, originOfFirm(firm)));
    const results = await Promise.all(answers.map((answer) => show(attempt, answer)));
    expect(results.filter(Boolean)).toHaveLength(1);
  });

  // Seen red without: requireRate("passkey.challenge").
  it("is not given out without end", async () => {
    const attempt = await postPassword(firm);
    const headers = { cookie: attempt, origin: originOfFirm(firm) };
    const again = () =>
      call(authPost as Route, "/api/auth/passkey-options", { method: "POST", host: hostOf(firm), headers });
    const replies: number[] = [];
    for (let times = 0; times < 32; times++) replies.push((await again()).status);
    expect(replies.filter((status) => status === 429).length).toBeGreaterThan(0);
    expect(replies.slice(0, 20)).toEqual(Array(20).fill(200));
  });
});
