import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { GET as authGet, POST as authPost } from "@/app/api/auth/[...nextauth]/route";
import { GET as listRoute } from "@/app/api/leads/route";
import { HOME } from "@/lib/http/callback-url";
import { closeDatabase } from "@/lib/platform/db";
import {
  askSession,
  call,
  cookieOf,
  hostOf,
  makeFirmWithPassword,
  originOfFirm,
  PASSWORD,
  postFactor,
  postPassword,
  postSignIn,
  type Route,
  signInTo,
} from "../http/call";
import { codeOf } from "../setup/factor";
import { asOwner, eventsOf, type TestFirm } from "../setup/firms";

let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirmWithPassword();
});
afterAll(closeDatabase);

const list = (host: string, cookie: string) => call(listRoute, "/api/leads", { host, headers: { cookie } });
const typesOf = async (of: TestFirm) => (await eventsOf(of)).map((event) => event.type);
const now = (of: TestFirm) => codeOf(of.user.totpSecret);
const wrong = (of: TestFirm, email = of.user.email) => postSignIn(of, { email, password: "not the password" });
const sessions = async () => (await asOwner(firm.id, (client) => client.query("SELECT * FROM session"))).rows;

describe("signing in", () => {
  it("takes the password first and the code second, opens a session on the firm's host and records who came", async () => {
    const first = await postSignIn(firm, { email: ` ${firm.user.email.toUpperCase()} `, password: PASSWORD });
    expect([first.status, first.headers.get("location")]).toEqual([303, `${originOfFirm(firm)}/login/code`]);
    expect(cookieOf(first, "arrestra.session")).toBe("");
    const attempt = first.headers.getSetCookie().find((line) => line.startsWith("arrestra.attempt="));
    expect(attempt).toMatch(/^arrestra\.attempt=[\w-]{43}; Path=\/; Max-Age=300; HttpOnly; SameSite=Lax$/);

    const second = await postFactor(firm, cookieOf(first, "arrestra.attempt"), { code: now(firm) });
    expect([second.status, second.headers.get("location")]).toEqual([303, `${originOfFirm(firm)}${HOME}`]);
    expect(second.headers.getSetCookie().join("\n")).toMatch(/^arrestra\.attempt=; .*Max-Age=0/m);
    const cookie = second.headers.getSetCookie().find((line) => line.startsWith("arrestra.session="));
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Lax/i);
    expect(cookie).not.toMatch(/Domain=/i);
    expect(await eventsOf(firm)).toMatchObject([
      { type: "auth.password_accepted", data: { userId: firm.user.id }, actor_id: "sign-in" },
      { type: "auth.signed_in", data: { factor: "totp" }, actor_id: firm.user.id },
    ]);
    expect((await list(hostOf(firm), cookie?.split(";")[0] ?? "")).status).toBe(200);
  });

  it("writes no session before the second factor was shown", async () => {
    await postPassword(firm);
    expect(await sessions()).toEqual([]);
    const { rows } = await asOwner(firm.id, (client) => client.query("SELECT * FROM sign_in_attempt"));
    expect(rows).toMatchObject([{ user_id: firm.user.id, token_hash: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    expect(rows[0].expires_at.getTime() - rows[0].created_at.getTime()).toBe(5 * 60_000);
  });

  it("notes in the session which factor was shown, and when", async () => {
    await signInTo(firm);
    expect(await sessions()).toMatchObject([{ factor: "totp", factor_at: expect.any(Date) }]);
  });

  it("takes e-mail, password and code in one post too", async () => {
    const form = { email: firm.user.email, password: PASSWORD, code: now(firm), callbackUrl: "/leads?status=new" };
    const reply = await postSignIn(firm, form);
    expect(reply.headers.get("location")).toBe(`${originOfFirm(firm)}/leads?status=new`);
    expect((await list(hostOf(firm), cookieOf(reply, "arrestra.session"))).status).toBe(200);
    const again = await postSignIn(firm, { ...form, password: "wrong" });
    expect(again.headers.get("location")).toMatch(/\/login\?error=CredentialsSignin&/);
    expect(cookieOf(again, "arrestra.session")).toBe("");
  });

  it("answers a script with JSON, and tells next-auth's session who it is", async () => {
    const headers = { accept: "application/json" };
    const form = { email: firm.user.email, password: PASSWORD, callbackUrl: "/leads?status=new" };
    const first = await postSignIn(firm, form, { headers });
    const codePage = `${originOfFirm(firm)}/login/code?callbackUrl=%2Fleads%3Fstatus%3Dnew`;
    expect([first.status, first.json()]).toEqual([401, { ok: false, url: codePage }]);
    const second = await postFactor(
      firm,
      cookieOf(first, "arrestra.attempt"),
      { code: now(firm), callbackUrl: "/leads?status=new" },
      { headers },
    );
    expect([second.status, second.json()]).toEqual([200, { ok: true, url: `${originOfFirm(firm)}/leads?status=new` }]);
    const session = await askSession(hostOf(firm), await signInTo(firm));
    expect(session.json()).toMatchObject({ user: { id: firm.user.id, email: firm.user.email, role: "owner" } });
  });

  it("stores no token, only its digest", async () => {
    const cookie = await signInTo(firm);
    const rows = await sessions();
    expect(rows).toHaveLength(1);
    expect(rows[0].token_hash).toMatch(/^[0-9a-f]{64}$/);
    expect(cookie).not.toContain(rows[0].token_hash);
  });

  it("refuses a form that another site's page posts", async () => {
    for (const origin of ["https://evil.example", "null", "http://localhost:3000", "http://other.localhost:3000"]) {
      const reply = await postSignIn(firm, { email: firm.user.email, password: PASSWORD }, { headers: { origin } });
      expect(reply.status).toBe(403);
      expect(reply.headers.getSetCookie()).toEqual([]);
    }
  });

  it("asks a program, which sends no Origin, for next-auth's token with its cookie", async () => {
    const host = hostOf(firm);
    const route = "/api/auth/callback/credentials";
    const form = { email: firm.user.email, password: PASSWORD, code: now(firm), json: "true" };
    const post = (body: object, cookie: string) =>
      call(authPost as Route, route, { host, headers: { cookie, "content-type": "application/json" }, body });
    expect((await post(form, "")).status).toBe(403);
    const csrf = await call(authGet as Route, "/api/auth/csrf", { host });
    const { csrfToken } = csrf.json<{ csrfToken: string }>();
    const cookie = csrf.headers.getSetCookie().join(";").split(";")[0] ?? "";
    expect((await post({ ...form, csrfToken }, "")).status).toBe(403);
    expect((await post({ ...form, csrfToken: "0".repeat(64) }, cookie)).status).toBe(403);
    const reply = await post({ ...form, csrfToken }, cookie);
    expect([reply.status, reply.json()]).toEqual([200, { ok: true, url: `${originOfFirm(firm)}${HOME}` }]);
    const session = reply.headers.getSetCookie().find((line) => line.startsWith("arrestra.session="));
    const headers = { cookie: session?.split(";")[0] ?? "" };
    expect((await call(authPost as Route, "/api/auth/signout", { method: "POST", host, headers })).status).toBe(403);
    expect((await list(host, headers.cookie)).status).toBe(200);
  });

  it("exists on no host but the firms'", async () => {
    for (const host of [
      "localhost:3000",
      "nobody.localhost:3000",
      "www.localhost:3000",
      "127.0.0.1:3000",
      "evil.example",
    ]) {
      const form = { email: firm.user.email, password: PASSWORD };
      const reply = await postSignIn(firm, form, { host, headers: { origin: `http://${host}` } });
      expect(reply.status).toBe(404);
    }
  });

  it("does not believe a forged forwarded host", async () => {
    const forged = { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https", forwarded: "host=evil.example" };
    const form = { email: firm.user.email, password: PASSWORD, code: now(firm) };
    const reply = await postSignIn(firm, form, { headers: forged });
    expect(reply.headers.get("location")).toBe(`${originOfFirm(firm)}${HOME}`);
    expect(reply.headers.getSetCookie().join()).not.toContain("evil");
    const csrf = await askSession(hostOf(firm), "");
    expect(csrf.text).not.toContain("evil");
  });

  it("gives a session of one firm no meaning on another firm's host, or on our own address", async () => {
    const other = await makeFirmWithPassword();
    const cookie = await signInTo(firm);
    expect((await list(hostOf(other), cookie)).status).toBe(401);
    expect((await list("localhost:3000", cookie)).status).toBe(401);
    expect((await askSession(hostOf(other), cookie)).json().user).toBeUndefined();
    expect((await list(hostOf(firm), cookie)).status).toBe(200);
  });

  it("hides what next-auth offers beside signing in and out", async () => {
    for (const [method, action] of [
      ["GET", "signin"],
      ["POST", "_log"],
      ["POST", "session"],
      ["GET", "error"],
      ["GET", "callback/credentials"],
    ]) {
      const headers = { origin: originOfFirm(firm) };
      const reply = await call(authPost as Route, `/api/auth/${action}`, { method, host: hostOf(firm), headers });
      expect(reply.status).toBe(404);
    }
  });
});

describe("not being let in", () => {
  it("counts a try before it looks at the password, so tries at once are all counted", async () => {
    await Promise.all(Array.from({ length: 6 }, () => wrong(firm)));
    const { rows } = await asOwner(firm.id, (client) => client.query("SELECT failed_sign_ins FROM app_user"));
    expect(rows[0].failed_sign_ins).toBe(6);
  });

  it("shuts an account after ten wrong tries, even to the right password, and says so only in the history", async () => {
    await asOwner(firm.id, (client) => client.query("UPDATE app_user SET failed_sign_ins = 9"));
    await wrong(firm);
    const refused = await postFactor(firm, await postPassword(firm), { code: now(firm) });
    expect(refused.headers.get("location")).toContain("error=CredentialsSignin");
    const events = await eventsOf(firm);
    expect(events.map(({ type }) => type)).toEqual([
      "auth.sign_in_failed",
      "auth.account_locked",
      "auth.sign_in_failed",
      "auth.factor_failed",
    ]);
    expect(events.map(({ data }) => data.reason)).toEqual(["wrong_password", undefined, "locked", undefined]);
  });

  it("never lets more than a hundred wrong tries through before a day's wait", async () => {
    await asOwner(firm.id, (client) => client.query("UPDATE app_user SET failed_sign_ins = 99"));
    await wrong(firm);
    const { rows } = await asOwner(firm.id, (client) =>
      client.query("SELECT failed_sign_ins, locked_until > now() + interval '23 hours' AS shut FROM app_user"),
    );
    expect(rows[0]).toEqual({ failed_sign_ins: 100, shut: true });
  });

  it("does not count a right password, and forgets the wrong tries when somebody came in, not before", async () => {
    const tries = async () =>
      (await asOwner(firm.id, (client) => client.query("SELECT failed_sign_ins, locked_until FROM app_user"))).rows[0];
    await asOwner(firm.id, (client) => client.query("UPDATE app_user SET failed_sign_ins = 9"));
    const attempt = await postPassword(firm);
    expect(await tries()).toEqual({ failed_sign_ins: 9, locked_until: null });
    await postFactor(firm, attempt, { code: now(firm) });
    expect(await tries()).toEqual({ failed_sign_ins: 0, locked_until: null });
  });

  it("answers 429 to an address that tries a list of names, and lets others in", async () => {
    const from = (address: string) => ({ headers: { "x-forwarded-for": `1.2.3.4, ${address}` } });
    await asOwner(firm.id, (client) =>
      client.query(
        "INSERT INTO rate_limit SELECT 'sign-in.address:' || encode(sha256('9.9.9.9'), 'hex'), 60, (extract(epoch FROM now()) * 1000)::bigint + 60000",
      ),
    );
    const reply = await postSignIn(firm, { email: "a@b.example", password: "x" }, from("9.9.9.9"));
    expect(reply.headers.get("location")).toContain("error=TooManyTries");
    expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(cookieOf(reply, "arrestra.attempt")).toBe("");
    const form = { email: firm.user.email, password: PASSWORD, code: now(firm) };
    const second = await postFactor(firm, await postPassword(firm), { code: "000000" }, from("9.9.9.9"));
    expect(second.headers.get("location")).toContain("error=TooManyTries");
    const fine = await postSignIn(firm, form, from("9.9.9.8"));
    expect(fine.headers.get("location")).toBe(`${originOfFirm(firm)}${HOME}`);
  });

  it("fails closed when the limits cannot be asked, at either step", async () => {
    const attempt = await postPassword(firm);
    await asOwner(firm.id, (client) => client.query("ALTER TABLE rate_limit RENAME TO rate_limit_away"));
    try {
      for (const reply of [
        await postSignIn(firm, { email: firm.user.email, password: PASSWORD }),
        await postFactor(firm, attempt, { code: now(firm) }),
      ]) {
        expect(reply.status).toBe(503);
        expect(reply.headers.get("retry-after")).not.toBeNull();
        expect(reply.headers.getSetCookie()).toEqual([]);
      }
    } finally {
      await asOwner(firm.id, (client) => client.query("ALTER TABLE rate_limit_away RENAME TO rate_limit"));
    }
  });
});

describe("a session", () => {
  const change = (sql: string) => asOwner(firm.id, (client) => client.query(sql));

  it.each([
    ["was revoked", "UPDATE session SET revoked_at = now()"],
    ["was idle for 30 minutes", "UPDATE session SET last_seen_at = now() - interval '30 minutes'"],
    ["is 12 hours old", "UPDATE session SET expires_at = now()"],
    ["belongs to a disabled user", "UPDATE app_user SET disabled_at = now()"],
    ["was removed", "DELETE FROM session"],
  ])("is refused from the next request on when it %s", async (_why, sql) => {
    const cookie = await signInTo(firm);
    expect((await list(hostOf(firm), cookie)).status).toBe(200);
    await change(sql);
    expect((await list(hostOf(firm), cookie)).status).toBe(401);
    expect((await askSession(hostOf(firm), cookie)).json().user).toBeUndefined();
  });

  it("ends when its person signs out, and the cookie goes", async () => {
    const cookie = await signInTo(firm);
    const headers = { origin: originOfFirm(firm), cookie };
    const reply = await call(authPost as Route, "/api/auth/signout", {
      method: "POST",
      host: hostOf(firm),
      headers,
    });
    expect(reply.headers.get("location")).toBe(`${originOfFirm(firm)}/login`);
    expect(reply.headers.getSetCookie().join()).toMatch(/arrestra\.session=;.*Max-Age=0/);
    expect((await list(hostOf(firm), cookie)).status).toBe(401);
    expect(await typesOf(firm)).toEqual(["auth.password_accepted", "auth.signed_in", "auth.signed_out"]);
  });

  it("takes a change of role from the next request on", async () => {
    const cookie = await signInTo(firm);
    await change("UPDATE app_user SET role = 'viewer'");
    const session = (await askSession(hostOf(firm), cookie)).json<{ user: { role: string } }>();
    expect(session.user.role).toBe("viewer");
  });

  it("begins a new visit when the last request is older than 30 minutes, and keeps the end of the one before", async () => {
    const cookie = await signInTo(firm);
    await list(hostOf(firm), cookie);
    const visit = async () => (await change("SELECT last_visit_at, previous_visit_at FROM app_user")).rows[0];
    expect((await visit()).previous_visit_at).toBeNull();
    await change("UPDATE app_user SET last_visit_at = now() - interval '31 minutes'");
    const before = (await visit()).last_visit_at;
    await list(hostOf(firm), cookie);
    expect((await visit()).previous_visit_at).toEqual(before);
    await change("UPDATE app_user SET last_visit_at = now() - interval '10 minutes'");
    await list(hostOf(firm), cookie);
    expect((await visit()).previous_visit_at).toEqual(before);
  });
});
