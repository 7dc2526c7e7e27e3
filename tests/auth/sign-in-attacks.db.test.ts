import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { GET as listRoute } from "@/app/api/leads/route";
import { HOME } from "@/lib/http/callback-url";
import { closeDatabase } from "@/lib/platform/db";
import {
  addUserWithPassword,
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
  type Reply,
  signInTo,
} from "../http/call";
import { codeOf, freshCode } from "../setup/factor";
import { asOwner, type TestFirm } from "../setup/firms";

let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirmWithPassword();
  // The tests of a file come from one address.
  await asOwner(firm.id, (client) => client.query("DELETE FROM rate_limit"));
});
afterAll(closeDatabase);

const now = (of: TestFirm = firm) => codeOf(of.user.totpSecret);
const isIn = (reply: Reply) => cookieOf(reply, "arrestra.session") !== "";
const list = async (cookie: string, host = hostOf(firm)) =>
  (await call(listRoute, "/api/leads", { host, headers: { cookie } })).status;

// Seen red with: every second step counted against the firm.
it("nobody shuts a firm's door with second steps that belong to no sign-in: they count by address alone", async () => {
  const over = await postPassword(firm);
  await asOwner(firm.id, (client) => client.query("UPDATE sign_in_attempt SET expires_at = now()"));
  const counted = async () => {
    const { rows } = await asOwner(firm.id, (client) =>
      client.query("SELECT key, points FROM rate_limit ORDER BY key"),
    );
    const of = (name: string) => rows.filter(({ key }) => key.startsWith(`${name}:`)).map(({ points }) => points);
    return { firm: of("sign-in.firm"), account: of("sign-in.account"), address: of("sign-in.address") };
  };
  const before = await counted();
  expect(before).toEqual({ firm: [1], account: [1], address: [1] });
  const madeUp = `arrestra.attempt=${"A".repeat(43)}`;
  for (const attempt of ["", madeUp, over]) {
    const reply = await postFactor(firm, attempt, { code: now() });
    expect([reply.status, isIn(reply)]).toEqual([303, false]);
  }
  expect(await counted()).toEqual({ ...before, address: [4] });
  // A live one counts as ever, right password or not.
  for (const password of [PASSWORD, "wrong"])
    await postFactor(firm, await postPassword(firm, { password }), { code: "000000" });
  expect((await counted()).firm).toEqual([5]);
});

describe("where signing in leads", () => {
  const bothSteps = async (callbackUrl: string) => {
    const form = { email: firm.user.email, password: PASSWORD, callbackUrl };
    const first = await postSignIn(firm, form);
    const attempt = cookieOf(first, "arrestra.attempt");
    const second = await postFactor(firm, attempt, { code: await freshCode(firm.id, firm.user), callbackUrl });
    const wrong = await postFactor(firm, attempt, { code: "000000", callbackUrl });
    return [first, second, wrong].map((reply) => reply.headers.get("location")?.replace(originOfFirm(firm), ""));
  };

  it("stays with what was asked for, through both steps and a wrong one", async () => {
    const page = "/leads/01900000-0000-7000-8000-000000000001?tab=a b#top".replace(" ", "%20");
    const kept = encodeURIComponent(page);
    const [first, second, wrong] = await bothSteps(page);
    const callbackOf = (at: string | undefined) => new URL(at ?? "", "http://x").searchParams.get("callbackUrl");
    expect(first).toMatch(/^\/login\/code\?callbackUrl=/);
    expect([callbackOf(first), second, callbackOf(wrong)]).toEqual([page, page, page]);
    expect(kept).toContain("%23top");
  });

  // Seen red without: safeCallbackPath in answer() of auth-route.ts.
  it.each([
    "//evil.example",
    "/\\evil.example",
    "https:evil.example",
    "https://evil.example/",
    "http://evil.example@FIRM/",
    "http://FIRM@evil.example/",
    "http://FIRM.evil.example/",
    "http://evilFIRM/",
    "javascript:alert(1)",
    "java\tscript:alert(1)",
    "/leads\r\nSet-Cookie: arrestra.session=x",
    "/\t/evil.example",
    "/.//evil.example",
    "/login/code",
    "/api/auth/signout",
  ])("never leaves the firm, asked for %j", async (trick) => {
    const [first, second, wrong] = await bothSteps(trick.replaceAll("FIRM", hostOf(firm)));
    expect([first, second, wrong]).toEqual(["/login/code", HOME, "/login?error=CredentialsSignin"]);
  });

  it("is not told by a cookie: what next-auth keeps there is not read", async () => {
    const attempt = await postPassword(firm);
    const cookie = `${attempt}; arrestra.callback=https%3A%2F%2Fevil.example; next-auth.callback-url=https://evil.example`;
    const reply = await postFactor(firm, cookie, { code: now() });
    expect(reply.headers.get("location")).toBe(`${originOfFirm(firm)}${HOME}`);
  });
});

describe("cookies that somebody planted", () => {
  // Seen red without: refusing a name that comes twice, in readCookies (the attacker's session was believed when it came first).
  it("do not put a person into somebody else's session, first or second", async () => {
    const attacker = await addUserWithPassword(firm, { role: "viewer" });
    const [mine, planted] = [await signInTo(firm), await signInTo(firm, attacker)];
    for (const cookie of [`${planted}; ${mine}`, `${mine}; ${planted}`]) {
      expect(await list(cookie)).toBe(401);
      expect((await askSession(hostOf(firm), cookie)).json().user).toBeUndefined();
    }
    expect(await list(`${mine}; ${mine}`)).toBe(200);
  });

  it("of another firm open nothing here, and do not stand in for one's own", async () => {
    const other = await makeFirmWithPassword();
    const [mine, theirs] = [await signInTo(firm), await signInTo(other)];
    expect(await list(theirs)).toBe(401);
    for (const cookie of [`${theirs}; ${mine}`, `${mine}; ${theirs}`]) expect(await list(cookie)).toBe(401);
    expect(await list(theirs, hostOf(other))).toBe(200);
  });

  // Seen red without: ourCookies (next-auth glues `name.0`, `name.1` together).
  it("with a longer name are not glued to ours", async () => {
    const [mine, planted] = [await signInTo(firm), await signInTo(firm, await addUserWithPassword(firm))];
    const value = planted.split("=")[1] ?? "";
    const longer = [".0", ".1", "2", "-x"].map((end) => `arrestra.session${end}=${value}`).join("; ");
    const session = (cookie: string) => askSession(hostOf(firm), cookie);
    expect((await session(longer)).json().user).toBeUndefined();
    expect(await list(longer)).toBe(401);
    expect((await session(`${longer}; ${mine}`)).json()).toMatchObject({ user: { id: firm.user.id } });
    for (const name of [
      "xarrestra.session",
      "Arrestra.Session",
      "__Host-arrestra.session",
      "__Secure-arrestra.session",
    ])
      expect(await list(`${name}=${value}`)).toBe(401);
  });

  it("do not finish an attempt: of two attempts in one request neither counts", async () => {
    const attacker = await addUserWithPassword(firm);
    const [mine, planted] = [await postPassword(firm), await postPassword(firm, { email: attacker.email })];
    for (const cookie of [`${mine}; ${planted}`, `${planted}; ${mine}`]) {
      expect(isIn(await postFactor(firm, cookie, { code: now() }))).toBe(false);
      expect(isIn(await postFactor(firm, cookie, { code: codeOf(attacker.totpSecret) }))).toBe(false);
    }
  });

  it("made up or altered open nothing", async () => {
    const [name = "", value = ""] = (await signInTo(firm)).split("=");
    for (const made of [
      "",
      "x",
      value.slice(0, -2),
      `${value}A`,
      value.split(".").reverse().join("."),
      "%00",
      "%E0%A4%A",
    ])
      expect(await list(`${name}=${made}`)).toBe(401);
  });
});

describe("an attempt", () => {
  it("of one firm is none on another firm's host, though the same person has the same code there", async () => {
    const other = await makeFirmWithPassword();
    await asOwner(other.id, async (client) => {
      await client.query("UPDATE app_user SET email = $1", [firm.user.email]);
    });
    const attempt = await postPassword(firm);
    expect(isIn(await postFactor(other, attempt, { code: now(other) }))).toBe(false);
    expect(isIn(await postFactor(other, attempt, { code: now() }))).toBe(false);
    expect(isIn(await postFactor(firm, attempt, { code: now() }))).toBe(true);
  });

  it("is not taken from a form of another site, and does not exist on our own address", async () => {
    const attempt = await postPassword(firm);
    for (const origin of ["https://evil.example", "null", "http://localhost:3000", "http://other.localhost:3000"]) {
      const reply = await postFactor(firm, attempt, { code: now() }, { headers: { origin } });
      expect([reply.status, isIn(reply)]).toEqual([403, false]);
    }
    const apex = { host: "localhost:3000", headers: { origin: "http://localhost:3000" } };
    expect((await postFactor(firm, attempt, { code: now() }, apex)).status).toBe(404);
    expect(isIn(await postFactor(firm, attempt, { code: now() }))).toBe(true);
  });

  it("is no session: nothing opens with it", async () => {
    const attempt = await postPassword(firm);
    expect(await list(attempt)).toBe(401);
    expect(await list(attempt.replace("attempt", "session"))).toBe(401);
    expect((await askSession(hostOf(firm), attempt)).json().user).toBeUndefined();
  });

  it("is cleared away when it ran out", async () => {
    const rows = async () =>
      (await asOwner(firm.id, (client) => client.query("SELECT 1 FROM sign_in_attempt"))).rowCount;
    await postPassword(firm, { password: "wrong" });
    await postPassword(firm);
    await asOwner(firm.id, (client) => client.query("UPDATE sign_in_attempt SET expires_at = now()"));
    expect(await rows()).toBe(2);
    await postPassword(firm);
    expect(await rows()).toBe(1);
  });

  // Seen red without: the new hash in the attempts, in rehash().
  it("goes on when the password is hashed anew meanwhile, at today's cost", async () => {
    const { hash } = await import("@node-rs/argon2");
    const old = await hash(PASSWORD, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
    await asOwner(firm.id, (client) => client.query("UPDATE app_user SET password_hash = $1", [old]));
    const attempt = await postPassword(firm);
    const stored = async () =>
      (await asOwner(firm.id, (client) => client.query("SELECT password_hash FROM app_user"))).rows[0].password_hash;
    await expect.poll(stored).toContain("m=19456,t=2");
    expect(isIn(await postFactor(firm, attempt, { code: now() }))).toBe(true);
  });
});
