import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { POST as joinRoute } from "@/app/api/join/route";
import { closeDatabase } from "@/lib/platform/db";
import {
  call,
  cookieOf,
  hostOf,
  makeFirmWithPassword,
  originOfFirm,
  postFactor,
  postPassword,
  postSignIn,
  type Reply,
} from "../http/call";
import { codeOf } from "../setup/factor";
import { asOwner, eventsOf, type TestFirm, type TestMember } from "../setup/firms";
import { accountOf, ask, invite, linkFor, NEW_PASSWORD, namedIn, postLink, rowOf, statusOf, typesOf } from "./account";

let firm: TestFirm;
let person: TestMember;
let link: string;
beforeEach(async () => {
  firm = await makeFirmWithPassword();
  person = await invite(firm);
  link = await linkFor(firm, "join", person.id);
});
afterAll(closeDatabase);

type Offer = { secret: string; uri: string; qr: string };
const offer = async (cookie = "") => {
  const reply = await postLink(firm, "/api/join/offer", { link }, { headers: { cookie } });
  return { ...reply.json<Offer>(), cookie: cookieOf(reply, "arrestra.offer") };
};
const join = (more: object = {}, at: { headers?: Record<string, string>; host?: string } = {}) =>
  postLink(firm, "/api/join", { link, name: "Robin A. Associate", password: NEW_PASSWORD, code: "", ...more }, at);
const recordOf = () =>
  rowOf<{ name: string; joined: boolean; sessions: number; codes: number; confirmed: number }>(
    firm,
    `SELECT name, password_hash IS NOT NULL AS joined,
       (SELECT count(*)::int FROM session s WHERE s.user_id = u.id) AS sessions,
       (SELECT count(*)::int FROM recovery_code c WHERE c.user_id = u.id) AS codes,
       (SELECT count(*)::int FROM totp t WHERE t.user_id = u.id AND confirmed_at IS NOT NULL) AS confirmed
     FROM app_user u WHERE id = $1`,
    [person.id],
  );
const NOTHING_DONE = { name: "Robin Associate", joined: false, sessions: 0, codes: 0, confirmed: 0 };

describe("an invited person", () => {
  it("joins with name, password and the first code: signed in, and shown ten recovery codes", async () => {
    const { secret } = await offer();
    const reply = await join({ code: codeOf(secret) });
    expect(reply.status).toBe(200);
    const { codes } = reply.json<{ codes: string[] }>();
    expect(new Set(codes).size).toBe(10);
    expect(await recordOf()).toEqual({
      name: "Robin A. Associate",
      joined: true,
      sessions: 1,
      codes: 10,
      confirmed: 1,
    });
    const cookie = cookieOf(reply, "arrestra.session");
    const line = reply.headers.getSetCookie().find((each) => each.startsWith("arrestra.session="));
    expect(line).toMatch(/HttpOnly.*SameSite=Lax/);
    expect(line).not.toMatch(/Domain=/i);
    const account = await accountOf(firm, cookie);
    expect(account).toMatchObject({ id: person.id, name: "Robin A. Associate", role: "staff", recoveryCodesLeft: 10 });
    expect(account.freshUntil).not.toBeNull();
    const events = await eventsOf(firm);
    expect(events.map(({ type }) => type)).toEqual([
      "user.joined",
      "auth.totp_enrolled",
      "auth.recovery_codes_made",
      "auth.signed_in",
    ]);
    expect(new Set(events.map(({ actor_id }) => actor_id))).toEqual(new Set([person.id]));
    // What was chosen is what signs in, with a recovery code too.
    const attempt = await postPassword(firm, { email: person.email, password: NEW_PASSWORD });
    const signedIn = await postFactor(firm, attempt, { recoveryCode: codes[3] ?? "" });
    expect(cookieOf(signedIn, "arrestra.session")).not.toBe("");
  });

  // Seen red without: `confirmedStep` in confirmWaitingTotp, which makes the code count again.
  it("has spent the code that they joined with", async () => {
    const { secret } = await offer();
    const code = codeOf(secret);
    await join({ code });
    const attempt = await postPassword(firm, { email: person.email, password: NEW_PASSWORD });
    expect(cookieOf(await postFactor(firm, attempt, { code }), "arrestra.session")).toBe("");
  });

  // Seen red without: confirmWaitingTotp throwing, with the check before it.
  it("has not joined at all with a wrong code, and can try again", async () => {
    const { secret } = await offer();
    const wrong = codeOf(secret, 40);
    for (const code of [wrong, "000000", "not a code"]) {
      const reply = await join({ code });
      expect(reply.status).toBe(422);
      expect(namedIn(reply)).toEqual(["code"]);
      expect(cookieOf(reply, "arrestra.session")).toBe("");
    }
    expect(await recordOf()).toEqual(NOTHING_DONE);
    expect(await typesOf(firm)).toEqual([]);
    expect((await join({ code: codeOf(secret) })).status).toBe(200);
  });

  it("has not joined with an authenticator that was never offered", async () => {
    expect(namedIn(await join({ code: "123456" }))).toEqual(["code"]);
    expect(await recordOf()).toEqual(NOTHING_DONE);
  });

  // Seen red without: passwordProblems in joinFirm.
  it("is told what is wrong with a poor password, together with the code, and has not joined", async () => {
    const { secret } = await offer();
    const poor = ["too short 1", "Password12345!", `${firm.slug}-2026`, "RobinAssociate!1", `${person.email}!`];
    for (const password of poor) {
      const reply = await join({ password, code: codeOf(secret) });
      expect(namedIn(reply), password).toEqual(["password"]);
    }
    expect(namedIn(await join({ password: "x", code: "1" }))).toEqual(["password", "code"]);
    expect(await recordOf()).toEqual(NOTHING_DONE);
  });

  // Seen red without: spendOneTimeLink (its null let pass): both join.
  it("joins once, however many send the form at the same moment", async () => {
    const { secret } = await offer();
    const code = codeOf(secret);
    const replies = await Promise.all(["one", "two", "three"].map((name) => join({ code, name })));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
    const { name, ...record } = await recordOf();
    expect(record).toEqual({ joined: true, sessions: 1, codes: 10, confirmed: 1 });
    expect(["one", "two", "three"]).toContain(name);
    expect((await typesOf(firm)).filter((type) => type === "user.joined")).toHaveLength(1);
  });

  it("signs in with the password as typed, spaces and accents included", async () => {
    const { secret } = await offer();
    const password = " purple otter sings café ";
    await join({ password, code: codeOf(secret) });
    const accepted = async (typed: string) => {
      await asOwner(firm.id, (client) => client.query("UPDATE totp SET last_step = 0"));
      const reply = await postSignIn(firm, { email: person.email, password: typed, code: codeOf(secret) });
      return cookieOf(reply, "arrestra.session") !== "";
    };
    expect(await accepted(password)).toBe(true);
    expect(await accepted(password.trim())).toBe(false);
    expect(await accepted(password.normalize("NFD"))).toBe(false);
  });
});

describe("the offered authenticator", () => {
  it("is drawn here, in the firm's name, for the person's e-mail", async () => {
    const { secret, uri, qr } = await offer();
    const otpauth = new URL(uri);
    expect(otpauth.protocol).toBe("otpauth:");
    expect(otpauth.searchParams.get("issuer")).toBe(`Firm ${firm.slug}`);
    expect(otpauth.searchParams.get("secret")).toBe(secret);
    expect(decodeURIComponent(otpauth.pathname)).toContain(person.email);
    const svg = Buffer.from(qr.replace("data:image/svg+xml;base64,", ""), "base64").toString();
    expect(svg).toMatch(/^<svg /);
    expect(svg).not.toMatch(/<script|href|<image/);
  });

  it("is the same again for the browser that was shown it", async () => {
    const first = await offer();
    expect((await offer(first.cookie)).secret).toBe(first.secret);
    expect((await join({ code: codeOf(first.secret) })).status).toBe(200);
  });

  // Seen red without: the comparison of tickets in offerByLink.
  it("is another one for any other browser, so whoever saw the link on its way does not know what its owner enrols", async () => {
    const snooper = await offer();
    const owner = await offer();
    expect(owner.secret).not.toBe(snooper.secret);
    expect((await offer("arrestra.offer=guess")).secret).not.toBe(owner.secret);
    expect(namedIn(await join({ code: codeOf(snooper.secret) }))).toEqual(["code"]);
  });

  // Seen red without: dropping what waits in makeOneTimeLink.
  it("goes with the link that offered it", async () => {
    const early = await offer();
    link = await linkFor(firm, "join", person.id);
    expect(namedIn(await join({ code: codeOf(early.secret) }))).toEqual(["code"]);
    expect((await offer(early.cookie)).secret).not.toBe(early.secret);
  });
});

describe("a link that opens nothing", () => {
  const shape = ({ status, text, headers }: Reply) => {
    const { requestId: _id, ...body } = JSON.parse(text);
    const names = [...headers.keys()].filter((name) => name !== "x-request-id");
    return { status, body, names };
  };

  // Seen red without: `password_hash IS NULL` in link-holder.ts, for the link of who has joined.
  it("is answered alike, whatever is wrong with it", async () => {
    const { secret } = await offer();
    const code = codeOf(secret);
    const own = link;
    const answers: Record<string, Reply> = {};
    const say = async (why: string, with_: string, at = {}) => {
      link = with_;
      answers[`${why}: join`] = await join({ code }, at);
      answers[`${why}: offer`] = await postLink(firm, "/api/join/offer", { link }, at);
    };
    const other = await makeFirmWithPassword();
    const theirs = await linkFor(other, "join", (await invite(other)).id);
    await say("another firm's", theirs);
    await say("never a link", "nothing.at-all");
    await say("another secret", `${own.split(".")[0]}.${"A".repeat(43)}`);
    await say("for something else", await linkFor(firm, "password", person.id));
    await say("of who has joined", await linkFor(firm, "join", firm.user.id));
    const expired = await invite(firm);
    await say("expired", await linkFor(firm, "join", expired.id, -1));
    const disabled = await invite(firm);
    await say("of who is disabled", await linkFor(firm, "join", disabled.id));
    await asOwner(firm.id, (client) =>
      client.query("UPDATE app_user SET disabled_at = now() WHERE id = $1", [disabled.id]),
    );
    await say("of who is disabled", link);
    link = own;
    // That it was asked for by the wrong purpose above did not spend it; the offer did not either.
    link = await linkFor(firm, "join", person.id);
    const again = await offer();
    expect((await join({ code: codeOf(again.secret) })).status).toBe(200);
    await say("spent", link);
    const shapes = Object.values(answers).map(shape);
    expect(shapes[0]?.status).toBe(404);
    for (const each of shapes) expect(each).toEqual(shapes[0]);
    expect(await statusOf(firm, "")).toBe(401);
  });

  it("is not even looked at on another host", async () => {
    const { secret } = await offer();
    const other = await makeFirmWithPassword();
    const body = { link, name: "Robin", password: NEW_PASSWORD, code: codeOf(secret) };
    const there = { host: hostOf(other), headers: { origin: originOfFirm(other) } };
    expect((await postLink(firm, "/api/join", body, there)).status).toBe(404);
    expect((await postLink(firm, "/api/join", body, { host: "localhost:3000" })).status).toBe(404);
    expect(await recordOf()).toEqual(NOTHING_DONE);
  });
});

describe("the form of a link", () => {
  // Seen red without: the comparison of origins in with-link.ts.
  it("is taken from the firm's own page alone, as JSON", async () => {
    const { secret } = await offer();
    const more = { code: codeOf(secret) };
    const body = JSON.stringify({ link, name: "Robin", password: NEW_PASSWORD, ...more });
    for (const origin of ["https://evil.example", "null", "http://localhost:3000", "http://other.localhost:3000"])
      expect((await join(more, { headers: { origin } })).status, origin).toBe(403);
    const bare = await call(joinRoute, "/api/join", { host: hostOf(firm), body: JSON.parse(body) });
    expect(bare.status).toBe(403);
    const headers = { origin: originOfFirm(firm), "content-type": "text/plain" };
    expect((await call(joinRoute, "/api/join", { host: hostOf(firm), headers, body })).status).toBe(400);
    expect(await recordOf()).toEqual(NOTHING_DONE);
  });

  it("is refused when it is too large, not JSON, or has a field that is none", async () => {
    expect((await join({ name: "x".repeat(20_000) })).status).toBe(413);
    expect((await join({ role: "owner" })).status).toBe(422);
    const headers = { origin: originOfFirm(firm), "content-type": "application/json" };
    expect((await call(joinRoute, "/api/join", { host: hostOf(firm), headers, body: "{" })).status).toBe(400);
  });

  // Seen red without: requireRate in with-link.ts.
  it("is slowed down for an address that tries many, and for nobody else", async () => {
    const from = (address: string) => ({ headers: { "x-forwarded-for": address } });
    const tries = Array.from({ length: 31 }, () => postLink(firm, "/api/join/offer", { link: "x.y" }, from("9.9.9.9")));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    const limited = await postLink(firm, "/api/join/offer", { link }, from("9.9.9.9"));
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await postLink(firm, "/api/join/offer", { link }, from("9.9.9.8"))).status).toBe(200);
  });

  it("cannot ask for the account: a link is no session", async () => {
    expect((await ask(firm, "", "GET /api/account", { headers: { authorization: `Bearer ${link}` } })).status).toBe(
      401,
    );
  });
});
