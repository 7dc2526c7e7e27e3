import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { makeRecoveryCodes } from "@/lib/domain/auth/recovery-codes";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { closeDatabase } from "@/lib/platform/db";
import {
  addUserWithPassword,
  cookieOf,
  makeFirmWithPassword,
  postFactor,
  postPassword,
  type Reply,
  signInTo,
} from "../http/call";
import { codeOf, freshCode } from "../setup/factor";
import { asOwner, eventsOf, type TestFirm, type TestUser } from "../setup/firms";

let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirmWithPassword();
  // The tests of a file come from one address.
  await change("DELETE FROM rate_limit");
});
afterAll(closeDatabase);

const change = (sql: string) => asOwner(firm.id, (client) => client.query(sql));
const now = (user: TestUser = firm.user) => codeOf(user.totpSecret);
const isIn = (reply: Reply) => cookieOf(reply, "arrestra.session") !== "";
const signIn = async (form: Record<string, string>, email = firm.user.email) =>
  isIn(await postFactor(firm, await postPassword(firm, { email }), form));
const sessions = async () => (await change("SELECT factor FROM session")).rows;
const codesFor = (user: TestUser = firm.user) =>
  inTenant(firm.asUser(), (tx) => makeRecoveryCodes(tx, firm.asUser(), user.id));

describe("the code at the door", () => {
  it("signs in once: the same code does not open a second session", async () => {
    const code = now();
    expect(await signIn({ code })).toBe(true);
    expect(await signIn({ code })).toBe(false);
    expect(await sessions()).toEqual([{ factor: "totp" }]);
  });

  it("is its person's own: a colleague's code does not do", async () => {
    const colleague = await addUserWithPassword(firm);
    expect(await signIn({ code: now(colleague) })).toBe(false);
    expect(await signIn({ code: now(colleague) }, colleague.email)).toBe(true);
  });

  // Seen red without: deleting the attempt (with a recovery code as the second of the two).
  it("ends its attempt: the cookie opens nothing a second time", async () => {
    const attempt = await postPassword(firm);
    expect(isIn(await postFactor(firm, attempt, { code: now() }))).toBe(true);
    const [recoveryCode = ""] = await codesFor();
    expect(isIn(await postFactor(firm, attempt, { recoveryCode }))).toBe(false);
    expect(isIn(await postFactor(firm, attempt, { code: await freshCode(firm.id, firm.user) }))).toBe(false);
  });

  // Seen red without: the locks on user and attempt (lockUser, lockAttempt) that put the posts in a row: two sessions of one attempt.
  it("opens one session when one attempt is finished several times at once, and spends one factor", async () => {
    const codes = await codesFor();
    const attempt = await postPassword(firm);
    const forms = [{ code: now() }, ...codes.slice(0, 4).map((recoveryCode) => ({ recoveryCode }))];
    // Held here until every one of them waits, so that they do meet.
    const replies = await asOwner(firm.id, async (client) => {
      await client.query("SELECT 1 FROM app_user FOR UPDATE");
      const posts = forms.map((form) => postFactor(firm, attempt, form));
      const waiting = "SELECT count(DISTINCT pid)::int AS n FROM pg_locks WHERE NOT granted";
      await expect
        .poll(async () => (await client.query(waiting)).rows[0].n, { timeout: 2500 })
        .toBeGreaterThanOrEqual(forms.length);
      return posts;
    }).then((posts) => Promise.all(posts));
    expect(replies.filter(isIn)).toHaveLength(1);
    expect(await sessions()).toHaveLength(1);
    const spent = await change(
      "SELECT 1 FROM recovery_code WHERE used_at IS NOT NULL UNION ALL SELECT 1 FROM totp WHERE last_step > 0",
    );
    expect(spent.rowCount).toBe(1);
  });

  it("opens one session when several attempts show one code at once", async () => {
    const attempts = await Promise.all(Array.from({ length: 4 }, () => postPassword(firm)));
    const replies = await Promise.all(attempts.map((attempt) => postFactor(firm, attempt, { code: now() })));
    expect(replies.filter(isIn)).toHaveLength(1);
    expect(await sessions()).toHaveLength(1);
  });

  // Seen red without: takeRate("sign-in.attempt").
  it("may be wrong five times, then the attempt is void for the right one too", async () => {
    const attempt = await postPassword(firm);
    for (let tries = 0; tries < 5; tries++) await postFactor(firm, attempt, { code: "000000" });
    expect(isIn(await postFactor(firm, attempt, { code: now() }))).toBe(false);
    expect((await change("SELECT 1 FROM sign_in_attempt")).rowCount).toBe(0);
    expect(await signIn({ code: now() })).toBe(true);
  });

  // Seen red without: countWrongFactor.
  it("counts as a wrong try of the account when it is wrong, up to its lock, and says so in the history", async () => {
    await change("UPDATE app_user SET failed_sign_ins = 8");
    const attempt = await postPassword(firm);
    await postFactor(firm, attempt, { code: "000000" });
    await postFactor(firm, attempt, { recoveryCode: "0000" });
    const { rows } = await change("SELECT failed_sign_ins, locked_until > now() AS shut FROM app_user");
    expect(rows).toEqual([{ failed_sign_ins: 10, shut: true }]);
    expect(isIn(await postFactor(firm, attempt, { code: now() }))).toBe(false);
    const failed = { userId: firm.user.id, during: "sign_in" };
    expect(await eventsOf(firm)).toMatchObject([
      { type: "auth.password_accepted" },
      { type: "auth.factor_failed", data: { ...failed, factor: "totp" } },
      { type: "auth.factor_failed", data: { ...failed, factor: "recovery_code" } },
      { type: "auth.account_locked", data: { userId: firm.user.id } },
      { type: "auth.factor_failed", data: { userId: null, factor: "totp" } },
    ]);
  });

  it("lets a person in with the right one after wrong ones, and forgets those", async () => {
    const attempt = await postPassword(firm);
    await postFactor(firm, attempt, { code: "000000" });
    expect(isIn(await postFactor(firm, attempt, { code: now() }))).toBe(true);
    expect((await change("SELECT failed_sign_ins FROM app_user")).rows).toEqual([{ failed_sign_ins: 0 }]);
  });

  // Seen red without: giving the points back for both steps (a limit of 20 was used up after ten sign-ins).
  it("does not wear out the limits of somebody who signs in often", async () => {
    for (let times = 0; times < 3; times++) await signInTo(firm);
    const { rows } = await change(
      "SELECT DISTINCT points FROM rate_limit WHERE key LIKE 'sign-in.%' AND key NOT LIKE '%.attempt:%'",
    );
    expect(rows).toEqual([{ points: 0 }]);
  });
});

describe("a recovery code", () => {
  it("is one of ten, 80 bits in groups of four, with no letter that looks like another", async () => {
    const codes = await codesFor();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
  });

  // Seen red without: hashOf (the code itself in the column).
  it("rests as a keyed digest of its own user", async () => {
    const codes = await codesFor();
    const { rows } = await change("SELECT * FROM recovery_code");
    expect(rows).toHaveLength(10);
    for (const code of codes) expect(JSON.stringify(rows)).not.toContain(code.replaceAll("-", ""));
    const colleague = await addUserWithPassword(firm);
    await change(
      `INSERT INTO recovery_code (tenant_id, user_id, code_hash, created_at) SELECT tenant_id, '${colleague.id}', code_hash, created_at FROM recovery_code`,
    );
    expect(await signIn({ recoveryCode: codes[0] ?? "" }, colleague.email)).toBe(false);
  });

  // Seen red without: `used_at IS NULL` in takeRecoveryCode.
  it("signs in once, however it is typed, and the history says how many are left", async () => {
    const [first = "", second = "", third = ""] = await codesFor();
    expect(await signIn({ recoveryCode: first })).toBe(true);
    expect(await signIn({ recoveryCode: first })).toBe(false);
    expect(await signIn({ recoveryCode: ` ${second.toLowerCase().replaceAll("-", " ")} ` })).toBe(true);
    const mistaken = third.replaceAll("-", "").replace(/1/g, "l").replace(/0/g, "o");
    expect(await signIn({ recoveryCode: mistaken })).toBe(true);
    expect(await sessions()).toEqual(Array(3).fill({ factor: "recovery_code" }));
    const used = (await eventsOf(firm)).filter(({ type }) => type === "auth.recovery_code_used");
    expect(used.map(({ data }) => data)).toEqual([9, 8, 7].map((left) => ({ userId: firm.user.id, left })));
  });

  it("lets one in of several who show it at once", async () => {
    const [recoveryCode = ""] = await codesFor();
    const attempts = await Promise.all(Array.from({ length: 4 }, () => postPassword(firm)));
    const replies = await Promise.all(attempts.map((attempt) => postFactor(firm, attempt, { recoveryCode })));
    expect(replies.filter(isIn)).toHaveLength(1);
  });

  it("no longer works when new ones were made", async () => {
    const [old = ""] = await codesFor();
    const [fresh = ""] = await codesFor();
    expect(await signIn({ recoveryCode: old })).toBe(false);
    expect(await signIn({ recoveryCode: fresh })).toBe(true);
    expect((await change("SELECT 1 FROM recovery_code")).rowCount).toBe(10);
  });

  it("is nobody else's", async () => {
    const colleague = await addUserWithPassword(firm);
    const [recoveryCode = ""] = await codesFor(colleague);
    expect(await signIn({ recoveryCode })).toBe(false);
    expect(await signIn({ recoveryCode }, colleague.email)).toBe(true);
  });
});
