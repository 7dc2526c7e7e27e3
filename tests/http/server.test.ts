import net from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HOME } from "@/lib/http/callback-url";
import { closeDatabase } from "@/lib/platform/db";
import { startApp, type TestApp } from "../setup/app";
import { freshCode } from "../setup/factor";
import type { TestFirm } from "../setup/firms";
import { type Reply, request, visitor } from "../setup/http";
import { ownDatabase } from "../setup/own-database";
import { makeFirmWithPassword, PASSWORD } from "./call";

// What only the packed server can show: its middleware, its headers, its sockets.

let app: TestApp;
let firm: TestFirm;
let other: TestFirm;
beforeAll(async () => {
  [firm, other] = await Promise.all([makeFirmWithPassword(), makeFirmWithPassword()]);
  app = await startApp({ database: ownDatabase });
});
afterAll(async () => {
  await app?.stop();
  await closeDatabase();
});

const at = (slug: string, path: string) => `${app.firmUrl(slug).replace(/\/$/, "")}${path}`;
const originAt = (slug: string) => at(slug, "");

async function signedIn(of: TestFirm) {
  const person = visitor();
  const post = (form: Record<string, string>) =>
    person.request(at(of.slug, "/api/auth/callback/credentials"), {
      body: new URLSearchParams(form),
      headers: { origin: originAt(of.slug) },
    });
  const first = await post({ email: of.user.email, password: PASSWORD });
  const reply = await post({ code: await freshCode(of.id, of.user) });
  return { person, first, reply };
}

describe("signing in over HTTP", () => {
  it("takes a plain form without a script to the list, and the session holds there", async () => {
    const { person, first, reply } = await signedIn(firm);
    expect([first.status, first.headers.location]).toEqual([303, at(firm.slug, "/login/code")]);
    expect(first.setCookies.find((line) => line.startsWith("arrestra.attempt="))).toMatch(/HttpOnly.*SameSite=Lax/i);
    const attempt = first.setCookies.find((line) => line.startsWith("arrestra.attempt="))?.split(";")[0] ?? "";
    const codePage = await request(at(firm.slug, "/login/code"), { headers: { cookie: attempt } });
    expect([codePage.status, codePage.text.includes('name="code"')]).toEqual([200, true]);
    expect(reply.status).toBe(303);
    expect(reply.headers.location).toBe(at(firm.slug, HOME));
    expect(reply.setCookies.find((line) => line.startsWith("arrestra.session="))).toMatch(/HttpOnly.*SameSite=Lax/i);
    expect((await person.request(at(firm.slug, "/leads"))).status).toBe(200);
    expect((await person.request(at(firm.slug, "/api/leads"))).status).toBe(200);
  });

  it("sends a visitor who is not signed in to the sign-in page", async () => {
    const reply = await request(at(firm.slug, "/leads"));
    expect(reply.status).toBe(307);
    expect(reply.headers.location).toMatch(/^\/login/);
    expect((await request(at(firm.slug, "/login"))).status).toBe(200);
  });

  it("shows the other firm's host nothing for this session", async () => {
    const { person } = await signedIn(firm);
    const cookies = person.cookies(originAt(firm.slug));
    expect((await request(at(other.slug, "/leads"), { cookies })).status).toBe(307);
    expect((await request(at(other.slug, "/api/leads"), { cookies })).status).toBe(401);
  });

  it("makes no cookie and no address for a host that a client forged", async () => {
    const headers = {
      origin: originAt(firm.slug),
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
      "x-forwarded-port": "1",
      forwarded: "host=evil.example;proto=https",
    };
    const code = await freshCode(firm.id, firm.user);
    const body = new URLSearchParams({ email: firm.user.email, password: PASSWORD, code });
    const posted = await request(at(firm.slug, "/api/auth/callback/credentials"), { body, headers });
    const page = await request(at(firm.slug, "/leads"), { headers });
    const csrf = await request(at(firm.slug, "/api/auth/csrf"), { headers });
    for (const reply of [posted, page, csrf])
      expect(JSON.stringify(reply.rawHeaders) + reply.text).not.toContain("evil");
    expect(posted.headers.location).toBe(at(firm.slug, HOME));
    expect(posted.setCookies.join()).not.toMatch(/Secure|__Host-|Domain/);
  });

  it("stays on its own origin wherever it is asked to go", async () => {
    for (const callbackUrl of [
      "//evil.example",
      "/\\evil.example",
      "https:evil.example",
      `${originAt(firm.slug)}@evil.example`,
      originAt(other.slug),
    ]) {
      const code = await freshCode(firm.id, firm.user);
      const body = new URLSearchParams({ email: firm.user.email, password: PASSWORD, code, callbackUrl });
      const url = at(firm.slug, "/api/auth/callback/credentials");
      const reply = await request(url, { body, headers: { origin: originAt(firm.slug) } });
      expect(reply.headers.location).toBe(at(firm.slug, HOME));
    }
  });
});

describe("hosts", () => {
  const nonceOf = (reply: Reply) =>
    /'nonce-([^']+)'/.exec(String(reply.headers["content-security-policy"]))?.[1] ?? "?";
  const bare = (reply: Reply) => reply.text.replaceAll(nonceOf(reply), "");
  const ask = (host: string, path = "/leads") => request(`${app.baseUrl}${path}`, { headers: { host } });
  const port = () => new URL(app.baseUrl).port;

  it.each(["www", "api", "admin", "hooks", "a.b", "-x", "xn--80ak6aa92e", "a_b"])(
    "answers 404 to %s, naming nobody",
    async (label) => {
      const reply = await ask(`${label}.localhost:${port()}`);
      expect(reply.status).toBe(404);
      expect(reply.text).not.toMatch(/firm|arrestra|law/i);
    },
  );

  it("answers every firm that never was, and every unproven domain, with one plain 404 page", async () => {
    const replies = await Promise.all(["nobody", "nobody-else"].map((slug) => ask(`${slug}.localhost:${port()}`)));
    for (const path of ["/", "/leads", "/login", "/sources"]) {
      const reply = await ask(`nobody.localhost:${port()}`, path);
      expect(reply.status, path).toBe(404);
      expect(reply.text).not.toContain(firm.slug);
    }
    const [one, two] = replies as [Reply, Reply];
    expect([one.status, bare(one)]).toEqual([404, bare(two)]);
    expect((await ask("leads.unknown.example")).status).toBe(404);
  });

  it("shows the 404 of a host that is nobody's without a script", async () => {
    for (const path of ["/", "/leads", "/login", "/sources", "/no/such/page"]) {
      const { status, text } = await ask(`nobody.localhost:${port()}`, path);
      expect(status, path).toBe(404);
      const seen = text.replace(/<(script|style|svg)\b[\s\S]*?<\/\1>/g, "");
      expect(seen, path).toContain("There is nothing at this address");
      expect(seen.match(/<h1/g), path).toHaveLength(1);
    }
  });

  it("shows the 404 of our own address without a script where only firms have a page", async () => {
    for (const path of ["/leads", "/login", "/login/code", "/sources"]) {
      const { status, text } = await request(`${app.baseUrl}${path}`);
      expect([status, text.replace(/<(script|style|svg)\b[\s\S]*?<\/\1>/g, "")], path).toEqual([
        404,
        expect.stringContaining("There is nothing at this address"),
      ]);
    }
  });

  it("answers the health check on any host", async () => {
    expect((await ask("10.1.2.3:8080", "/api/health")).status).toBe(200);
  });

  it("believes the first of two Host headers only as far as every check does", async () => {
    const raw = await rawRequest(
      `GET /api/leads HTTP/1.1\r\nHost: localhost:${port()}\r\nHost: ${other.slug}.localhost:${port()}\r\nx-api-key: ${firm.key.text}\r\nConnection: close\r\n\r\n`,
    );
    expect(raw).toMatch(/^HTTP\/1\.1 (200|400)/);
  });

  it("serves our own address its own page, and a firm's root its door, behind it the open leads", async () => {
    const apex = await request(`${app.baseUrl}/`);
    expect(apex.status).toBe(200);
    expect(apex.text).toContain("Arrestra");
    const root = await request(at(firm.slug, "/"));
    expect([root.status, root.headers.location]).toEqual([307, "/login"]);
    const { person } = await signedIn(firm);
    const inside = await person.request(at(firm.slug, "/"));
    expect([inside.status, inside.headers.location]).toEqual([307, HOME]);
    expect((await request(`${app.baseUrl}/leads`)).status).toBe(404);
    expect((await request(`${app.baseUrl}/login`)).status).toBe(404);
  });

  it("explains every problem code at the address its type names", async () => {
    expect((await request(at(firm.slug, "/problems/conflict"))).text).toContain("conflict");
    expect((await request(at(firm.slug, "/problems/nope"))).status).toBe(404);
  });

  async function rawRequest(text: string): Promise<string> {
    const socket = net.connect(Number(port()), "127.0.0.1");
    socket.write(text);
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    return answer;
  }
});

describe("headers", () => {
  it("gives each page a policy with a nonce of its own, which its scripts carry", async () => {
    const pages = [await request(at(firm.slug, "/login")), await request(at(firm.slug, "/login"))];
    const nonces = pages.map((page) => /'nonce-([^']+)'/.exec(String(page.headers["content-security-policy"]))?.[1]);
    expect(nonces[0]).toBeTruthy();
    expect(nonces[0]).not.toBe(nonces[1]);
    const policy = String(pages[0]?.headers["content-security-policy"]);
    expect(policy).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic'(;|$)/);
    expect(policy.match(/'unsafe-[a-z]+'/g)).toEqual(["'unsafe-inline'"]);
    expect(policy).toContain("style-src-attr 'unsafe-inline'");
    const scripts = pages[0]?.text.match(/<script\b[^>]*>/g) ?? [];
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) expect(script).toContain(`nonce="${nonces[0]}"`);
  });

  it("protects every kind of reply once, and lets no cache keep a firm's page", async () => {
    const replies = {
      page: await request(at(firm.slug, "/login")),
      missing: await request(at(firm.slug, "/no/such/page")),
      badHost: await request(`${app.baseUrl}/`, { headers: { host: "www.localhost" } }),
      api: await request(at(firm.slug, "/api/leads")),
      noRoute: await request(at(firm.slug, "/api/nope")),
      badMethod: await request(at(firm.slug, "/api/leads"), { method: "PUT" }),
      oddMethod: await request(at(firm.slug, "/api/leads"), { method: "TRACE" }),
      undecodable: await request(at(firm.slug, "/api/leads/%E0%A4%A")),
      undecodablePage: await request(at(firm.slug, "/leads/%ff?q=%ff")),
      auth: await request(at(firm.slug, "/api/auth/csrf")),
    };
    for (const [kind, { rawHeaders, headers }] of Object.entries(replies)) {
      const count = (name: string) => rawHeaders.filter((line, n) => n % 2 === 0 && line.toLowerCase() === name).length;
      for (const name of [
        "content-security-policy",
        "x-content-type-options",
        "referrer-policy",
        "permissions-policy",
      ]) {
        expect(count(name), `${kind} ${name}`).toBe(1);
      }
      expect(headers["x-content-type-options"], kind).toBe("nosniff");
      expect(headers["content-security-policy"], kind).toMatch(/frame-ancestors 'none'|default-src 'none'/);
      expect(headers["cache-control"], kind).toContain("no-store");
      expect(headers["x-powered-by"], kind).toBeUndefined();
    }
  });
});

describe("what Next alone would answer badly", () => {
  const key = () => ({ "x-api-key": firm.key.text });

  it("names the methods that a route has to one that it has not", async () => {
    for (const [method, path, allow] of [
      ["PUT", "/api/leads", "GET, HEAD, OPTIONS"],
      ["GET", "/api/leads/ingest", "POST, OPTIONS"],
      ["POST", "/api/health", "GET, HEAD, OPTIONS"],
    ] as const) {
      const reply = await request(at(firm.slug, path), { method, headers: key() });
      expect(reply.status, path).toBe(405);
      expect(reply.headers.allow).toBe(allow);
      expect(reply.headers["content-type"]).toContain("application/problem+json");
      expect(reply.json()).toMatchObject({ code: "method_not_allowed", status: 405 });
    }
    const options = await request(at(firm.slug, "/api/leads"), { method: "OPTIONS" });
    expect([options.status, options.headers.allow]).toEqual([204, "GET, HEAD, OPTIONS"]);
    expect(options.headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("answers a path that does not decode, or a method nobody has, with a problem and never with a fault", async () => {
    for (const path of [
      "/api/leads/%E0%A4%A",
      "/api/nope/%ff",
      "/api",
      "/api/leads/%00",
      "/api/leads/%2e%2e%2fhealth",
    ]) {
      const reply = await request(at(firm.slug, path), { headers: key() });
      expect(reply.status, path).toBe(404);
      expect(reply.json(), path).toMatchObject({ code: "not_found" });
    }
    expect((await request(at(firm.slug, "/leads/%E0%A4%A"))).status).toBeLessThan(500);
    const odd = await request(at(firm.slug, "/api/leads"), { method: "TRACE", headers: key() });
    expect([odd.status, odd.text.includes(firm.key.text)]).toEqual([404, false]);
  });

  it("takes an address with a slash at its end, and one that begins with two, for the same", async () => {
    expect((await request(at(firm.slug, "/api/leads/"), { headers: key() })).status).toBe(200);
    expect((await request(`${app.baseUrl}//api/leads`, { headers: key() })).status).toBe(200);
  });

  it("lets a browser keep what never changes", async () => {
    const page = await request(at(firm.slug, "/login"));
    const script = /src="(\/_next\/static\/[^"]+\.js)"/.exec(page.text)?.[1] ?? "";
    expect((await request(at(firm.slug, script))).headers["cache-control"]).toContain("immutable");
  });
});

describe("the ingest route over a socket", () => {
  const headers = () => ({ "x-api-key": firm.key.text, "content-type": "application/json" });

  it("refuses 5,000,001 bytes with 413, with and without a length", async () => {
    const body = Buffer.alloc(5_000_001, 0x20);
    expect((await request(`${app.baseUrl}/api/leads/ingest`, { body, headers: headers() })).status).toBe(413);
    const chunked = { ...headers(), "transfer-encoding": "chunked" };
    expect((await request(`${app.baseUrl}/api/leads/ingest`, { body, headers: chunked })).status).toBe(413);
  });

  it("takes a batch on our address and gives it back on the firm's host only", async () => {
    const body = {
      source: "api",
      leads: [{ sourceId: "s-1", name: { full: "FICTUS, ROWAN" }, county: "Travis", charges: [] }],
    };
    const posted = await request(`${app.baseUrl}/api/leads/ingest`, { body, headers: headers() });
    expect(posted.json()).toMatchObject({ created: 1 });
    expect((await request(at(firm.slug, "/api/leads"), { headers: headers() })).text).toContain("FICTUS");
    expect((await request(at(other.slug, "/api/leads"), { headers: headers() })).status).toBe(401);
    expect(
      (await request(at(other.slug, "/api/leads"), { headers: { "x-api-key": other.key.text } })).text,
    ).not.toContain("FICTUS");
  });
});

describe("a server that is set up wrong", () => {
  it.each([
    [
      "with a role that could see past its firm",
      { APP_DATABASE_URL: ownDatabase.ownerUrl },
      /row-level security binds/,
    ],
    ["without its keys", { FIELD_KEYS: "" }, /FIELD_KEYS is missing/],
    ["with half a key", { BLIND_INDEX_KEY: "abc" }, /BLIND_INDEX_KEY/],
    ["in production with a vendor on this machine", { ARRESTRA_ENV: "production" }, /loopback/],
  ])("says why and ends, %s", async (_name, env, why) => {
    await expect(startApp({ database: ownDatabase, env })).rejects.toThrow(why);
  });
});
