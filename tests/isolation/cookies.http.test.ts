import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase } from "@/lib/platform/db";
import { PASSWORD } from "../http/call";
import { freshCode } from "../setup/factor";
import type { Reply } from "../setup/http";
import { ALWAYS, type House, makeHouse, startWorld, type World } from "./http-world";

// The server as it stands behind an edge that speaks https: told that its address is https, asked over plain http.

const APEX = "arrestra.example";
const TOKEN = "an-operator-token-of-a-test-file";
let world: World;
let ours: House;
let theirs: House;
beforeAll(async () => {
  const env = { APP_BASE_URL: `https://${APEX}`, OPERATOR_TOKEN: TOKEN };
  [ours, theirs, world] = await Promise.all([makeHouse(), makeHouse(), startWorld(env)]);
});
afterAll(async () => {
  await world?.app.stop();
  await closeDatabase();
});

const hostOf = ({ firm }: House) => `${firm.slug}.${APEX}`;
const pair = (reply: Reply, name: string) =>
  reply.setCookies.find((line) => line.startsWith(`${name}=`))?.split(";")[0] ?? "";
const post = (house: House, action: string, form: Record<string, string>, cookie = "") =>
  world.ask(hostOf(house), `/api/auth/${action}`, {
    method: "POST",
    cookie,
    body: new URLSearchParams(form),
    headers: { origin: `https://${hostOf(house)}` },
  });

async function signIn(house: House) {
  const first = await post(house, "callback/credentials", { email: house.people.owner.email, password: PASSWORD });
  const code = await freshCode(house.firm.id, house.firm.user);
  const second = await post(house, "callback/credentials", { code }, pair(first, "__Host-arrestra.attempt"));
  return { first, second, session: pair(second, "__Host-arrestra.session") };
}

// Seen red without: the prefix in session-cookie.ts.
function expectOwnOnly(reply: Reply, names: string[]) {
  const lines = reply.setCookies;
  expect(lines.map((line) => line.split("=")[0])).toEqual(expect.arrayContaining(names));
  for (const line of lines) {
    expect(line).toMatch(/^__Host-arrestra\.[a-z]+=/);
    expect(line).toMatch(/; *Secure/i);
    expect(line).toMatch(/; *HttpOnly/i);
    expect(line).toMatch(/; *SameSite=(Lax|Strict)/i);
    expect(line).toMatch(/; *Path=\/(;|$)/i);
    expect(line).not.toMatch(/; *Domain/i);
    expect(Buffer.byteLength(line)).toBeLessThan(4096);
  }
}

describe("behind https", () => {
  it("sets only host-only, secure cookies out of scripts' reach, at both steps of signing in and at signing out", async () => {
    const { first, second, session } = await signIn(ours);
    expectOwnOnly(first, ["__Host-arrestra.attempt"]);
    expectOwnOnly(second, ["__Host-arrestra.session", "__Host-arrestra.attempt"]);
    expect(second.headers.location).toMatch(`https://${hostOf(ours)}/leads`);
    expectOwnOnly(await world.ask(hostOf(ours), "/api/auth/csrf"), []);
    const out = await post(ours, "signout", {}, session);
    expectOwnOnly(out, ["__Host-arrestra.session"]);
    expect((await world.ask(hostOf(ours), "/api/leads", { cookie: session })).status).toBe(401);
  });

  it("sets such cookies also for a password that is wrong, and for nobody", async () => {
    for (const email of [ours.people.owner.email, "nobody@person.example"])
      expectOwnOnly(await post(ours, "callback/credentials", { email, password: "wrong" }), [
        "__Host-arrestra.attempt",
      ]);
  });

  it("does so for operators, when they come and when they go", async () => {
    const send = (form: Record<string, string>) =>
      world.ask(APEX, "/operator/session", {
        method: "POST",
        body: new URLSearchParams(form),
        headers: { origin: `https://${APEX}` },
      });
    const came = await send({ token: TOKEN });
    expectOwnOnly(came, ["__Host-arrestra.operator"]);
    expect(came.setCookies.join()).toMatch(/SameSite=Strict/i);
    expectOwnOnly(await send({ end: "yes" }), ["__Host-arrestra.operator"]);
    const bare = pair(came, "__Host-arrestra.operator").replace("__Host-", "");
    expect((await world.ask(APEX, "/operator", { cookie: bare })).text).toMatch(/name="token"/);
    expect((await world.ask(APEX, "/operator", { cookie: `__Host-${bare}` })).text).not.toMatch(/name="token"/);
  });

  // Seen red without: the prefix in session-cookie.ts.
  it("believes no cookie without the prefix, which another host of the domain can plant, and no cookie that came twice", async () => {
    const { session } = await signIn(ours);
    const value = session.replace(/^[^=]+=/, "");
    const other = (await signIn(theirs)).session.replace(/^[^=]+=/, "");
    const statusWith = async (cookie: string) => (await world.ask(hostOf(ours), "/api/leads", { cookie })).status;
    expect(await statusWith(session)).toBe(200);
    for (const name of [
      "arrestra.session",
      "__Secure-arrestra.session",
      "__host-arrestra.session",
      " __Host-arrestra.session2",
    ])
      expect(await statusWith(`${name}=${value}`), name).toBe(401);
    expect(await statusWith(`${session}; __Host-arrestra.session=${other}`)).toBe(401);
    expect(await statusWith(`__Host-arrestra.session=${other}; ${session}`)).toBe(401);
    // beside ours, one without the prefix is nothing
    expect(await statusWith(`arrestra.session=${other}; ${session}`)).toBe(200);
    expect((await world.ask(hostOf(theirs), "/api/leads", { cookie: session })).status).toBe(401);
  });

  it("says HSTS and the rest on every kind of reply", async () => {
    const { session: cookie } = await signIn(ours);
    const replies: [string, Reply][] = [];
    for (const host of [hostOf(ours), APEX, `nobody.${APEX}`, "a_b.example"]) {
      for (const path of [
        "/",
        "/leads",
        "/login",
        "/api/leads",
        "/api/health",
        "/no/such",
        "/icon.svg",
        "/_next/static/x.js",
        "/api/auth/session",
        "/operator",
        "/%ff",
        "/leads/",
        "/api//leads",
        "/x//y",
      ])
        replies.push([`${host}${path}`, await world.ask(host, path, { cookie })]);
      replies.push([`${host} HEAD`, await world.ask(host, "/leads", { cookie, method: "HEAD" })]);
      replies.push([`${host} OPTIONS`, await world.ask(host, "/leads", { cookie, method: "OPTIONS" })]);
      replies.push([`${host} POST`, await world.ask(host, "/leads", { cookie, method: "POST", body: "x" })]);
    }
    for (const [what, { headers, status }] of replies) {
      expect(
        ALWAYS.filter((name) => !headers[name]),
        `${what} ${status}`,
      ).toEqual([]);
      expect(String(headers["strict-transport-security"]), what).toMatch(/max-age=\d{8}; includeSubDomains/);
      expect(String(headers["content-security-policy"]).match(/script-src[^;]*unsafe/), what).toBeNull();
      expect(status, what).toBeLessThan(500);
    }
  });
});
