import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { GET as getLeads } from "@/app/api/leads/route";
import { ROUTE_WORDS, routeOf } from "@/lib/core/route-of";
import { guardRequests } from "@/lib/http/request-guard";
import { edgeIdOf } from "@/lib/http/request-line";
import { causeId } from "@/lib/platform/cause";
import { closeDatabase } from "@/lib/platform/db";
import { env } from "@/lib/platform/env";
import { log } from "@/lib/platform/log";
import { writeCounts } from "@/lib/platform/metrics";
import { makeFirm, type TestFirm } from "../setup/firms";
import { call, hostOf } from "./call";

const CLOUDFRONT = `${"k6WGMNkEzR5BEM_SaF47gjtX9zBDO2m349OY2an0QPEaUum1ZOLrow"}==`;

let firm: TestFirm;
let server: Server;
let url: string;
const lines = vi.hoisted(() => [] as Record<string, unknown>[]);

beforeAll(async () => {
  firm = await makeFirm();
  guardRequests();
  // Stands where Next does: pages and redirects that know nothing of a log, and a route that does.
  server = createServer(async (request, response) => {
    if (request.url?.startsWith("/api/leads")) {
      const reply = await (getLeads as (request: Request) => Promise<Response>)(
        new Request(`http://localhost:3000${request.url}`, {
          headers: { ...(request.headers as Record<string, string>), host: "localhost:3000" },
        }),
      );
      response.writeHead(reply.status, Object.fromEntries(reply.headers));
      response.end(await reply.text());
    } else if (request.url === "/cause") response.end(causeId());
    else if (request.url === "/cut") response.write("half");
    else {
      response.statusCode = request.url === "/login" ? 307 : 200;
      response.end();
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(log, "info").mockImplementation((message, fields) => void lines.push({ message, ...fields }));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await closeDatabase();
});

const lineOf = async () => {
  await vi.waitFor(() => expect(lines).toHaveLength(1), { timeout: 5000 });
  return lines[0];
};

// Seen red without: followRequest in the guard; with the path in the place of routeOf.
it("writes one line for a page, a redirect and a refusal of Next, with the id that the reply tells and nothing that a visitor wrote", async () => {
  for (const [asked, route, status] of [
    ["/leads/DOE-JOHN?q=Doe%2C+John", "/leads/[id]", 200],
    ["/login", "/login", 307],
    ["/Jane.Roe@person.example/", "/[id]", 200],
  ] as const) {
    lines.length = 0;
    const reply = await fetch(url + asked, { redirect: "manual" });
    const line = await lineOf();
    expect(line).toMatchObject({ message: "request", method: "GET", route, status });
    expect(line?.requestId).toBe(reply.headers.get("x-request-id"));
    expect(line?.durationMs).toBeTypeOf("number");
    expect(JSON.stringify(line)).not.toMatch(/doe|john|jane|person/i);
  }
});

it("writes none for what the build made", async () => {
  await fetch(`${url}/_next/static/chunks/a.js`);
  await fetch(`${url}/cause`);
  expect(await lineOf()).toMatchObject({ route: "/[id]" });
});

// Seen red without: `followed` in lined, which makes two lines and two ids.
it("writes one line for a route too, and that knows whose request it was", async () => {
  const headers = { authorization: `Bearer ${firm.key.text}` };
  const reply = await fetch(`${url}/api/leads?q=Doe`, { headers });
  expect(reply.status).toBe(200);
  const line = await lineOf();
  expect(line).toMatchObject({ route: "/api/leads", status: 200, tenantId: firm.id, actorType: "apiKey" });
  expect(line?.requestId).toBe(reply.headers.get("x-request-id"));
  const again = await call(getLeads as Parameters<typeof call>[0], "/api/leads", { host: hostOf(firm) });
  expect(again.status).toBe(401);
  expect(lines).toHaveLength(2);
  expect(lines[1]?.requestId).toBe(again.headers.get("x-request-id"));
});

it("gives the id to all that the request leads to, each its own on one connection", async () => {
  const ids = new Set<string>();
  for (let i = 0; i < 3; i += 1) {
    const reply = await fetch(`${url}/cause`);
    const id = await reply.text();
    expect(id).toBe(reply.headers.get("x-request-id"));
    ids.add(id);
  }
  expect(ids.size).toBe(3);
});

// Seen red without: writableFinished.
it("tells a reader who went away from one who got the whole reply", async () => {
  const asked = httpRequest(`${url}/cut`);
  asked.on("error", () => undefined);
  asked.end();
  const [reply] = await once(asked, "response");
  reply.destroy();
  expect(await lineOf()).toMatchObject({ status: 200, errorCode: "reader_gone" });
});

// Seen red without: the two patterns; the question for a proxy of ours.
it("takes the edge's id when a proxy of ours is in front and it looks like one", () => {
  const asked = (headers: Record<string, string>, hops: number) => {
    const settings = { ...env(), TRUSTED_PROXY_HOPS: hops };
    return edgeIdOf(headers, settings);
  };
  const root = "Root=1-67891233-abcdef012345678912345678";
  expect(asked({ "x-amz-cf-id": CLOUDFRONT, "x-amzn-trace-id": root }, 2)).toBe(CLOUDFRONT);
  expect(asked({ "x-amzn-trace-id": `Self=1-67891234-12456789abcdef012345678;${root}` }, 1)).toBe(root.slice(5));
  expect(asked({ "x-amz-cf-id": "DOE, JOHN", "x-amzn-trace-id": "Root=DOE" }, 2)).toBeUndefined();
  expect(asked({ "x-amz-cf-id": CLOUDFRONT }, 0)).toBeUndefined();
});

it("knows every word of our paths, and takes nothing else for one", () => {
  const app = path.resolve(import.meta.dirname, "../../app");
  const folders = readdirSync(app, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^[([]/.test(entry.name))
    .map(({ name }) => name);
  const known: readonly string[] = ROUTE_WORDS;
  expect([...new Set(folders)].filter((name) => !known.includes(name))).toEqual([]);
  expect(routeOf(`/api/calendar/${firm.id}.secret.ics`)).toBe("/api/calendar/[id]");
  expect(routeOf("/a/b/c/d/e/f/g/h/i")).toBe(`${"/[id]".repeat(8)}/...`);
});

it("counts requests by how they ended, and names no firm in it", async () => {
  writeCounts();
  await (await fetch(`${url}/login`, { redirect: "manual" })).text();
  await (await fetch(`${url}/api/leads`)).text();
  await vi.waitFor(() => expect(lines).toHaveLength(2));
  const written: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => written.push(String(chunk)) > 0);
  writeCounts();
  expect(JSON.parse(written.join(""))).toMatchObject({ Requests: 2, RequestsRefused: 1 });
  expect(written.join("")).not.toContain(firm.id);
});
