import { generateSecret } from "otplib";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { newId } from "@/lib/core/ids";
import { findApiKey } from "@/lib/domain/auth/find-api-key";
import { closeDatabase, housePool } from "@/lib/platform/db";
import { codeOf } from "../setup/factor";
import { eventsOf, makeFirm } from "../setup/firms";
import { call, hostOf, type Reply, type Route } from "./call";

// env() is read once per file, so the token and the authenticator must be there before the first route is loaded.
const TOKEN = "an-operator-token-of-a-test-file";
const SECRET = generateSecret({ length: 20 });
Object.assign(process.env, { OPERATOR_TOKEN: TOKEN, OPERATOR_TOTP_SECRET: SECRET });
const { POST: openSession } = await import("@/app/(apex)/operator/session/route");
const { POST: create } = await import("@/app/(apex)/operator/firms/create/route");
const { POST: changeState } = await import("@/app/(apex)/operator/firms/state/route");
const { hasOperatorSession, operatorCookie } = await import("@/lib/http/operator");
const { findSite } = await import("@/lib/http/firm-gate");
const { log } = await import("@/lib/platform/log");
const { assertReadyToServe } = await import("@/lib/http/assert-ready");

afterAll(closeDatabase);

const APEX = "http://localhost:3000";
let address = 0;
const open = (form: Record<string, string>) =>
  call(openSession as Route, "/operator/session", {
    method: "POST",
    // An address of its own for each try: ten a minute is what one may.
    headers: {
      origin: APEX,
      "content-type": "application/x-www-form-urlencoded",
      "x-forwarded-for": `203.0.113.${++address}`,
    },
    body: new URLSearchParams(form).toString(),
  });
const cookieOf = (reply: Reply) => reply.headers.get("set-cookie")?.split(";")[0] ?? "";
/** As if its thirty seconds were over and came again: a test cannot wait for the next code. */
const forgetCodes = () => housePool().query("DELETE FROM rate_limit WHERE key LIKE '%operator.code:%'");

beforeEach(forgetCodes);

describe("the operator's second factor", () => {
  it("is asked for beside the token: neither opens alone", async () => {
    const code = codeOf(SECRET);
    for (const form of [{ token: TOKEN }, { token: TOKEN, code: "000000" }, { code }, { token: "guess", code }]) {
      const reply = await open(form as Record<string, string>);
      // Seen red without: the look at OPERATOR_TOTP_SECRET in isOperator.
      expect(reply.headers.get("location"), JSON.stringify(Object.keys(form))).toBe("/operator?error=token");
      expect(reply.headers.get("set-cookie")).toBeNull();
    }
    // The code beside a wrong token was not spent by the guess.
    const reply = await open({ token: TOKEN, code });
    expect(reply.headers.get("location")).toBe("/operator");
    expect(hasOperatorSession(new Headers({ cookie: cookieOf(reply) }), new Date())).toBe(true);
  });

  it("takes each code once, also when it is shown many times at once", async () => {
    const code = codeOf(SECRET);
    const replies = await Promise.all(Array.from({ length: 6 }, () => open({ token: TOKEN, code })));
    // Seen red without: takeOnce in isOperator.
    expect(replies.filter((reply) => reply.headers.get("set-cookie")).length).toBe(1);
    expect((await open({ token: TOKEN, code })).headers.get("set-cookie")).toBeNull();
    expect((await open({ token: TOKEN, code: codeOf(SECRET, 1) })).headers.get("set-cookie")).not.toBeNull();
    expect((await open({ token: TOKEN, code: codeOf(SECRET, 4) })).headers.get("set-cookie")).toBeNull();
  });

  // Seen red without: requireRate of operator.code in isOperator; and without giveBackRate.
  it("cannot be guessed by whoever has the token, from however many addresses: ten wrong codes, then nobody gets in", async () => {
    const said = vi.spyOn(log, "warn");
    const guess = () => open({ token: TOKEN, code: "000000" });
    for (let times = 0; times < 9; times++) expect((await guess()).status).toBe(303);
    // A right one does not count, nor does a wrong token.
    expect((await open({ token: TOKEN, code: codeOf(SECRET, -1) })).headers.get("location")).toBe("/operator");
    expect((await open({ token: "guess", code: "000000" })).status).toBe(303);
    expect((await guess()).status).toBe(303);
    const reply = await open({ token: TOKEN, code: codeOf(SECRET) });
    expect([reply.status, reply.headers.get("set-cookie")]).toEqual([429, null]);
    expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(800);
    expect(said.mock.calls.filter(([, fields]) => fields?.event === "operator_code_wrong")).toHaveLength(10);
    said.mockRestore();
  });

  it("leads to the operator's own pages only, and ends in this browser when asked", async () => {
    const to = async (page: string) => {
      await forgetCodes();
      return (await open({ token: TOKEN, code: codeOf(SECRET), page })).headers.get("location");
    };
    expect(await to("/operator/firms")).toBe("/operator/firms");
    expect(await to("https://evil.example/")).toBe("/operator");
    expect(await to("//evil.example")).toBe("/operator");
    expect((await open({ end: "yes" })).headers.get("set-cookie")).toMatch(/Max-Age=0/i);
  });

  it("ends every session when the authenticator is another one", async () => {
    const { name, value } = operatorCookie(new Date());
    const headers = new Headers({ cookie: `${name}=${value}` });
    expect(hasOperatorSession(headers, new Date())).toBe(true);
    vi.resetModules();
    vi.stubEnv("OPERATOR_TOTP_SECRET", generateSecret({ length: 20 }));
    const other = await import("@/lib/http/operator");
    // Seen red without: the secret in what signs the cookie.
    expect(other.hasOperatorSession(headers, new Date())).toBe(false);
    vi.unstubAllEnvs();
  });

  it("must be set beside the token before a production server starts", async () => {
    await expect(assertReadyToServe()).resolves.toBeUndefined();
    vi.resetModules();
    vi.stubEnv("ARRESTRA_ENV", "production");
    vi.stubEnv("OPERATOR_TOTP_SECRET", "");
    for (const name of ["TWILIO_BASE_URL", "KICKBOX_BASE_URL", "DNS_SERVERS", "SANDBOX_URL"]) vi.stubEnv(name, "");
    vi.stubEnv("APP_BASE_URL", "https://app.arrestra.example");
    const fresh = await import("@/lib/http/assert-ready");
    await expect(fresh.assertReadyToServe()).rejects.toThrow("OPERATOR_TOTP_SECRET must be set");
    vi.unstubAllEnvs();
  });
});

describe("the firms of the operator", () => {
  const session = () => {
    const { name, value } = operatorCookie(new Date());
    return `${name}=${value}`;
  };
  const send = (route: unknown, body: unknown, { host, ...headers }: Record<string, string> = {}) =>
    call(route as Route, "/operator/firms/x", {
      body,
      headers: { origin: APEX, cookie: session(), ...headers },
      ...(host ? { host } : {}),
    });
  const wish = () => {
    const slug = `made-${newId().slice(-12)}`;
    return { slug, name: "Made by hand", owner: { email: `o@${slug}.example`, name: "Olive Owner" } };
  };

  it("are made with a link that the reply alone holds, in the firm's own zone", async () => {
    const asked = wish();
    const reply = await send(create, asked);
    expect(reply.status).toBe(201);
    const { link, url } = reply.json<{ link: string; url: string }>();
    expect(url).toBe(`http://${asked.slug}.localhost:3000`);
    expect(link.startsWith(`${url}/join/`)).toBe(true);
    expect(reply.headers.get("cache-control")).toContain("no-store");
    const again = await send(create, asked);
    expect(again.json<{ isNew: boolean }>().isNew).toBe(false);
    expect(again.text).not.toContain(link);
  });

  it("are shut and opened by POST alone, from our own page, with a live session, on our own address", async () => {
    const firm = await makeFirm();
    const suspend = { slug: firm.slug, to: "suspended", reason: "unpaid" };
    const refused: [Record<string, string>, number][] = [
      [{ cookie: "" }, 403],
      [{ cookie: session().replace(/.$/, "x") }, 403],
      [{ authorization: `Bearer ${TOKEN}`, cookie: "" }, 403],
      [{ origin: "http://evil.localhost:3000" }, 403],
      [{ origin: "" }, 403],
      [{ host: hostOf(firm), origin: `http://${hostOf(firm)}` }, 404],
      [{ "content-type": "text/plain" }, 400],
    ];
    for (const [headers, status] of refused) {
      // Seen red without: requireOperatorPage, or the session, in withOperator.
      expect((await send(changeState, suspend, headers)).status, JSON.stringify(headers)).toBe(status);
      expect((await send(create, wish(), headers)).status, JSON.stringify(headers)).toBe(status);
    }
    expect(await eventsOf(firm)).toEqual([]);
    const shut = await send(changeState, suspend);
    expect(shut.json()).toMatchObject({ slug: firm.slug, state: "suspended", reason: "unpaid" });
    // This process was told to forget: no second passes.
    expect((await findSite(new Headers({ host: hostOf(firm) }))).kind).toBe("unknown");
    expect(await findApiKey(firm.key.text.split("_")[2] ?? "")).toBeNull();
    expect((await send(changeState, { slug: firm.slug, to: "active" })).json()).toMatchObject({ state: "active" });
    expect((await eventsOf(firm)).map(({ type, actor_id }) => [type, actor_id])).toEqual([
      ["firm.suspended", "operator"],
      ["firm.reactivated", "operator"],
    ]);
  });

  it("name what is wrong with a wish, and cannot be closed or erased from a page", async () => {
    const firm = await makeFirm();
    const bad = await send(create, { ...wish(), slug: "www", timeZone: "Mars/Olympus" });
    expect(bad.json<{ invalidParams: unknown }>().invalidParams).toMatchObject([{ name: "timeZone" }]);
    expect((await send(create, { ...wish(), slug: firm.slug })).json()).toMatchObject({
      code: "conflict",
      invalidParams: [{ name: "slug" }],
    });
    expect((await send(changeState, { slug: firm.slug, to: "suspended" })).status).toBe(422);
    expect((await send(changeState, { slug: firm.slug, to: "closed", reason: "x" })).status).toBe(422);
    expect((await send(changeState, { slug: "nobody-here", to: "active" })).status).toBe(404);
  });
});
