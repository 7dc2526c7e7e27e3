import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startIngestRun } from "@/lib/domain/leads/ingest-runs";
import { listSourceRuns } from "@/lib/domain/tenants/source-health";
import { hasOperatorSession, operatorCookie } from "@/lib/http/operator";
import { closeDatabase } from "@/lib/platform/db";
import { makeFirm } from "../setup/firms";

// env() is read once per file, so the token must be there before the first route is loaded.
const TOKEN = "an-operator-token-of-a-test-file";
process.env.OPERATOR_TOKEN = TOKEN;
const { POST } = await import("@/app/(apex)/operator/session/route");
const { GET: details } = await import("@/app/api/health/details/route");

const APEX = "http://localhost:3000";
const open = (token: string, headers: Record<string, string> = {}) =>
  POST(
    new Request(`${APEX}/operator/session`, {
      method: "POST",
      headers: { host: "localhost:3000", origin: APEX, ...headers },
      body: new URLSearchParams({ token }),
    }),
  );
const cookieOf = (reply: Response) => reply.headers.get("set-cookie")?.split(";")[0] ?? "";

let slug: string;
beforeAll(async () => {
  const firm = await makeFirm();
  slug = firm.slug;
  await startIngestRun(firm.asKey(), { source: "topics.travis", county: "Travis" });
});
afterAll(closeDatabase);

describe("the operator's door", () => {
  it("opens with the token for a shift, and the cookie is host-only and out of scripts' reach", async () => {
    const reply = await open(TOKEN);
    expect(reply.status).toBe(303);
    expect(reply.headers.get("location")).toBe("/operator");
    expect(reply.headers.get("set-cookie")).toMatch(/HttpOnly/i);
    expect(reply.headers.get("set-cookie")).toMatch(/SameSite=strict/i);
    expect(reply.headers.get("set-cookie")).not.toMatch(/Domain=/i);
    const headers = new Headers({ cookie: cookieOf(reply) });
    expect(hasOperatorSession(headers, new Date())).toBe(true);
    expect(hasOperatorSession(headers, new Date(Date.now() + 9 * 3_600_000))).toBe(false);
  });

  it("stays shut for another token, another origin, another host and an altered cookie", async () => {
    const wrong = await open("not-the-token-of-this-server");
    expect(wrong.headers.get("location")).toBe("/operator?error=token");
    expect(wrong.headers.get("set-cookie")).toBeNull();
    expect((await open(TOKEN, { origin: "http://evil.example" })).status).toBe(403);
    expect((await open(TOKEN, { host: `${slug}.localhost:3000` })).status).toBe(404);
    const { name, value } = operatorCookie(new Date());
    const [expiresAt = "", signed = ""] = value.split(".");
    const altered = new Headers({ cookie: `${name}=${Number(expiresAt) + 1}.${signed}` });
    expect(hasOperatorSession(altered, new Date())).toBe(false);
    expect(hasOperatorSession(new Headers({ cookie: `${name}=garbage` }), new Date())).toBe(false);
  });

  it("lists every source with its last run and names no firm", async () => {
    const runs = await listSourceRuns();
    expect(runs).toMatchObject([{ source: "topics.travis", county: "Travis", status: "running" }]);
    expect(JSON.stringify(runs)).not.toContain(slug);
  });

  it("gives health in detail to the operator's token only", async () => {
    const ask = (authorization: string) =>
      details(new Request(`${APEX}/api/health/details`, { headers: { host: "localhost:3000", authorization } }));
    expect((await ask("Bearer wrong-token-of-someone-else")).status).toBe(401);
    const reply = await ask(`Bearer ${TOKEN}`);
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({
      status: "ok",
      database: { isUp: true },
      sources: [{ source: "topics.travis" }],
    });
  });

  // Seen red without: requireRate in healthDetailsRoute.
  it("gives health in detail on our own address alone, and lets nobody try more than ten tokens a minute", async () => {
    const ask = (token: string, host = "localhost:3000") => {
      const headers = { host, authorization: `Bearer ${token}`, "x-forwarded-for": "203.0.113.44" };
      return details(new Request(`${APEX}/api/health/details`, { headers }));
    };
    for (const host of [`${slug}.localhost:3000`, "whatever.example"])
      expect((await ask(TOKEN, host)).status).toBe(404);
    for (let times = 0; times < 12; times++) expect((await ask(TOKEN)).status).toBe(200);
    for (let times = 0; times < 10; times++) expect((await ask("guess")).status).toBe(401);
    expect((await ask("guess")).status).toBe(429);
    expect((await ask(TOKEN)).status).toBe(429);
  });

  it("lets nobody try more than ten tokens a minute from one address", async () => {
    const tries = await Promise.all(
      Array.from({ length: 15 }, () => open("guess", { "x-forwarded-for": "203.0.113.9" })),
    );
    expect(tries.map((reply) => reply.status).filter((status) => status === 429)).toHaveLength(5);
  });
});
