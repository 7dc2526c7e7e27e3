import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { expectSafe, openSockets, ours, session, signsOf, theirs, world, write } from "./raw-sockets";

// Addresses in odd spellings and messages that are framed in two ways, written to the socket as no well-behaved client would.

openSockets();

describe("addresses", () => {
  it("lead to no page around its door: payloads, data, prefetch and odd spellings", async () => {
    const paths = [
      ...[
        "/leads.rsc",
        "/leads?_rsc=abc",
        "/leads.json",
        "/leads.segments/_tree.segment.rsc",
        "/_next/data/x/leads.json",
      ],
      ...[
        "/index.rsc",
        "/settings/users.rsc",
        `/leads/${ours.lead}.rsc`,
        "/leads.prefetch.rsc",
        "/_next/data/leads.json",
      ],
      ...["/(firm)/leads", "/_next/image?url=%2Fleads&w=64&q=75", "/_next/image?url=http%3A%2F%2F127.0.0.1&w=64&q=75"],
      ...[
        "/leads/",
        "//leads",
        "///leads",
        "/./leads",
        "/x/../leads",
        "/x/%2e%2e/leads",
        "/%6ceads",
        "//evil.example//leads",
        "/x/..//evil.example",
        "/\\evil.example//x",
        "/leads%2f",
        "/leads%5c",
      ],
      ...[
        "/leads;x=1",
        "/leads%00",
        "/leads%0d%0aX-Evil:1",
        "/LEADS",
        "/leads%20",
        "/leads/..",
        "/leads%",
        "/%c0%ae%c0%ae/",
      ],
      ...[
        "/_next/static/../../server/app-paths-manifest.json",
        "/_next/static/%2e%2e/%2e%2e/server.js",
        "/.env",
        "/..%2f.env",
      ],
      ...["/_next/../.env", "/static/..%5c..%5c.env", "/server.js", "/package.json", "/.next/routes-manifest.json"],
    ];
    for (const path of paths) {
      for (const headers of [[], [session(theirs)], ["Rsc: 1"]])
        expectSafe(await write({ path, headers }), `${path} ${headers}`, [ours.personal, ...signsOf(theirs)]);
      const own = await write({ path, headers: [session(ours)] });
      expectSafe(own, path, signsOf(theirs));
      expect(own.head.toLowerCase(), path).not.toContain("x-evil");
      expect(own.body, path).not.toMatch(/DATABASE_URL|"dependencies"|startServer/);
    }
  });

  it("open no inner route in another spelling", async () => {
    const inner = ["/api/internal/schedules", "/operator/session", "/operator/firms/create", "/api/health/details"];
    for (const path of inner) {
      const spellings = [
        ...[path, `${path}/`, `/${path}`, `${path};a`, `${path}%2f`, `${path}%00`, `${path}.rsc`, `${path}.json`],
        ...[
          path.replace(/\/(\w+)$/, "/%2e/$1"),
          path.replace(/\/(\w+)$/, "//$1"),
          path.replace(/\/(\w+)$/, "/x/../$1"),
        ],
        ...[path.replace("s", "%73"), path.toUpperCase(), path.replace("/", "/%2f"), path.replaceAll("/", "\\")],
      ];
      for (const spelled of spellings) {
        for (const host of [world.hostOf(ours), `localhost:${world.port}`]) {
          for (const method of ["GET", "POST"]) {
            const headers = [
              session(ours),
              "Content-Length: 2",
              "Content-Type: application/json",
              `Origin: http://${host}`,
            ];
            const reply = await write({ host, method, path: spelled, headers, body: "{}" });
            const what = `${method} ${host} ${spelled}`;
            if (reply.status === 503) expect(reply.body, what).toContain("not_configured");
            else expectSafe(reply, what, signsOf(theirs));
            expect([200, 201, 202, 204], `${what} ${reply.body.slice(0, 200)}`).not.toContain(reply.status);
          }
        }
      }
    }
  });

  it("answer HEAD and OPTIONS without a body, and any method without a fault", async () => {
    const paths = [
      "/",
      "/leads",
      "/login",
      "/api/leads",
      "/api/users",
      "/api/auth/session",
      "/operator",
      "/icon.svg",
      "/no",
    ];
    for (const path of paths) {
      for (const method of [
        "HEAD",
        "OPTIONS",
        "PUT",
        "DELETE",
        "PATCH",
        "TRACE",
        "CONNECT",
        "PROPFIND",
        "PURGE",
        "QUERY",
      ]) {
        const reply = await write({ method, path, headers: [session(theirs)] });
        if (method === "CONNECT" && reply.status === 0) continue; // the socket is shut: nobody tunnels here
        expectSafe(reply, `${method} ${path}`, [ours.personal, ...signsOf(theirs)]);
        if (method === "HEAD") expect(reply.body, path).toBe("");
        expect(reply.all, method).not.toContain(theirs.cookies.owner);
      }
    }
  });
});

describe("a message that is framed in two ways", () => {
  const post = (headers: string[], body: string) =>
    write({ method: "POST", path: "/api/leads/status", headers: [session(ours), ...headers], body });

  // Only one reply may come back: a second one would be to a request that was smuggled in the body of the first.
  it("is one request or none", async () => {
    const smuggled = `GET /api/leads HTTP/1.1\r\nHost: ${world.hostOf(ours)}\r\n${session(ours)}\r\n\r\n`;
    for (const headers of [
      ["Content-Length: 5", "Transfer-Encoding: chunked"],
      ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
      ["Transfer-Encoding: xchunked"],
      ["Transfer-Encoding : chunked"],
      ["Transfer-Encoding: chunked, identity"],
      ["Transfer-Encoding:\x0bchunked"],
      ["Content-Length: 5", "Content-Length: 6"],
      ["Content-Length: -1"],
      ["Content-Length: +5"],
      ["Content-Length: 5 5"],
      ["Content-Length: 0x5"],
    ]) {
      const reply = await post(headers, `0\r\n\r\n${smuggled}`);
      expectSafe(reply, headers.join(), [...signsOf(theirs), ours.personal]);
      expect(reply.all.match(/HTTP\/1\.1 \d{3}/g), headers.join()).toHaveLength(1);
      expect(reply.status).toBeGreaterThanOrEqual(400);
    }
    for (const chunks of [
      "zz\r\nx\r\n0\r\n\r\n",
      "-1\r\nx\r\n",
      "ffffffffffffffffff\r\nx",
      "2;x=\r\n{}\n0\r\n\r\n",
      "2\n{}\r\n0\r\n\r\n",
    ]) {
      const reply = await post(["Transfer-Encoding: chunked", "Content-Type: application/json"], chunks);
      expectSafe(reply, JSON.stringify(chunks), [...signsOf(theirs), ours.personal]);
      expect(reply.status).toBeGreaterThanOrEqual(400);
    }
  });

  it("is refused when it is too large, and its headers end where they say", async () => {
    const big = "x".repeat(70_000);
    for (const headers of [
      [`X-Big: ${big}`],
      [`Cookie: arrestra.session=${big}`],
      Array.from({ length: 3_000 }, (_, i) => `X-${i}: y`),
    ]) {
      const reply = await write({ headers });
      expect([307, 400, 431], `${headers[0]?.slice(0, 30)} ${reply.status}`).toContain(reply.status);
    }
    expect([400, 404, 414, 431]).toContain((await write({ path: `/${big}` })).status);
    for (const headers of [
      ["X-A: b\r\n Host: evil.example"],
      ["X-A: b\nX-Evil: 1"],
      ["X-A: b\rX-Evil: 1"],
      ["X-A: b\x00c"],
      ["X A: b"],
      [": b"],
    ]) {
      const reply = await write({ headers: [...headers, session(theirs)] });
      expectSafe(reply, JSON.stringify(headers), [ours.personal, ...signsOf(theirs)]);
    }
    for (const path of ["/leads?callbackUrl=%0d%0aSet-Cookie:%20x=1", "/login?callbackUrl=/%0d%0aSet-Cookie:x=1"])
      expect((await write({ path })).head, path).not.toMatch(/\nset-cookie: x=1/i);
  });

  it("that never ends keeps nobody else waiting", async () => {
    const idle = Array.from({ length: 50 }, () => {
      const socket = net.connect(Number(world.port), "127.0.0.1", () => socket.write("GET /leads HTTP/1.1\r\nHost: x"));
      socket.on("error", () => {});
      return socket;
    });
    await sleep(200);
    expect((await write({ headers: [session(ours)] })).status).toBe(200);
    for (const socket of idle) socket.destroy();
  });
});
