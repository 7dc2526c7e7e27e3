import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { confirmTotp, offerTotp } from "@/lib/domain/auth/enrol-totp";
import { closeDatabase } from "@/lib/platform/db";
import {
  addUserWithPassword,
  cookieOf,
  makeFirmWithPassword,
  PASSWORD,
  postFactor,
  postPassword,
  signInTo,
} from "../http/call";
import { codeOf, freshCode } from "../setup/factor";
import { asOwner, eventsOf, type TestFirm } from "../setup/firms";
import { accountOf, ask, linkFor, NEW_PASSWORD, namedIn, postLink, rowOf, statusOf, typesOf } from "./account";

let firm: TestFirm;
let mine: string;
beforeEach(async () => {
  firm = await makeFirmWithPassword();
  mine = await signInTo(firm);
});
afterAll(closeDatabase);

const lastOf = async () => (await eventsOf(firm)).at(-1);
const since = async (count: number) => (await typesOf(firm)).slice(count);
async function opens(password: string, factor: { code: string } | { recoveryCode: string }): Promise<boolean> {
  const attempt = await postPassword(firm, { password });
  return cookieOf(await postFactor(firm, attempt, factor), "arrestra.session") !== "";
}
const withKey = (key: string) => ({ headers: { "idempotency-key": key } });

describe("one's own password", () => {
  const change = (password = NEW_PASSWORD, current = PASSWORD, more = {}) =>
    ask(firm, mine, "POST /api/account/password", { body: { current, password }, ...more });

  // Seen red without: endSessions in changePassword (the other session stays), and with it but without `except` (this one ends).
  it("is changed by who knows it; every other session ends with its next request, this one stays", async () => {
    const other = await signInTo(firm);
    const before = (await eventsOf(firm)).length;
    expect((await change()).status).toBe(204);
    expect(await statusOf(firm, other)).toBe(401);
    expect(await statusOf(firm, mine)).toBe(200);
    expect(await since(before)).toEqual(["auth.password_changed", "auth.sessions_revoked"]);
    expect((await accountOf(firm, mine)).passwordChangedAt).not.toBeNull();
    const code = { code: await freshCode(firm.id, firm.user) };
    expect(await opens(PASSWORD, code)).toBe(false);
    expect(await opens(NEW_PASSWORD, code)).toBe(true);
  });

  // Seen red without: `tx: undefined` in checkPassword, for the try with an Idempotency-Key, whose refusal takes the transaction with it.
  it("stays without the present one, and each wrong try counts, whatever else comes of the request", async () => {
    expect(namedIn(await change(NEW_PASSWORD, "not the password"))).toEqual(["current"]);
    expect(namedIn(await change(NEW_PASSWORD, "not it either", withKey("k1")))).toEqual(["current"]);
    const { tries } = await rowOf<{ tries: number }>(firm, "SELECT failed_sign_ins AS tries FROM app_user");
    expect(tries).toBe(2);
    expect(await lastOf()).toMatchObject({ type: "auth.sign_in_failed", actor_id: firm.user.id });
    expect(await statusOf(firm, mine)).toBe(200);
    for (let more = 0; more < 8; more++) await change(NEW_PASSWORD, `wrong ${more}`);
    expect((await change()).status).toBe(429);
  });

  it("is not replaced by itself, by a poor one, or by the firm's name", async () => {
    for (const password of [PASSWORD, "short", "Password12345!", `${firm.slug}-2026`, "Dana.Counsel-1"])
      expect(namedIn(await change(password)), password).toEqual(["password"]);
    expect((await change("x".repeat(1025))).status).toBe(422);
    expect(await typesOf(firm)).not.toContain("auth.password_changed");
  });

  it("takes a link to choose a password out of the world", async () => {
    const link = await linkFor(firm, "password", firm.user.id);
    await change();
    const late = await postLink(firm, "/api/recover/password", { link, password: "seven violet kayaks hum" });
    expect(late.status).toBe(404);
  });

  it("is changed once when the form is posted twice, whatever its key, and by one of two at the same moment", async () => {
    expect((await change(NEW_PASSWORD, PASSWORD, withKey("once"))).status).toBe(204);
    expect((await change(NEW_PASSWORD, PASSWORD, withKey("once"))).status).toBe(422);
    expect((await typesOf(firm)).filter((type) => type === "auth.password_changed")).toHaveLength(1);
    const both = await Promise.all([
      change("seven violet kayaks hum", NEW_PASSWORD),
      change("eleven brass lanterns fade", NEW_PASSWORD),
    ]);
    expect(both.map(({ status }) => status).filter((status) => status === 204)).toHaveLength(1);
  });
});

describe("one's own authenticator", () => {
  const offer = async () => (await ask(firm, mine, "POST /api/account/totp")).json<{ secret: string; qr: string }>();
  const confirm = (code: string) => ask(firm, mine, "POST /api/account/totp/confirm", { body: { code } });
  const oldCode = async () => ({ code: await freshCode(firm.id, firm.user) });

  // Seen red without: the code's check in confirmTotp; without endSessions, for the other session.
  it("is replaced when the first code of the new one was shown, not before; other sessions end", async () => {
    const other = await signInTo(firm);
    const { secret, qr } = await offer();
    expect(qr).toMatch(/^data:image\/svg\+xml;base64,/);
    expect(await opens(PASSWORD, await oldCode())).toBe(true);
    expect(namedIn(await confirm(codeOf(secret, 40)))).toEqual(["code"]);
    expect(namedIn(await confirm((await oldCode()).code))).toEqual(["code"]);
    expect(await opens(PASSWORD, await oldCode())).toBe(true);
    const before = (await eventsOf(firm)).length;
    const code = codeOf(secret);
    expect((await confirm(code)).status).toBe(204);
    expect(await since(before)).toEqual(["auth.totp_enrolled", "auth.sessions_revoked"]);
    // Spent by setting it up.
    expect(await opens(PASSWORD, { code })).toBe(false);
    expect(await statusOf(firm, other)).toBe(401);
    expect(await statusOf(firm, mine)).toBe(200);
    expect(await opens(PASSWORD, await oldCode())).toBe(false);
    expect(await opens(PASSWORD, { code: await freshCode(firm.id, { ...firm.user, totpSecret: secret }) })).toBe(true);
  });

  it("is offered anew each time; only the last offer counts, and once", async () => {
    const first = await offer();
    const second = await offer();
    expect(second.secret).not.toBe(first.secret);
    expect((await confirm(codeOf(first.secret))).status).toBe(422);
    expect((await confirm(codeOf(second.secret))).status).toBe(204);
    expect((await confirm(codeOf(second.secret, 1))).status).toBe(409);
    expect((await typesOf(firm)).filter((type) => type === "auth.totp_enrolled")).toHaveLength(1);
  });

  it("waits half an hour for its first code", async () => {
    const clock = fixedClock("2026-11-21T12:00:00Z");
    const at = () => firm.asUser(clock);
    const { secret } = await offerTotp(at());
    clock.advance(30 * 60_000);
    const late = { code: codeOf(secret, 0, clock.now().getTime()) };
    await expect(confirmTotp(at(), late)).rejects.toMatchObject({ code: "conflict" });
    clock.advance(-1);
    await confirmTotp(at(), { code: codeOf(secret, 0, clock.now().getTime()) });
  });

  it("is sealed while it waits, as when it is in use", async () => {
    const { secret } = await offer();
    const { stored } = await rowOf<{ stored: string }>(firm, "SELECT string_agg(t::text, ' ') AS stored FROM totp t");
    expect(stored).not.toContain(secret);
    const { kept } = await rowOf<{ kept: number }>(firm, "SELECT count(*)::int AS kept FROM idempotency_key");
    expect(kept).toBe(0);
  });
});

describe("one's own recovery codes", () => {
  const remake = (more = {}) => ask(firm, mine, "POST /api/account/recovery-codes", more);
  const codesOf = async (more = {}) => (await remake(more)).json<{ codes: string[] }>().codes;

  it("are made anew: ten others, those from before no longer work", async () => {
    const first = await codesOf();
    const second = await codesOf();
    expect(new Set([...first, ...second]).size).toBe(20);
    expect((await accountOf(firm, mine)).recoveryCodesLeft).toBe(10);
    expect(await opens(PASSWORD, { recoveryCode: first[0] ?? "" })).toBe(false);
    expect(await opens(PASSWORD, { recoveryCode: second[0] ?? "" })).toBe(true);
    expect((await accountOf(firm, mine)).recoveryCodesLeft).toBe(9);
    expect((await typesOf(firm)).filter((type) => type === "auth.recovery_codes_made")).toHaveLength(2);
  });

  // Seen red without: `shownOnce` in the route: the kept reply was sent again, to a factor that was no longer fresh too.
  it("are shown once: not even an Idempotency-Key brings them back", async () => {
    const first = await codesOf(withKey("codes"));
    const { kept } = await rowOf<{ kept: number }>(firm, "SELECT count(*)::int AS kept FROM idempotency_key");
    expect(kept).toBe(0);
    expect(await codesOf(withKey("codes"))).not.toEqual(first);
    await asOwner(firm.id, (client) => client.query("UPDATE session SET factor_at = now() - interval '11 minutes'"));
    expect((await remake(withKey("codes"))).status).toBe(401);
  });
});

describe("one's own sessions", () => {
  const end = (id: string, cookie = mine) => ask(firm, cookie, "DELETE /api/account/sessions/[id]", { id });

  it("are listed with the browser and this one first; those that ended are not", async () => {
    await signInTo(firm);
    await asOwner(firm.id, (client) =>
      client.query(
        "UPDATE session SET user_agent = 'Firefox/140', last_seen_at = now() + interval '1 second' WHERE created_at = (SELECT max(created_at) FROM session)",
      ),
    );
    const { sessions } = await accountOf(firm, mine);
    expect(sessions.map(({ isThisOne }) => isThisOne)).toEqual([true, false]);
    expect(sessions[1]?.userAgent).toBe("Firefox/140");
    expect(JSON.stringify(sessions)).not.toMatch(/token|hash/i);
    await asOwner(firm.id, (client) =>
      client.query("UPDATE session SET last_seen_at = now() - interval '31 minutes' WHERE user_agent = 'Firefox/140'"),
    );
    expect((await accountOf(firm, mine)).sessions).toHaveLength(1);
  });

  // Seen red without: the UPDATE of revoked_at.
  it("are ended one by one: the next request of that one is refused, within a second", async () => {
    const other = await signInTo(firm);
    const otherId = (await accountOf(firm, other)).sessions[0]?.id ?? "";
    const endedAt = performance.now();
    expect((await end(otherId)).status).toBe(204);
    expect(await statusOf(firm, other)).toBe(401);
    expect(performance.now() - endedAt).toBeLessThan(1000);
    expect(await statusOf(firm, mine)).toBe(200);
    expect(await lastOf()).toMatchObject({
      type: "auth.session_revoked",
      data: { userId: firm.user.id, sessionId: otherId },
    });
    const before = await eventsOf(firm);
    expect((await end(otherId)).status).toBe(204);
    expect(await eventsOf(firm)).toEqual(before);
  });

  it("are ended all at once but this one, also with a factor that is not fresh", async () => {
    const others = [await signInTo(firm), await signInTo(firm)];
    await asOwner(firm.id, (client) => client.query("UPDATE session SET factor_at = now() - interval '1 hour'"));
    expect((await ask(firm, mine, "DELETE /api/account/sessions")).status).toBe(204);
    for (const cookie of others) expect(await statusOf(firm, cookie)).toBe(401);
    expect(await statusOf(firm, mine)).toBe(200);
    expect(await lastOf()).toMatchObject({ data: { count: 2, because: "asked" } });
  });

  // Seen red without: `userId` in the UPDATE of endOwnSession.
  it("are one's own: a colleague's and another firm's are not found, and stay", async () => {
    const colleague = await addUserWithPassword(firm, { role: "staff" });
    const theirs = await signInTo(firm, colleague);
    const theirId = (await accountOf(firm, theirs)).sessions[0]?.id ?? "";
    expect((await end(theirId)).status).toBe(404);
    expect((await ask(firm, mine, "DELETE /api/account/sessions")).status).toBe(204);
    expect(await statusOf(firm, theirs)).toBe(200);
    expect((await accountOf(firm, mine)).sessions.map(({ id }) => id)).not.toContain(theirId);
    expect((await end(newId())).status).toBe(404);
  });
});

describe("one's own profile", () => {
  const rename = (body: unknown) => ask(firm, mine, "PATCH /api/account", { body });

  it("takes another name, and records which field changed, not what it says", async () => {
    const reply = await rename({ name: "  Dana R. Counsel " });
    expect(reply.json()).toMatchObject({ name: "Dana R. Counsel", email: firm.user.email });
    expect(await lastOf()).toMatchObject({
      type: "user.profile_changed",
      data: { userId: firm.user.id, fields: ["name"] },
    });
    const before = await eventsOf(firm);
    expect((await rename({ name: "Dana R. Counsel" })).status).toBe(200);
    expect(await eventsOf(firm)).toEqual(before);
  });

  it("takes nothing that is not one's own to change", async () => {
    for (const body of [
      { email: "x@y.example" },
      { name: "Dana", role: "owner" },
      { name: " " },
      { name: "x".repeat(121) },
    ])
      expect((await rename(body)).status, JSON.stringify(body)).toBe(422);
    expect(await accountOf(firm, mine)).toMatchObject({ name: "Dana Counsel", role: "owner" });
  });

  it("shows no secret", async () => {
    const { text } = await ask(firm, mine, "GET /api/account");
    expect(text).not.toContain(firm.user.totpSecret);
    expect(text).not.toMatch(/argon2|cipher|hash|public_?key/i);
  });
});
