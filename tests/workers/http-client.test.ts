import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { VendorError } from "@/lib/core/errors";
import { httpRequest, retryAfterMs } from "@/lib/platform/http-client";

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function failure(request: Promise<unknown>): Promise<VendorError> {
  const error = await request.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof VendorError)) throw new Error(`expected a VendorError, got ${String(error)}`);
  return error;
}

describe("the outgoing client", () => {
  it("gives status, headers, text and JSON", async () => {
    const url = await serve((req, res) => res.setHeader("x-method", req.method ?? "").end('{"ok":true}'));
    const reply = await httpRequest({ vendor: "v", url, method: "POST", body: "a=1" });
    expect([reply.status, reply.headers.get("x-method"), reply.text(), reply.json()]).toEqual([
      200,
      "POST",
      '{"ok":true}',
      { ok: true },
    ]);
  });

  it.each([
    [429, "throttled"],
    [500, "unavailable"],
    [503, "unavailable"],
    [400, "rejected"],
    [404, "rejected"],
    [302, "rejected"],
    [408, "timeout"],
  ])("names status %i %s", async (status, kind) => {
    const url = await serve((_, res) => res.writeHead(status, { location: "/elsewhere" }).end());
    expect(await failure(httpRequest({ vendor: "v", url }))).toMatchObject({ vendor: "v", kind, status });
  });

  it("gives a status that the caller wants as a reply", async () => {
    const url = await serve((_, res) => res.writeHead(302, { location: "/search" }).end());
    const reply = await httpRequest({ vendor: "v", url, accept: (status) => status === 302 });
    expect([reply.status, reply.headers.get("location")]).toEqual([302, "/search"]);
  });

  it("carries Retry-After in both forms, and no nonsense", async () => {
    const url = await serve((_, res) => res.writeHead(503, { "retry-after": "7" }).end());
    expect(await failure(httpRequest({ vendor: "v", url }))).toMatchObject({ kind: "unavailable", retryAfterMs: 7000 });
    const now = Date.parse("2026-11-21T20:00:00Z");
    const read = (value: string) => retryAfterMs(new Headers({ "retry-after": value }), now);
    expect(read("Sat, 21 Nov 2026 20:00:30 GMT")).toBe(30_000);
    expect(read("Sat, 21 Nov 2026 19:00:00 GMT")).toBe(0);
    for (const nonsense of ["-1", "soon", "1.5", "", "9".repeat(30)]) expect(read(nonsense)).toBeUndefined();
  });

  it("cuts a server off that does not begin, and one that does not end", async () => {
    const silent = await serve(() => {});
    expect((await failure(httpRequest({ vendor: "v", url: silent, timeoutMs: 50 }))).kind).toBe("timeout");
    const slow = await serve((_, res) => void res.writeHead(200).write("a"));
    expect((await failure(httpRequest({ vendor: "v", url: slow, timeoutMs: 50 }))).kind).toBe("timeout");
  });

  it("refuses a body over the cap while it streams, compressed or not", async () => {
    const endless = await serve((_, res) => {
      const pour = () => {
        while (!res.destroyed && res.write("x".repeat(65_536)));
      };
      res.on("drain", pour);
      pour();
    });
    expect((await failure(httpRequest({ vendor: "v", url: endless, maxBytes: 100_000 }))).kind).toBe("garbled");
    const bomb = await serve((_, res) =>
      res.setHeader("content-encoding", "gzip").end(gzipSync("x".repeat(5_000_000))),
    );
    expect((await failure(httpRequest({ vendor: "v", url: bomb, maxBytes: 100_000 }))).kind).toBe("garbled");
  });

  it("calls a closed port and a cut body unavailable, and broken compression garbled", async () => {
    expect((await failure(httpRequest({ vendor: "v", url: "http://127.0.0.1:9" }))).kind).toBe("unavailable");
    const cut = await serve((req, res) => {
      res.writeHead(200, { "content-length": "100" });
      res.write("half", () => req.socket.destroy());
    });
    expect((await failure(httpRequest({ vendor: "v", url: cut }))).kind).toBe("unavailable");
    const broken = await serve((_, res) => res.setHeader("content-encoding", "gzip").end("not gzip"));
    expect((await failure(httpRequest({ vendor: "v", url: broken }))).kind).toBe("garbled");
    const html = await serve((_, res) => res.end("<html>"));
    const reply = await httpRequest({ vendor: "v", url: html });
    expect(() => reply.json()).toThrow(VendorError);
  });

  it("follows redirects only when asked, only so many, and never to another origin", async () => {
    const other = await serve((_, res) => res.end("stolen"));
    const url = await serve((req, res) => {
      if (req.url === "/one") res.writeHead(302, { location: "/two" }).end();
      else if (req.url === "/away") res.writeHead(307, { location: other }).end();
      else if (req.url === "/loop") res.writeHead(302, { location: "/loop" }).end();
      else res.end(`${req.method} ${req.url}`);
    });
    const reply = await httpRequest({ vendor: "v", url: `${url}/one`, method: "POST", body: "x", redirects: 1 });
    expect(reply.text()).toBe("GET /two");
    expect((await failure(httpRequest({ vendor: "v", url: `${url}/away`, redirects: 3 }))).kind).toBe("rejected");
    expect((await failure(httpRequest({ vendor: "v", url: `${url}/loop`, redirects: 3 }))).kind).toBe("rejected");
  });

  it("decodes the declared charset, and marks broken bytes", async () => {
    const url = await serve((req, res) => {
      const charset = req.url === "/latin" ? "; charset=windows-1252" : "";
      res.setHeader("content-type", `text/html${charset}`).end(Buffer.of(0x4a, 0xe9));
    });
    expect((await httpRequest({ vendor: "v", url: `${url}/latin` })).text()).toBe("Jé");
    expect((await httpRequest({ vendor: "v", url })).text()).toBe("J\ufffd");
  });
});
