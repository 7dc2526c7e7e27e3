import { decodeJwt, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { GET as comeBack } from "@/app/(apex)/connect/[provider]/route";
import { POST as authorize } from "@/app/api/connections/[provider]/authorize/route";
import { GET as finish } from "@/app/api/connections/finish/route";
import { GET as list } from "@/app/api/connections/route";
import { CONNECTING_PROBLEMS, type ConnectionList } from "@/lib/contracts/connections";
import { CONNECTOR_NAMES, type ConnectorName } from "@/lib/core/connectors";
import { beginConnecting } from "@/lib/domain/tenants/connections/begin-connecting";
import { changeConnection } from "@/lib/domain/tenants/connections/change-connection";
import { finishConnecting } from "@/lib/domain/tenants/connections/finish-connecting";
import { exchangeCode } from "@/lib/integrations/oauth";
import { call, hostOf, makeFirmWithPassword, originOfFirm, type Route, signInTo } from "../http/call";
import { addUser, asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import {
  clock,
  connect,
  connectionOf,
  decide,
  goThere,
  ORIGIN,
  requestsTo,
  sandbox,
  secretsOf,
  TOKEN_PATH,
} from "./oauth-world";

const typesOf = async (firm: TestFirm) => (await eventsOf(firm)).map(({ type }) => type);

describe("connecting through the routes, as a browser does", () => {
  let firm: TestFirm;
  let cookie: string;
  beforeAll(async () => {
    firm = await makeFirmWithPassword();
    cookie = await signInTo(firm);
  });

  const begin = async (provider: ConnectorName): Promise<string> => {
    const headers = { cookie, origin: originOfFirm(firm) };
    const asked = { host: hostOf(firm), headers, body: {}, ids: { provider } };
    const reply = await call(authorize as Route, `/api/connections/${provider}/authorize`, asked);
    expect(reply.status, reply.text).toBe(200);
    return reply.json<{ url: string }>().url;
  };
  const apex = (back: URL, host?: string) =>
    call(comeBack as Route, back.pathname + back.search, {
      ids: { provider: back.pathname.split("/").at(-1) ?? "" },
      ...(host ? { host } : {}),
    });
  // What a browser says of a page that another site sent it to.
  const navigation = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  const land = (onward: URL, headers: Record<string, string> = {}) =>
    call(finish as Route, onward.pathname + onward.search, {
      host: hostOf(firm),
      headers: { cookie, ...navigation, ...headers },
    });

  it.each(CONNECTOR_NAMES)(
    "ends with %s connected, its secrets sealed and the first pull on its way",
    async (provider) => {
      const back = await decide(await begin(provider));
      expect(`${back.origin}${back.pathname}`).toBe(`http://localhost:3000/connect/${provider}`);
      const onward = await apex(back);
      expect(onward.status).toBe(303);
      const to = new URL(onward.headers.get("location") ?? "");
      expect(`${to.origin}${to.pathname}`).toBe(`${originOfFirm(firm)}/api/connections/finish`);
      const landed = await land(to);
      expect([landed.status, landed.headers.get("location")]).toEqual([
        303,
        `/settings/connections?connected=${provider}`,
      ]);

      const shown = await call(list as Route, "/api/connections", { host: hostOf(firm), headers: { cookie } });
      const service = shown.json<ConnectionList>().services.find((each) => each.provider === provider);
      expect(service?.connection).toMatchObject({
        provider,
        mode: "oauth",
        state: "connected",
        connectedBy: "Dana Counsel",
      });
      expect(await secretsOf(firm, provider)).toEqual(
        provider === "acuity" ? ["access_token"] : ["access_token", "refresh_token"],
      );
      expect(await typesOf(firm)).toEqual(expect.arrayContaining(["connection.begun", "connection.made"]));
      const held = await everythingOf(firm);
      expect(held.jobs).toContain(service?.connection?.id);
      const { grants } = sandbox[provider].world.oauth;
      for (const token of [...grants.access.keys(), ...grants.refresh.keys(), ...grants.codes.keys()]) {
        expect(`${shown.text}${landed.text}${held.text}`).not.toContain(token);
      }
      expect(held.attempts).toBe(0);
    },
  );

  it("says why when the person does not allow it", async () => {
    const to = new URL(
      (await apex(await decide(await begin("google"), { decision: "deny" }))).headers.get("location") ?? "",
    );
    expect((await land(to)).headers.get("location")).toBe("/settings/connections?problem=denied&service=google");
    expect(Object.keys(CONNECTING_PROBLEMS)).toContain("denied");
    // Used up by the first answer, whatever it was.
    expect((await land(to)).headers.get("location")).toContain("problem=expired");
  });

  it("carries only what a service says, and answers on our own address alone", async () => {
    const back = await decide(await begin("zoom"));
    back.searchParams.set("callbackUrl", "https://evil.example");
    const to = new URL((await apex(back)).headers.get("location") ?? "");
    expect([...to.searchParams.keys()].sort()).toEqual(["code", "state"]);
    // Seen red without: the check of the host in return-to-firm.ts.
    expect((await apex(back, hostOf(firm))).status).toBe(404);
    const other = new URL(back);
    other.pathname = "/connect/google";
    expect((await apex(other)).status).toBe(400);
    for (const state of ["", "garbage", await forged(back.searchParams.get("state") ?? "", "x".repeat(32))]) {
      back.searchParams.set("state", state);
      expect((await apex(back)).status, state).toBe(400);
    }
  });

  it("is opened as a page of a browser alone, and by whoever is signed in", async () => {
    const to = new URL((await apex(await decide(await begin("acuity")))).headers.get("location") ?? "");
    expect((await land(to, { "sec-fetch-dest": "iframe" })).status).toBe(403);
    expect((await land(to, { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" })).status).toBe(403);
    expect((await land(to, { cookie: "" })).headers.get("location")).toBe("/settings/connections?problem=expired");
    expect((await land(to)).headers.get("location")).toBe("/settings/connections?connected=acuity");
  });
});

describe("an answer that belongs to somebody else's attempt", () => {
  it("connects nothing in another session, for another person or at another firm, and stays good for its own", async () => {
    const [firm, other] = await Promise.all([makeFirm(), makeFirm()]);
    const mine = firm.asUser(clock);
    const returned = await goThere(mine, "google");
    const colleague = (await addUser(firm, { role: "admin" })).asUser(clock);
    // Seen red without: the session in the statement that takes the attempt; the comparison of the firm in the state.
    for (const ctx of [firm.asUser(clock), colleague, other.asUser(clock)]) {
      expect(await finishConnecting(ctx, returned)).toMatchObject({ problem: "mismatch" });
    }
    expect(requestsTo("google", TOKEN_PATH.google)).toBe(0);
    expect(await finishConnecting(mine, returned)).toEqual({ connected: "google" });
    expect(await connectionOf(other, "google")).toBeNull();
  });

  it("counts once, also when it comes twice at the same moment", async () => {
    const firm = await makeFirm();
    const ctx = firm.asUser(clock);
    const returned = await goThere(ctx, "zoom");
    const ended = await Promise.all([finishConnecting(ctx, returned), finishConnecting(ctx, returned)]);
    expect(ended.filter((each) => "connected" in each)).toHaveLength(1);
    expect(requestsTo("zoom", TOKEN_PATH.zoom)).toBe(1);
    expect(await finishConnecting(ctx, returned)).toMatchObject({ problem: "expired" });
  });

  it("is not taken with a forged state, nor after ten minutes", async () => {
    const firm = await makeFirm();
    const ctx = firm.asUser(clock);
    const returned = await goThere(ctx, "zoom");
    const secret = process.env.NEXTAUTH_SECRET ?? "";
    // Signed with the very secret that the key of states is made from, but not for this.
    const { state: own = "" } = returned;
    // Seen red without: a key of its own for states.
    for (const state of [await forged(own, secret), unsigned(own), undefined]) {
      expect(await finishConnecting(ctx, { ...returned, state })).toEqual({ problem: "mismatch", provider: null });
    }
    clock.advance(10 * 60_000 + 1000);
    expect(await finishConnecting({ ...ctx, clock }, returned)).toMatchObject({ problem: "expired" });
    expect(requestsTo("zoom", TOKEN_PATH.zoom)).toBe(0);
  });

  it("is worth nothing to whoever caught the code but has not the verifier", async () => {
    const firm = await makeFirm();
    const { code = "" } = await goThere(firm.asUser(clock), "google");
    const stolen = { code, verifier: "a".repeat(43), redirectUri: "http://localhost:3000/connect/google" };
    const asked = exchangeCode("google", { ...stolen, settings: {}, now: clock.now() });
    await expect(asked).rejects.toMatchObject({ kind: "rejected", code: "invalid_grant" });
  });

  it("is taken from owners and admins with a fresh factor alone", async () => {
    const firm = await makeFirm();
    const begin = (ctx: Parameters<typeof beginConnecting>[0]) => beginConnecting(ctx, "zoom", {}, ORIGIN);
    const viewer = (await addUser(firm)).asUser(clock);
    await expect(begin(viewer)).rejects.toMatchObject({ code: "forbidden" });
    await expect(finishConnecting(viewer, {})).rejects.toMatchObject({ code: "forbidden" });
    await expect(begin(firm.asKey())).rejects.toMatchObject({ code: "forbidden" });
    await expect(begin(firm.asService())).rejects.toMatchObject({ code: "forbidden" });
    const stale = firm.asUser(clock);
    clock.advance(11 * 60_000);
    await expect(begin({ ...stale, clock })).rejects.toMatchObject({ code: "mfa_required" });
  });
});

describe("what a service answers", () => {
  it("is refused and given back when rights are missing", async () => {
    const firm = await makeFirm();
    const { oauth } = sandbox.google.world;
    oauth.withhold(["https://www.googleapis.com/auth/calendar.calendarlist.readonly"]);
    expect(await connect(firm.asUser(clock), "google")).toEqual({ problem: "scopes", provider: "google" });
    expect(await connectionOf(firm, "google")).toBeNull();
    expect(await secretsOf(firm, "google")).toEqual([]);
    // Seen red without: revokeTokens when rights are missing.
    expect(oauth.grants.live()).toEqual([]);
  });

  it("is given back when the service does not say who it is then", async () => {
    const firm = await makeFirm();
    sandbox.google.faults.add({ kind: "error", path: "/calendar/v3" });
    expect(await connect(firm.asUser(clock), "google")).toEqual({ problem: "unavailable", provider: "google" });
    expect(sandbox.google.world.oauth.grants.live()).toEqual([]);
    sandbox.google.faults.clear();
    sandbox.zoom.faults.add({ kind: "garbage", path: "/oauth/token" });
    expect(await connect(firm.asUser(clock), "zoom")).toEqual({ problem: "refused", provider: "zoom" });
  });

  it("sends no code to an accounts server that is not on the list, and takes no API host from anywhere", async () => {
    const firm = await makeFirm();
    const ctx = firm.asUser(clock);
    const returned = await goThere(ctx, "zoho");
    const elsewhere = { ...returned, accountsServer: "https://accounts.zoho.com.evil.example" };
    // Seen red without: the comparison of accounts-server in oauth-zoho.ts.
    expect(await finishConnecting(ctx, elsewhere)).toEqual({ problem: "mismatch", provider: "zoho" });
    expect(await finishConnecting(ctx, { ...(await goThere(ctx, "zoho")), location: "moon" })).toMatchObject({
      problem: "mismatch",
    });
    expect(requestsTo("zoho", TOKEN_PATH.zoho)).toBe(0);
    const { options } = sandbox.zoho.world.oauth;
    const { tokenExtras } = options;
    options.tokenExtras = () => ({ api_domain: "https://www.zohoapis.evil.example" });
    expect(await connect(ctx, "zoho")).toEqual({ problem: "mismatch", provider: "zoho" });
    options.tokenExtras = tokenExtras;
    expect(await connect(ctx, "zoho")).toEqual({ connected: "zoho" });
    expect((await connectionOf(firm, "zoho"))?.settings).toEqual({ dataCenter: "us" });
  });

  it("is another account: it takes the place of the one before, whose access is given back", async () => {
    const firm = await makeFirm();
    const ctx = firm.asUser(clock);
    await connect(ctx, "zoom");
    const first = await connectionOf(firm, "zoom");
    await connect(ctx, "zoom");
    expect((await connectionOf(firm, "zoom"))?.id).toBe(first?.id);
    await connect(ctx, "zoom", { account: "zoom-account-2" });
    const second = await connectionOf(firm, "zoom");
    expect(second).toMatchObject({ account_id: "zoom-account-2", state: "connected" });
    expect(second?.id).not.toBe(first?.id);
    const removed = (await eventsOf(firm)).find(({ type }) => type === "connection.removed");
    expect(removed?.data).toEqual({ connectionId: first?.id, provider: "zoom", because: "replaced", isRevoked: true });
  });
});

describe("what a person chooses", () => {
  it("is a calendar of the account, which is begun with anew, and nothing happens when it is the same", async () => {
    const firm = await makeFirm();
    const ctx = firm.asUser(clock);
    await expect(changeConnection(ctx, "google", {})).rejects.toMatchObject({ code: "not_found" });
    await connect(ctx, "google");
    const before = (await typesOf(firm)).length;
    const wrong = changeConnection(ctx, "google", { calendarId: "somebody@else.example" });
    await expect(wrong).rejects.toMatchObject({ code: "unprocessable", invalidParams: [{ name: "calendarId" }] });
    const chosen = { calendarId: "office@smithlaw.example", invitesAttendees: true };
    await changeConnection(ctx, "google", chosen);
    await changeConnection(ctx, "google", chosen);
    const events = (await eventsOf(firm)).slice(before);
    expect(events.map(({ type, data }) => [type, data.fields])).toEqual([
      ["connection.changed", ["calendarId", "invitesAttendees"]],
    ]);
    expect(JSON.parse((await everythingOf(firm)).jobs)).toHaveLength(2);
    expect((await connectionOf(firm, "google"))?.settings).toMatchObject({ ...chosen, invitesAttendees: "true" });
    await connect(ctx, "zoom");
    await expect(changeConnection(ctx, "zoom", chosen)).rejects.toMatchObject({ code: "unprocessable" });
  });

  it("is begun thirty times in ten minutes and not more", async () => {
    const firm = await makeFirm();
    const ctx = firm.asUser(clock);
    for (let tries = 0; tries < 30; tries += 1) await beginConnecting(ctx, "zoom", {}, ORIGIN);
    await expect(beginConnecting(ctx, "zoom", {}, ORIGIN)).rejects.toMatchObject({ code: "rate_limited" });
    // Of all these, the last attempt alone is kept.
    expect((await everythingOf(firm)).attempts).toBe(1);
  });
});

/** The claims of a state under another signature. */
const forged = (state: string, secret: string): Promise<string> =>
  new SignJWT(decodeJwt(state)).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(secret));

/** The same claims under the algorithm `none`. */
const unsigned = (state: string): string =>
  `${Buffer.from('{"alg":"none"}').toString("base64url")}.${state.split(".")[1]}.`;

/** Every text that is kept of a firm's connections. */
const everythingOf = (firm: TestFirm) =>
  asOwner(firm.id, async (client) => {
    const jobs = await client.query(
      "SELECT data FROM pgboss.job WHERE name = 'sync.connected' AND data->>'tenantId' = $1",
      [firm.id],
    );
    const rows = await client.query(
      "SELECT row_to_json(c) FROM connection c UNION ALL SELECT row_to_json(e) FROM event e UNION ALL SELECT row_to_json(s) FROM integration_secret s",
    );
    const attempts = await client.query("SELECT count(*)::int AS count FROM oauth_attempt");
    const text = JSON.stringify([jobs.rows, rows.rows]);
    return { jobs: JSON.stringify(jobs.rows), text, attempts: attempts.rows[0]?.count };
  });
