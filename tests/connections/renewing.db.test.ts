import { describe, expect, it } from "vitest";
import type { ConnectorName } from "@/lib/core/connectors";
import { AppError, VendorError } from "@/lib/core/errors";
import type { Ctx } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import type { Access } from "@/lib/domain/tenants/connections/access";
import { connectWithKey } from "@/lib/domain/tenants/connections/connect-with-key";
import { identify } from "@/lib/domain/tenants/connections/identify";
import { getConnection } from "@/lib/domain/tenants/connections/list-connections";
import { revokeAndErase } from "@/lib/domain/tenants/connections/revoke-and-erase";
import { noteQuota, withAccess } from "@/lib/domain/tenants/connections/with-access";
import { readSecret } from "@/lib/domain/tenants/integration-secrets";
import { insertEvent } from "@/lib/integrations/google-calendar";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { clock, connect, connectionOf, requestsTo, sandbox, secretsOf, TOKEN_PATH } from "./oauth-world";

const HOUR = 3_600_000;
const MOMENT = { dateTime: "2026-12-01T16:00:00Z", timeZone: "America/Chicago" };
const EVENT = {
  calendarId: "primary",
  id: "abcde",
  sendUpdates: "none",
  body: {
    summary: "Consultation",
    description: "",
    location: "",
    start: MOMENT,
    end: MOMENT,
    extendedProperties: { private: {} },
    reminders: { useDefault: true },
  },
} as const;

async function connected(provider: ConnectorName): Promise<{ firm: TestFirm; ctx: Ctx }> {
  const firm = await makeFirm();
  const ctx = firm.asUser(clock);
  expect(await connect(ctx, provider)).toEqual({ connected: provider });
  return { firm, ctx: firm.asService(clock) };
}

const tokensAsked = (provider: ConnectorName) => requestsTo(provider, TOKEN_PATH[provider]);
const typesOf = async (firm: TestFirm) => (await eventsOf(firm)).map(({ type }) => type);
const refreshToken = (ctx: Ctx, provider: ConnectorName) =>
  inTenant(ctx, (tx) => readSecret(tx, ctx, { provider, name: "refresh_token" }));
const unauthorized = (vendor: string, code?: string) =>
  new VendorError(vendor, "rejected", "answered 401", { status: 401, code });

/** Who the service says we are: a real call with the token. */
const who = (access: Access) => identify(access).then(({ accountId }) => accountId);

describe("a token that ends", () => {
  it("is renewed before it is used, not sooner than in its last minute, and without a person's fresh factor", async () => {
    const { firm } = await connected("google");
    const person = firm.asUser(clock);
    clock.advance(HOUR - 61_000);
    await withAccess({ ...person, clock }, "google", who);
    expect(tokensAsked("google")).toBe(1);
    clock.advance(2000);
    expect(await withAccess({ ...person, clock }, "google", who)).toBe("office@smithlaw.example");
    expect(tokensAsked("google")).toBe(2);
    expect((await connectionOf(firm, "google"))?.access_expires_at?.getTime()).toBe(clock.now().getTime() + HOUR);
    expect(await typesOf(firm)).toContain("connection.renewed");
  });

  it.each(["google", "zoom", "zoho"] as const)("is renewed once for twelve callers at %s", async (provider) => {
    const { firm, ctx } = await connected(provider);
    clock.advance(2 * HOUR);
    const before = tokensAsked(provider);
    const answers = await Promise.all(Array.from({ length: 12 }, () => withAccess(ctx, provider, who)));
    expect(new Set(answers).size).toBe(1);
    // Seen red without: the lease in renew-access.ts.
    expect(tokensAsked(provider) - before).toBe(1);
    expect((await typesOf(firm)).filter((type) => type === "connection.renewed")).toHaveLength(1);
    expect((await connectionOf(firm, provider))?.refresh_lease).toBeNull();
  });

  it("has its successor kept before the call that needed it is made", async () => {
    const { ctx } = await connected("zoom");
    const first = await refreshToken(ctx, "zoom");
    clock.advance(2 * HOUR);
    let seen: string | null = null;
    const failing = withAccess(ctx, "zoom", async () => {
      seen = await refreshToken(ctx, "zoom");
      throw new VendorError("zoom", "timeout", "did not answer in time");
    });
    await expect(failing).rejects.toMatchObject({ kind: "timeout" });
    expect(seen).not.toBe(first);
    // Zoom takes each refresh token once and ends the grant when it sees one again: this works with the one that was kept.
    clock.advance(2 * HOUR);
    expect(await withAccess(ctx, "zoom", who)).toBe("zoom-account-1");
  });

  it("is renewed by the next caller thirty seconds after a process died over it", async () => {
    const { firm, ctx } = await connected("zoom");
    clock.advance(2 * HOUR);
    await asOwner(firm.id, (client) =>
      client.query("UPDATE connection SET refresh_lease = gen_random_uuid(), refresh_lease_until = $1", [
        new Date(clock.now().getTime() + 30_000),
      ]),
    );
    const waiting = withAccess(ctx, "zoom", who);
    for (let looks = 0; looks < 5; looks += 1) expect((await connectionOf(firm, "zoom"))?.refresh_lease).not.toBeNull();
    expect(tokensAsked("zoom")).toBe(1);
    clock.advance(30_000);
    expect(await waiting).toBe("zoom-account-1");
    expect(tokensAsked("zoom")).toBe(2);
  });

  it("is asked for with no transaction open, and is not kept when the firm disconnects meanwhile", async () => {
    const { firm, ctx } = await connected("zoho");
    clock.advance(2 * HOUR);
    sandbox.zoho.faults.add({ kind: "slow", delayMs: 700, count: 1, path: "/oauth/v2/token" });
    const renewing = withAccess(ctx, "zoho", who).catch((error: unknown) => error);
    await expect.poll(() => sandbox.log.totals("zoho").inFlight).toBe(1);
    const idle = await asOwner(firm.id, (client) =>
      client.query(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction' AND pid <> pg_backend_pid()",
      ),
    );
    expect(idle.rowCount).toBe(0);
    expect(await revokeAndErase(firm.asUser(clock), "zoho", "asked")).toBe(true);
    expect(await renewing).toMatchObject({ code: "not_configured" });
    expect(await secretsOf(firm, "zoho")).toEqual([]);
    expect(sandbox.zoho.world.oauth.grants.live()).toEqual([]);
  });

  it("stays what it was when the service is down, and the connection with it", async () => {
    const { firm, ctx } = await connected("google");
    clock.advance(2 * HOUR);
    sandbox.google.faults.add({ kind: "unavailable", count: 1, path: "/token" });
    await expect(withAccess(ctx, "google", who)).rejects.toMatchObject({ kind: "unavailable" });
    expect(await connectionOf(firm, "google")).toMatchObject({ state: "connected", refresh_lease: null });
    expect(await withAccess(ctx, "google", who)).toBe("office@smithlaw.example");
  });

  it("stays also when our own client is refused, and the connection says so", async () => {
    const { firm, ctx } = await connected("google");
    const { options } = sandbox.google.world.oauth;
    const { clientSecret } = options;
    clock.advance(2 * HOUR);
    options.clientSecret = "changed at Google and not here";
    // Seen red without: isGrantGone, which tells our fault from the end of a grant.
    await expect(withAccess(ctx, "google", who)).rejects.toMatchObject({ kind: "rejected", code: "invalid_client" });
    options.clientSecret = clientSecret;
    expect(await connectionOf(firm, "google")).toMatchObject({ state: "connected", problem: "refused" });
    expect(await withAccess(ctx, "google", who)).toBe("office@smithlaw.example");
    expect((await connectionOf(firm, "google"))?.problem).toBeNull();
  });

  it("is not asked for more often than Zoho gives, and says when to come back", async () => {
    const { ctx } = await connected("zoho");
    const refused = withAccess(ctx, "zoho", () => Promise.reject(unauthorized("zoho", "INVALID_TOKEN")));
    await expect(refused).rejects.toMatchObject({ code: "not_configured" });
    const { ctx: other } = await connected("zoho");
    const { options } = sandbox.zoho.world.oauth;
    const { tokenLimit } = options;
    options.tokenLimit = { tokens: 0, seconds: 600 };
    clock.advance(2 * HOUR);
    await expect(withAccess(other, "zoho", who)).rejects.toMatchObject({ kind: "throttled", retryAfterMs: 600_000 });
    options.tokenLimit = tokenLimit;
    expect(await withAccess(other, "zoho", who)).toBe("700000001");
  });
});

describe("a call that the service does not let in", () => {
  it("is made once more with a new token", async () => {
    const { firm, ctx } = await connected("zoom");
    sandbox.zoom.world.oauth.expireTokens();
    expect(await withAccess(ctx, "zoom", who)).toBe("zoom-account-1");
    expect(tokensAsked("zoom")).toBe(2);
    expect((await connectionOf(firm, "zoom"))?.state).toBe("connected");
  });

  it("breaks the connection when the new token is refused too, and nothing is asked after that", async () => {
    const { firm, ctx } = await connected("zoom");
    let calls = 0;
    const refused = withAccess(ctx, "zoom", () => {
      calls += 1;
      return Promise.reject(unauthorized("zoom"));
    });
    await expect(refused).rejects.toMatchObject({ code: "not_configured" });
    expect(calls).toBe(2);
    expect(await connectionOf(firm, "zoom")).toMatchObject({ state: "broken", problem: "revoked" });
    const before = sandbox.log.totals("zoom").requests;
    await expect(withAccess(ctx, "zoom", who)).rejects.toBeInstanceOf(AppError);
    expect(sandbox.log.totals("zoom").requests).toBe(before);
    // Connecting again keeps what hangs on it.
    const { id } = (await connectionOf(firm, "zoom")) ?? {};
    expect(await connect(firm.asUser(clock), "zoom")).toEqual({ connected: "zoom" });
    expect(await connectionOf(firm, "zoom")).toMatchObject({ id, state: "connected", problem: null });
    expect(await typesOf(firm)).toContain("connection.restored");
  });

  it.each(["google", "zoom", "zoho"] as const)(
    "breaks the connection once when %s ended the grant",
    async (provider) => {
      const { firm, ctx } = await connected(provider);
      sandbox[provider].world.oauth.revokeAll();
      const answers = await Promise.allSettled(Array.from({ length: 4 }, () => withAccess(ctx, provider, who)));
      for (const answer of answers) expect(answer).toMatchObject({ reason: { code: "not_configured" } });
      expect(await connectionOf(firm, provider)).toMatchObject({ state: "broken", problem: "revoked" });
      const broken = (await eventsOf(firm)).filter(({ type }) => type === "connection.broken");
      expect(broken.map(({ data }) => data.problem)).toEqual(["revoked"]);
      expect(tokensAsked(provider)).toBe(2);
    },
  );

  it("says that a right is missing without asking for a new token", async () => {
    const { firm, ctx } = await connected("zoho");
    const refused = withAccess(ctx, "zoho", () => Promise.reject(unauthorized("zoho", "OAUTH_SCOPE_MISMATCH")));
    await expect(refused).rejects.toMatchObject({ code: "not_configured" });
    expect(tokensAsked("zoho")).toBe(1);
    expect((await connectionOf(firm, "zoho"))?.problem).toBe("refused");
  });

  it("is never made inside a transaction", async () => {
    const { ctx } = await connected("acuity");
    await expect(inTenant(ctx, (tx) => withAccess({ ...ctx, tx }, "acuity", who))).rejects.toThrow("transaction");
  });
});

describe("the health of a connection", () => {
  it("says what goes wrong until the service answers well, and nothing about single records", async () => {
    const { firm, ctx } = await connected("google");
    const failWith = (error: VendorError) =>
      expect(withAccess(ctx, "google", () => Promise.reject(error))).rejects.toBe(error);
    await failWith(new VendorError("google", "rejected", "answered 404", { status: 404 }));
    expect((await connectionOf(firm, "google"))?.problem).toBeNull();
    sandbox.google.world.isUsageLimited = true;
    // Seen red without: Google's limit of hours among the quotas.
    await expect(withAccess(ctx, "google", (access) => insertEvent(access, EVENT))).rejects.toMatchObject({
      kind: "throttled",
    });
    expect((await connectionOf(firm, "google"))?.problem).toBe("quota");
    await failWith(new VendorError("google", "unavailable", "answered 503", { status: 503 }));
    expect(await connectionOf(firm, "google")).toMatchObject({ problem: "unavailable", state: "connected" });
    await withAccess(ctx, "google", who);
    expect((await connectionOf(firm, "google"))?.problem).toBeNull();
    await noteQuota(ctx, (await connectionOf(firm, "google"))?.id ?? "", 4_321);
    expect(await connectionOf(firm, "google")).toMatchObject({ quota_left: "4321" });
  });
});

describe("a key of the firm's own account", () => {
  it("is kept when Acuity knows it, works until it is refused, and is erased", async () => {
    const firm = await makeFirm();
    const person = firm.asUser(clock);
    const key = { provider: "acuity", userId: "10001", apiKey: "sandbox-acuity-key-10001" } as const;
    const wrong = connectWithKey(person, "acuity", { ...key, apiKey: "another" });
    await expect(wrong).rejects.toMatchObject({ code: "unprocessable", invalidParams: [{ name: "apiKey" }] });
    expect(await secretsOf(firm, "acuity")).toEqual([]);
    await connectWithKey(person, "acuity", key);
    expect(await secretsOf(firm, "acuity")).toEqual(["api_key"]);
    const ctx = firm.asService(clock);
    expect(await withAccess(ctx, "acuity", who)).toBe("10001");
    const refused = withAccess(ctx, "acuity", () => Promise.reject(unauthorized("acuity")));
    await expect(refused).rejects.toMatchObject({ code: "not_configured" });
    expect((await connectionOf(firm, "acuity"))?.state).toBe("broken");
    expect(await revokeAndErase(person, "acuity", "asked")).toBe(true);
    expect(await secretsOf(firm, "acuity")).toEqual([]);
    expect(await revokeAndErase(person, "acuity", "asked")).toBe(false);
  });

  it("of Zoom gets a token for an hour at a time", async () => {
    const firm = await makeFirm();
    const key = {
      provider: "zoom",
      accountId: "zoom-account-1",
      clientId: "zoom-account-1-client",
      clientSecret: "zoom-account-1-secret",
      webhookSecret: "hook",
      hostId: "owner@smithlaw.example",
    } as const;
    const wrong = connectWithKey(firm.asUser(clock), "zoom", { ...key, clientSecret: "x" });
    await expect(wrong).rejects.toMatchObject({ invalidParams: [{ name: "clientSecret" }] });
    await connectWithKey(firm.asUser(clock), "zoom", key);
    expect(await secretsOf(firm, "zoom")).toEqual(["access_token", "client_secret", "webhook_secret"]);
    const { id, webhookUrl } = await getConnection(firm.asUser(clock), "zoom");
    // Seen red without: webhookUrl for a firm's own app.
    expect(webhookUrl).toMatch(new RegExp(`^https?://[^/]+/api/webhooks/zoom/${id}$`));
    const before = tokensAsked("zoom");
    clock.advance(2 * HOUR);
    const ctx = firm.asService(clock);
    await Promise.all([withAccess(ctx, "zoom", who), withAccess(ctx, "zoom", who)]);
    expect(tokensAsked("zoom") - before).toBe(1);
    sandbox.zoom.world.oauth.expireTokens();
    expect(await withAccess(ctx, "zoom", who)).toBe("zoom-account-1");
    clock.advance(2 * HOUR);
    sandbox.zoom.faults.add({ kind: "slow", delayMs: 500, count: 1, path: "/oauth/token" });
    const renewing = withAccess(ctx, "zoom", who).catch((error: unknown) => error);
    await expect.poll(() => sandbox.log.totals("zoom").inFlight).toBe(1);
    await revokeAndErase(firm.asUser(clock), "zoom", "asked");
    expect(await renewing).toMatchObject({ code: "not_configured" });
    // Seen red without: the look for the row in keepTokens.
    expect(await secretsOf(firm, "zoom")).toEqual([]);
  });
});

describe("what happens while a service is asked for a token", () => {
  it("a choice of the firm stays, and an app that it connected instead keeps its own token", async () => {
    const { firm, ctx } = await connected("zoom");
    const sql = (text: string) => asOwner(firm.id, (client) => client.query(text));
    const renewing = async (meanwhile: () => Promise<unknown>) => {
      clock.advance(2 * HOUR);
      sandbox.zoom.faults.add({ kind: "slow", delayMs: 500, count: 1, path: "/oauth/token" });
      const called = withAccess(ctx, "zoom", who).catch((error: unknown) => error);
      await expect.poll(() => sandbox.log.totals("zoom").inFlight).toBe(1);
      await meanwhile();
      return called;
    };
    await renewing(() => sql(`UPDATE connection SET settings = settings || '{"hostId":"chosen"}'`));
    // Seen red without: the merge of the settings in keepTokens.
    expect((await connectionOf(firm, "zoom"))?.settings.hostId).toBe("chosen");

    const key = {
      provider: "zoom",
      accountId: "zoom-account-1",
      clientId: "zoom-account-1-client",
      clientSecret: "zoom-account-1-secret",
      webhookSecret: "hook",
      hostId: "owner@smithlaw.example",
    } as const;
    await connectWithKey(firm.asUser(clock), "zoom", key);
    const tokenNow = () => inTenant(ctx, (tx) => readSecret(tx, ctx, { provider: "zoom", name: "access_token" }));
    let theirs: string | null = null;
    await renewing(async () => {
      await connectWithKey(firm.asUser(clock), "zoom", key);
      theirs = await tokenNow();
    });
    // Seen red without: the lease for a firm's own app in keepTokens.
    expect(await tokenNow()).toBe(theirs);
  });
});

describe("disconnecting", () => {
  it.each(["acuity", "google", "zoom", "zoho"] as const)(
    "gives %s its access back and erases every secret",
    async (provider) => {
      const { firm } = await connected(provider);
      // Also when the access token has ended on the way.
      clock.advance(2 * HOUR);
      expect(await revokeAndErase(firm.asUser(clock), provider, "asked")).toBe(true);
      expect(await secretsOf(firm, provider)).toEqual([]);
      expect(await connectionOf(firm, provider)).toBeNull();
      const isRevoked = provider !== "acuity";
      expect(sandbox[provider].world.oauth.grants.live()).toHaveLength(isRevoked ? 0 : 1);
      const removed = (await eventsOf(firm)).at(-1);
      expect(removed).toMatchObject({ type: "connection.removed", data: { because: "asked", isRevoked } });
    },
  );

  it("erases every secret also when the service does not answer", async () => {
    const { firm } = await connected("google");
    sandbox.google.faults.add({ kind: "reset" });
    expect(await revokeAndErase(firm.asUser(clock), "google", "asked")).toBe(true);
    expect(await secretsOf(firm, "google")).toEqual([]);
    expect((await eventsOf(firm)).at(-1)?.data).toMatchObject({ isRevoked: false });
  });

  it("is for owners and admins with a fresh factor", async () => {
    const { firm } = await connected("google");
    const stale = firm.asUser(clock);
    clock.advance(11 * 60_000);
    const late = revokeAndErase({ ...stale, clock }, "google", "asked");
    await expect(late).rejects.toMatchObject({ code: "mfa_required" });
    await expect(revokeAndErase(firm.asKey(), "google", "asked")).rejects.toMatchObject({ code: "forbidden" });
    expect(await secretsOf(firm, "google")).toHaveLength(2);
  });
});
