import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/server";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { POST as optionsRoute } from "@/app/api/account/step-up/options/route";
import { POST as stepUpRoute } from "@/app/api/account/step-up/route";
import { makeRecoveryCodes } from "@/lib/domain/auth/recovery-codes";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { hasFreshFactor } from "@/lib/domain/context/step-up";
import { findFirm } from "@/lib/http/firm-gate";
import { findLiveSession, sessionTokenOf } from "@/lib/http/live-session";
import { closeDatabase } from "@/lib/platform/db";
import {
  addUserWithPassword,
  call,
  hostOf,
  makeFirmWithPassword,
  originOfFirm,
  postPassword,
  signInTo,
} from "../http/call";
import { codeOf, freshCode } from "../setup/factor";
import { asOwner, eventsOf, type TestFirm, type TestUser } from "../setup/firms";
import { givePasskey } from "./give-passkey";
import { type SoftwareAuthenticator, softwareAuthenticator } from "./software-authenticator";

let firm: TestFirm;
let cookie: string;
beforeEach(async () => {
  firm = await makeFirmWithPassword();
  cookie = await signInTo(firm);
  // As if the session had been opened a while ago, with another code.
  await change("UPDATE session SET factor_at = now() - interval '1 hour'");
  await change("UPDATE totp SET last_step = 0");
});
afterAll(closeDatabase);

const change = (sql: string) => asOwner(firm.id, (client) => client.query(sql));
const now = (user: TestUser = firm.user) => codeOf(user.totpSecret);
type Sent = { cookie?: string; headers?: Record<string, string>; host?: string };
const stepUp = (body: unknown, { cookie: own = cookie, headers = {}, host = hostOf(firm) }: Sent = {}) =>
  call(stepUpRoute, "/api/account/step-up", {
    host,
    headers: { cookie: own, origin: originOfFirm(firm), ...headers },
    body,
  });
const askOptions = async () => {
  const headers = { cookie, origin: originOfFirm(firm) };
  const reply = await call(optionsRoute, "/api/account/step-up/options", {
    method: "POST",
    host: hostOf(firm),
    headers,
  });
  return reply.json<PublicKeyCredentialRequestOptionsJSON>();
};

/** The context that a request with this cookie gets. */
async function ctxOf(own = cookie) {
  const at = await findFirm(new Headers({ host: hostOf(firm) }));
  const token = at && (await sessionTokenOf(at, own));
  const live = token ? await findLiveSession(at, token, "test") : null;
  if (!live) throw new Error("not signed in");
  return live.ctx;
}

describe("showing the second factor again", () => {
  it("counts for ten minutes, in this session, and is recorded", async () => {
    expect(hasFreshFactor(await ctxOf())).toBe(false);
    const other = await signInTo(firm);
    await change("UPDATE session SET factor_at = now() - interval '1 hour'");
    const reply = await stepUp({ code: await freshCode(firm.id, firm.user) });
    expect(reply.status).toBe(200);
    const left = Date.parse(reply.json<{ freshUntil: string }>().freshUntil) - Date.now();
    expect(left / 60_000).toBeCloseTo(10, 0);
    const { actor } = await ctxOf();
    expect(hasFreshFactor(await ctxOf())).toBe(true);
    expect(hasFreshFactor(await ctxOf(other))).toBe(false);
    const event = (await eventsOf(firm)).at(-1);
    expect(event).toMatchObject({ type: "auth.stepped_up", data: { factor: "totp" }, actor_id: firm.user.id });
    expect(actor).toMatchObject({ type: "user", sessionId: event?.data.sessionId });
  });

  it("takes a code as people type it, and a recovery code, each once", async () => {
    const [recoveryCode = ""] = await inTenant(firm.asUser(), (tx) =>
      makeRecoveryCodes(tx, firm.asUser(), firm.user.id),
    );
    const typed = `${now().slice(0, 3)} ${now().slice(3)}`;
    expect((await stepUp({ code: typed })).status).toBe(200);
    expect((await stepUp({ code: typed })).status).toBe(422);
    expect((await stepUp({ recoveryCode: recoveryCode.toLowerCase() })).status).toBe(200);
    expect((await stepUp({ recoveryCode })).status).toBe(422);
    expect((await change("SELECT factor FROM session")).rows).toEqual([{ factor: "recovery_code" }]);
  });

  // Seen red without: takeFactor's answer (a wrong code freshened the session), countWrongFactor.
  it("says that a wrong one is wrong, freshens nothing, and counts it towards the lock of the account", async () => {
    await change("UPDATE app_user SET failed_sign_ins = 9");
    const reply = await stepUp({ code: "000000" });
    expect([reply.status, reply.json()]).toEqual([
      422,
      expect.objectContaining({ code: "unprocessable", invalidParams: [{ name: "code", reason: "does not match" }] }),
    ]);
    expect(hasFreshFactor(await ctxOf())).toBe(false);
    expect((await eventsOf(firm)).slice(-2)).toMatchObject([
      { type: "auth.factor_failed", data: { userId: firm.user.id, factor: "totp", during: "step_up" } },
      { type: "auth.account_locked" },
    ]);
  });

  // Seen red with: the refusal of a locked account in confirm().
  it("is not shut for who is at work by wrong passwords from outside", async () => {
    for (let times = 0; times < 10; times++) await postPassword(firm, { password: "wrong" });
    expect((await change("SELECT locked_until > now() AS locked FROM app_user")).rows).toEqual([{ locked: true }]);
    expect((await stepUp({ code: now() })).status).toBe(200);
  });

  // Seen red with: ten per five minutes for step-up.user.
  it("may be wrong twenty times an hour, however many sessions there are and however slowly one tries", async () => {
    const statuses: number[] = [];
    for (let times = 0; times < 21; times++) {
      if (times % 4 === 0) await change("DELETE FROM rate_limit WHERE key LIKE 'step-up.session:%'");
      statuses.push((await stepUp({ code: "000000" })).status);
    }
    expect(statuses).toEqual([...Array(20).fill(422), 429]);
    const { rows } = await change(
      "SELECT max(expire) - extract(epoch FROM now()) * 1000 AS left FROM rate_limit WHERE key LIKE 'step-up.user:%'",
    );
    expect(Number(rows[0].left)).toBeGreaterThan(50 * 60_000);
  });

  // Seen red without: the transaction of its own in stepUp (under an Idempotency-Key the count rolled back with the refusal).
  it("counts a wrong one under an Idempotency-Key too", async () => {
    await stepUp({ code: "000000" }, { headers: { "idempotency-key": "again" } });
    expect((await change("SELECT failed_sign_ins FROM app_user")).rows).toEqual([{ failed_sign_ins: 1 }]);
    expect((await eventsOf(firm)).at(-1)?.type).toBe("auth.factor_failed");
  });

  // Seen red without: requireRate of step-up.session.
  it("may be wrong five times in a session, then has to wait; a right one does not count", async () => {
    for (let times = 0; times < 7; times++)
      expect((await stepUp({ code: await freshCode(firm.id, firm.user) })).status).toBe(200);
    const statuses: number[] = [];
    for (let times = 0; times < 6; times++) statuses.push((await stepUp({ code: "000000" })).status);
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429]);
    const other = await signInTo(firm);
    expect((await stepUp({ code: await freshCode(firm.id, firm.user) }, { cookie: other })).status).toBe(200);
  });

  it("lets one through of several who show one code at once", async () => {
    const replies = await Promise.all(Array.from({ length: 4 }, () => stepUp({ code: now() })));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422]);
  });

  // Seen red with: another user's id in confirm().
  it("is the session's own person's: a colleague's code does not do", async () => {
    const colleague = await addUserWithPassword(firm);
    expect((await stepUp({ code: now(colleague) })).status).toBe(422);
  });

  it("is for people with a session of this firm, from its own pages, one factor at a time", async () => {
    const other = await makeFirmWithPassword();
    expect((await stepUp({ code: now() }, { cookie: "" })).status).toBe(401);
    expect((await stepUp({ code: now() }, { cookie: await signInTo(other) })).status).toBe(401);
    expect((await stepUp({ code: now() }, { headers: { origin: originOfFirm(other) } })).status).toBe(403);
    const key = { cookie: "", headers: { authorization: `Bearer ${firm.key.text}` } };
    expect((await stepUp({ code: now() }, key)).status).toBe(403);
    expect((await stepUp({ code: now(), recoveryCode: "x" })).status).toBe(422);
    expect((await stepUp({})).status).toBe(422);
    await change("UPDATE session SET revoked_at = now()");
    expect((await stepUp({ code: now() })).status).toBe(401);
  });
});

describe("a passkey in an open session", () => {
  let device: SoftwareAuthenticator;
  beforeEach(async () => {
    device = softwareAuthenticator();
    await givePasskey(firm, firm.user, device);
  });
  const answer = async (origin = originOfFirm(firm)) => ({ passkey: device.get(await askOptions(), origin) });

  it("freshens the session; the challenge is taken by the first answer, right or wrong", async () => {
    const options = await askOptions();
    expect(options).toMatchObject({
      rpId: `${firm.slug}.localhost`,
      allowCredentials: [],
      userVerification: "required",
    });
    expect((await stepUp({ passkey: device.get(options, originOfFirm(firm)) })).status).toBe(200);
    expect((await stepUp({ passkey: device.get(options, originOfFirm(firm)) })).status).toBe(422);
    expect(hasFreshFactor(await ctxOf())).toBe(true);
    const later = await askOptions();
    expect((await stepUp({ code: "000000" })).status).toBe(422);
    // Seen red without: `challenge: null` in confirm().
    expect((await stepUp({ passkey: device.get(later, originOfFirm(firm)) })).status).toBe(422);
  });

  it("is refused from another origin and in another session than the challenge's", async () => {
    expect((await stepUp(await answer("http://evil.localhost:3000"))).status).toBe(422);
    const other = await signInTo(firm);
    expect((await stepUp(await answer(), { cookie: other })).status).toBe(422);
    expect((await stepUp(await answer())).status).toBe(200);
  });
});

describe("the context of a session", () => {
  // Seen red without: scope or factorAt in the actor of live-session.ts.
  it("says when the factor was shown and which leads its person may see", async () => {
    const scope = { counties: ["Travis"], classes: ["F1", "F2"] } as const;
    const attorney = await addUserWithPassword(firm, { role: "attorney", scope });
    const own = await signInTo(firm, attorney);
    const { actor } = await ctxOf(own);
    expect(actor).toMatchObject({ id: attorney.id, role: "attorney", scope });
    expect(hasFreshFactor(await ctxOf(own))).toBe(true);
    expect((await ctxOf()).actor).not.toHaveProperty("scope");
  });

  it("follows a change of scope from the next request on", async () => {
    const attorney = await addUserWithPassword(firm, { role: "attorney" });
    const own = await signInTo(firm, attorney);
    expect((await ctxOf(own)).actor).not.toHaveProperty("scope");
    await change(`UPDATE app_user SET scope_counties = '{Hays}' WHERE id = '${attorney.id}'`);
    expect((await ctxOf(own)).actor).toMatchObject({ scope: { counties: ["Hays"], classes: [] } });
  });
});
