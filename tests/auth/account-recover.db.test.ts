import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { makeRecoveryCodes } from "@/lib/domain/auth/recovery-codes";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { closeDatabase } from "@/lib/platform/db";
import { cookieOf, makeFirmWithPassword, PASSWORD, postFactor, postPassword, signInTo } from "../http/call";
import { codeOf, freshCode } from "../setup/factor";
import { asOwner, eventsOf, type TestFirm } from "../setup/firms";
import { accountOf, linkFor, NEW_PASSWORD, namedIn, postLink, rowOf, statusOf, typesOf } from "./account";

let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirmWithPassword();
});
afterAll(closeDatabase);

/** Whether these two open the door, each tried anew. */
async function opens(password: string, factor: { code: string } | { recoveryCode: string }): Promise<boolean> {
  const attempt = await postPassword(firm, { password });
  return cookieOf(await postFactor(firm, attempt, factor), "arrestra.session") !== "";
}
const ownCode = async () => ({ code: await freshCode(firm.id, firm.user) });

describe("a link to choose a new password", () => {
  let link: string;
  beforeEach(async () => {
    link = await linkFor(firm, "password", firm.user.id);
  });
  const choose = (password = NEW_PASSWORD) => postLink(firm, "/api/recover/password", { link, password });

  // Seen red without: endSessions in recoverPassword, for the session that was open.
  it("changes the password and nothing else: no session is opened, every open one ends, the factor is still asked for", async () => {
    const open = await signInTo(firm);
    const reply = await choose();
    expect(reply.status).toBe(204);
    expect(reply.headers.getSetCookie()).toEqual([]);
    expect(await statusOf(firm, open)).toBe(401);
    expect(await opens(NEW_PASSWORD, { code: "000000" })).toBe(false);
    expect(await opens(PASSWORD, await ownCode())).toBe(false);
    expect(await opens(NEW_PASSWORD, await ownCode())).toBe(true);
    const types = await typesOf(firm);
    expect(types).toEqual(expect.arrayContaining(["auth.password_recovered", "auth.sessions_revoked"]));
    expect(types).not.toContain("auth.totp_enrolled");
  });

  it("works once, also for two at the same moment", async () => {
    const replies = await Promise.all([choose(), choose("seven violet kayaks hum")]);
    expect(replies.map(({ status }) => status).sort()).toEqual([204, 404]);
    expect((await choose()).status).toBe(404);
    expect((await typesOf(firm)).filter((type) => type === "auth.password_recovered")).toHaveLength(1);
  });

  // Seen red without: passwordProblems in recoverPassword.
  it("takes no poor password, and lives on", async () => {
    for (const password of ["short", "Password12345!", `${firm.slug}!!`, "DanaCounsel2026"])
      expect(namedIn(await choose(password)), password).toEqual(["password"]);
    expect((await choose()).status).toBe(204);
  });

  it("opens an account that wrong tries had shut", async () => {
    await asOwner(firm.id, (client) =>
      client.query("UPDATE app_user SET failed_sign_ins = 10, locked_until = now() + interval '1 day'"),
    );
    await choose();
    expect(await opens(NEW_PASSWORD, await ownCode())).toBe(true);
  });

  it("sets up no factor, and the link for a factor sets no password", async () => {
    const asFactor = { link, password: PASSWORD, code: "123456" };
    expect((await postLink(firm, "/api/recover/factor/offer", { link })).status).toBe(404);
    expect((await postLink(firm, "/api/recover/factor", asFactor)).status).toBe(404);
    expect((await postLink(firm, "/api/join", { ...asFactor, name: "Dana" })).status).toBe(404);
    const other = await linkFor(firm, "factor", firm.user.id);
    expect((await postLink(firm, "/api/recover/password", { link: other, password: NEW_PASSWORD })).status).toBe(404);
  });
});

describe("a link to set up a new factor", () => {
  let link: string;
  beforeEach(async () => {
    link = await linkFor(firm, "factor", firm.user.id);
  });
  const offer = async (): Promise<string> =>
    (await postLink(firm, "/api/recover/factor/offer", { link })).json<{ secret: string }>().secret;
  const enrol = (code: string, password = PASSWORD) => postLink(firm, "/api/recover/factor", { link, password, code });
  const wrongTries = async () =>
    (await rowOf<{ failed_sign_ins: number }>(firm, "SELECT failed_sign_ins FROM app_user")).failed_sign_ins;

  it("takes the password too, then puts new factors in the place of all old ones and opens a session", async () => {
    const open = await signInTo(firm);
    const ctx = firm.asUser();
    const [oldCode = ""] = await inTenant(ctx, (tx) => makeRecoveryCodes(tx, ctx, firm.user.id));
    await asOwner(firm.id, (client) =>
      client.query(
        "INSERT INTO passkey (tenant_id, id, user_id, credential_id, public_key, rp_id, name, created_at) VALUES ($1, gen_random_uuid(), $2, 'c', 'k', 'h', 'Laptop', now())",
        [firm.id, firm.user.id],
      ),
    );
    const before = (await eventsOf(firm)).length;
    const secret = await offer();
    const reply = await enrol(codeOf(secret));
    expect(reply.status).toBe(200);
    const { codes } = reply.json<{ codes: string[] }>();
    const account = await accountOf(firm, cookieOf(reply, "arrestra.session"));
    expect(account).toMatchObject({ passkeys: [], recoveryCodesLeft: 10 });
    expect(account.sessions).toHaveLength(1);
    expect(await statusOf(firm, open)).toBe(401);
    expect((await eventsOf(firm)).slice(before).map(({ type }) => type)).toEqual([
      "auth.sessions_revoked",
      "auth.totp_enrolled",
      "auth.passkey_removed",
      "auth.recovery_codes_made",
      "auth.signed_in",
    ]);
    expect(await opens(PASSWORD, await ownCode())).toBe(false);
    expect(await opens(PASSWORD, { recoveryCode: oldCode })).toBe(false);
    expect(await opens(PASSWORD, { code: await freshCode(firm.id, { ...firm.user, totpSecret: secret }) })).toBe(true);
    expect(await opens(PASSWORD, { recoveryCode: codes[0] ?? "" })).toBe(true);
  });

  // Seen red without: checkPassword in recoverFactor.
  it("opens nothing without the password, and counts the wrong one like one at the door", async () => {
    const secret = await offer();
    const reply = await enrol(codeOf(secret), "not the password at all");
    expect(reply.status).toBe(422);
    expect(namedIn(reply)).toEqual(["password"]);
    expect(reply.headers.getSetCookie()).toEqual([]);
    expect(await wrongTries()).toBe(1);
    expect((await eventsOf(firm)).at(-1)).toMatchObject({
      type: "auth.sign_in_failed",
      data: { reason: "wrong_password", userId: firm.user.id },
    });
    expect(await opens(PASSWORD, await ownCode())).toBe(true);
    expect((await enrol(codeOf(secret))).status).toBe(200);
  });

  // Seen red without: countTry in check-password.ts.
  it("is no place to guess the password: ten wrong ones shut the account, the right one too", async () => {
    const secret = await offer();
    for (let tries = 0; tries < 10; tries++) await enrol(codeOf(secret), `guess number ${tries}`);
    const shut = await enrol(codeOf(secret));
    expect(shut.status).toBe(429);
    expect(Number(shut.headers.get("retry-after"))).toBeGreaterThan(30);
    expect(await typesOf(firm)).toContain("auth.account_locked");
    await asOwner(firm.id, (client) => client.query("UPDATE app_user SET locked_until = now()"));
    expect((await enrol(codeOf(secret))).status).toBe(200);
    expect(await wrongTries()).toBe(0);
  });

  // Seen red without: requireRate in check-password.ts.
  it("stops after twenty wrong passwords in a quarter of an hour, lock or no lock", async () => {
    const secret = await offer();
    const guess = async (tries: number) => {
      await asOwner(firm.id, (client) => client.query("UPDATE app_user SET locked_until = NULL, failed_sign_ins = 0"));
      return enrol(codeOf(secret), `guess number ${tries}`);
    };
    const statuses: number[] = [];
    for (let tries = 0; tries < 21; tries++) statuses.push((await guess(tries)).status);
    expect(statuses.indexOf(429)).toBe(20);
  });

  it("lives on after a wrong code, and the factors from before too", async () => {
    const secret = await offer();
    expect(namedIn(await enrol(codeOf(secret, 40)))).toEqual(["code"]);
    expect(await opens(PASSWORD, await ownCode())).toBe(true);
    expect((await enrol(codeOf(secret))).status).toBe(200);
    expect((await enrol(codeOf(secret))).status).toBe(404);
  });

  it("leaves the password as it is", async () => {
    const hash = () => rowOf(firm, "SELECT password_hash, password_changed_at FROM app_user");
    const before = await hash();
    await enrol(codeOf(await offer()));
    expect(await hash()).toEqual(before);
  });

  it("enrols once for two at the same moment", async () => {
    const code = codeOf(await offer());
    const replies = await Promise.all([enrol(code), enrol(code)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 404]);
    const counted = await rowOf(
      firm,
      "SELECT (SELECT count(*)::int FROM totp) AS totps, (SELECT count(*)::int FROM recovery_code) AS codes",
    );
    expect(counted).toEqual({ totps: 1, codes: 10 });
  });
});
