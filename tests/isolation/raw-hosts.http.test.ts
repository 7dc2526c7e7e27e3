import { describe, expect, it } from "vitest";
import { expectSafe, openSockets, ours, session, signsOf, theirs, world, write } from "./raw-sockets";

// Who is asked, and what Next listens to besides: written to the socket as no well-behaved client would.

openSockets();

describe("the host", () => {
  it("is the one of the Host header, whatever else names another", async () => {
    const other = world.hostOf(theirs);
    for (const forged of [
      [`X-Forwarded-Host: ${other}`],
      [`X-Forwarded-Host: ${other}`, "X-Forwarded-Proto: https", "X-Forwarded-For: 127.0.0.1"],
      [`Forwarded: host=${other};proto=https;for=127.0.0.1`],
      [`X-Tenant-Id: ${theirs.firm.id}`, `X-Tenant-Slug: ${theirs.firm.slug}`, `X-Tenant-Host: ${other}`],
      [`X-Host: ${other}`, `X-Original-Host: ${other}`, `X-Http-Host-Override: ${other}`],
      [`X-Real-Ip: 127.0.0.1`, `X-Nonce: forged`],
    ]) {
      for (const path of ["/leads", "/api/leads", "/settings/users"]) {
        const own = await write({ path, headers: [session(ours), ...forged] });
        expectSafe(own, `${path} ${forged}`, signsOf(theirs));
        expect(own.status, `${path} ${forged}`).toBe(200);
        // their session is nobody's here, whatever the headers say
        const stranger = await write({ path, headers: [session(theirs), ...forged] });
        expectSafe(stranger, `${path} ${forged}`, [ours.personal, theirs.personal]);
        expect([307, 401]).toContain(stranger.status);
      }
    }
  });

  it("may be named twice, or in the request line, without anybody reading two firms", async () => {
    const [one, two] = [world.hostOf(ours), world.hostOf(theirs)];
    for (const path of ["/leads", "/api/leads"]) {
      for (const [host, headers, line] of [
        [one, [`Host: ${two}`], undefined],
        [one, [` Host: ${two}`], undefined],
        [one, [], `GET http://${two}${path} HTTP/1.1`],
        [one, [], `GET //${two}${path} HTTP/1.1`],
        [one, [], `GET http:\\\\${two}${path} HTTP/1.1`],
        [`${one}, ${two}`, [], undefined],
      ] as [string, string[], string | undefined][]) {
        const sent = { path, host, headers: [...headers, session(ours)], ...(line ? { line } : {}) };
        expectSafe(await write(sent), JSON.stringify(sent), [theirs.personal]);
      }
    }
  });

  it("serves a firm under its name alone: anything else that looks like it is nobody's", async () => {
    const name = `${ours.firm.slug}.localhost`;
    const served = [`${name}.:${world.port}`, `${name.toUpperCase()}:${world.port}`, name, `${name}:1`];
    for (const host of served) {
      const reply = await write({ host, headers: [session(ours)] });
      expectSafe(reply, host, signsOf(theirs));
      expect(reply.status, host).toBe(200);
    }
    for (const host of [
      ...[`user@${name}`, `user:pass@${name}:${world.port}`, `${name}:${world.port}@evil.example`, `${name}:99999`],
      ...[
        `${name}:0`,
        `${name}:x`,
        `${name}..`,
        `.${name}`,
        `a.${name}`,
        `${name}/`,
        `${name}#`,
        `${name}?x`,
        `${name}%00`,
      ],
      ...[
        "127.0.0.1",
        "[::1]",
        "2130706433",
        "0x7f.1",
        "a_b.localhost",
        "xn--80ak6aa92e.localhost",
        "-x.localhost",
        "",
      ],
      ...[`${ours.firm.slug}\t.localhost`, `${name} evil`, "x".repeat(300), ours.domain, "é.localhost"],
    ]) {
      for (const path of ["/leads", "/api/leads"]) {
        const reply = await write({ host, path, headers: [session(ours)] });
        expectSafe(reply, host, [...signsOf(theirs), ours.personal]);
        expect([400, 401, 404], `${host} ${path}`).toContain(reply.status);
      }
    }
    expect((await write({ host: null })).status).toBe(400);
  });
});

describe("headers that Next itself listens to", () => {
  const FORGED = [
    ["X-Middleware-Subrequest: middleware"],
    [`X-Middleware-Subrequest: ${Array(6).fill("middleware").join(":")}`],
    [`X-Middleware-Subrequest: ${Array(6).fill("src/middleware").join(":")}`, "X-Middleware-Subrequest-Id: 1"],
    ["X-Middleware-Rewrite: /settings/users", "X-Middleware-Next: 1", "X-Middleware-Override-Headers: host"],
    [
      "X-Middleware-Invoke: 1",
      "X-Invoke-Path: /settings/users",
      "X-Invoke-Output: /settings/users",
      "X-Invoke-Query: {}",
    ],
    ["X-Invoke-Status: 200", "X-Matched-Path: /settings/users", "X-Nextjs-Data: 1", "X-Now-Route-Matches: 1"],
    ["X-Original-Url: /settings/users", "X-Rewrite-Url: /settings/users", "X-Forwarded-Uri: /settings/users"],
    ["X-Prerender-Revalidate: x", "X-Prerender-Revalidate-If-Generated: 1", "X-Nextjs-Request-Id: 1"],
    ["Rsc: 1", "Next-Url: /settings/users", "Next-Router-Prefetch: 1", "Next-Router-Segment-Prefetch: /_tree"],
    ["Rsc: 1", "Next-Router-State-Tree: %5B%22%22%2C%7B%7D%5D"],
    ["Rsc: 1", "Next-Router-State-Tree: garbage"],
    ["X-Http-Method-Override: DELETE", "X-Http-Method: DELETE", "X-Method-Override: DELETE"],
    ["Purpose: prefetch", "Sec-Purpose: prefetch", "X-Nextjs-Prefetch: 1"],
  ];

  it.each(FORGED.map((headers) => [headers.join(", ").slice(0, 100), headers] as const))(
    "open nothing: %s",
    async (_name, headers) => {
      for (const path of [
        "/leads",
        `/leads/${ours.lead}`,
        "/settings/users",
        "/",
        "/api/leads",
        "/operator/firms",
        "/login",
      ]) {
        for (const cookie of [[], [session(theirs)]]) {
          const what = `${path} ${headers}`;
          const reply = await write({ path, headers: [...headers, ...cookie] });
          expectSafe(reply, what, [ours.personal, ...signsOf(theirs)]);
        }
      }
    },
  );

  it("find no action to run: there are no Server Actions, and a page does nothing but be read", async () => {
    const body = '["x"]';
    for (const headers of [
      ["Next-Action: 0000000000000000000000000000000000000000", "Content-Type: text/plain;charset=UTF-8"],
      ["Next-Action: x", "Content-Type: multipart/form-data; boundary=x"],
      ["Content-Type: multipart/form-data; boundary=x"],
      ["Content-Type: application/x-www-form-urlencoded"],
    ]) {
      for (const path of ["/leads", "/login", "/settings/users", "/"]) {
        for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
          const sent = [...headers, session(ours), `Content-Length: ${body.length}`, "Origin: https://evil.example"];
          expectSafe(
            await write({ method, path, headers: sent, body }),
            `${method} ${path} ${headers}`,
            signsOf(theirs),
          );
        }
      }
    }
  });
});
