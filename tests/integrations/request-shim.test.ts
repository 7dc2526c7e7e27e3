import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import request from "request";
import { afterEach, describe, expect, it } from "vitest";

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server?.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Outcome = { error: (Error & { code?: string }) | null; status?: number; text?: string };
const call = (options: Parameters<typeof request>[0]): Promise<Outcome> =>
  new Promise((resolve) =>
    request(options, (error, reply, text) => resolve({ error, status: reply?.statusCode, text })),
  );

describe("the stand-in for the request package", () => {
  it("sends the method, the query, the headers and the body, and gives status and text", async () => {
    const base = await serve((req, res) => {
      let body = "";
      req.on("data", (chunk) => {
        body += chunk;
      });
      req.on("end", () => res.end(`${req.method} ${req.url} ${req.headers.authorization} ${body}`));
    });
    const outcome = await call({
      url: `${base}/v2/verify?email=a%40b.example`,
      qs: { timeout: "6000" },
      method: "POST",
      headers: { Authorization: "token t" },
      body: "hello",
    });
    expect(outcome).toEqual({
      error: null,
      status: 200,
      text: "POST /v2/verify?email=a%40b.example&timeout=6000 token t hello",
    });
  });

  it("gives a refusal as a reply, not as an error", async () => {
    const base = await serve((_, res) => res.writeHead(429).end("slow down"));
    expect(await call({ url: base })).toEqual({ error: null, status: 429, text: "slow down" });
  });

  it("shows each of two calls at once the Retry-After of its own reply", async () => {
    const base = await serve((req, res) => {
      const seconds = req.url === "/long" ? "60" : "1";
      setTimeout(() => res.writeHead(429, { "Retry-After": seconds }).end(), req.url === "/long" ? 0 : 30);
    });
    const retryAfter = (path: string) => {
      const seen: (string | undefined)[] = [];
      const settings = {
        onReply: ({ headers }: { headers: Record<string, string> }) => seen.push(headers["retry-after"]),
      };
      return request.scoped(settings, () => call({ url: `${base}${path}` })).then(() => seen);
    };
    expect(await Promise.all([retryAfter("/long"), retryAfter("/short")])).toEqual([["60"], ["1"]]);
  });

  it("gives up when the whole reply is not there in time", async () => {
    const base = await serve((_, res) => res.write("the first half"));
    const { error } = await request.scoped({ timeoutMs: 50 }, () => call({ url: base }));
    expect(error?.name).toBe("TimeoutError");
  });

  it("stops reading a reply that is longer than 256 kB", async () => {
    let sent = 0;
    const base = await serve((_, res) => {
      const more = () => {
        while (sent < 50_000_000 && res.write(Buffer.alloc(64_000))) sent += 64_000;
      };
      res.on("drain", more);
      more();
    });
    const { error } = await call({ url: base });
    expect(error?.code).toBe("ETOOLARGE");
    expect(sent).toBeLessThan(50_000_000);
  });

  it("does not follow a redirect", async () => {
    const asked: (string | undefined)[] = [];
    const base = await serve((req, res) => {
      asked.push(req.url);
      res.writeHead(302, { location: "/elsewhere" }).end();
    });
    expect((await call({ url: base })).error).toBeInstanceOf(Error);
    expect(asked).toEqual(["/"]);
  });
});
