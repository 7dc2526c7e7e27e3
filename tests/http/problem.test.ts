import { afterAll, beforeEach, expect, it } from "vitest";
import { GET as noRoute } from "@/app/api/[[...rest]]/route";
import { GET as details } from "@/app/api/health/details/route";
import { GET as health } from "@/app/api/health/route";
import { POST as runsRoute } from "@/app/api/ingest/runs/route";
import { POST as ingestRoute } from "@/app/api/leads/ingest/route";
import { GET as listRoute } from "@/app/api/leads/route";
import { HealthDetails } from "@/lib/contracts/health";
import { ProblemDto } from "@/lib/contracts/problem";
import { AppError, ERROR_TABLE, type ErrorCode } from "@/lib/core/errors";
import { problemResponse } from "@/lib/http/problem";
import { closeDatabase } from "@/lib/platform/db";
import { env } from "@/lib/platform/env";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { call, type Route } from "./call";

let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirm();
});
afterAll(closeDatabase);

const at = { requestId: "r-1", method: "GET", route: "/api/x" };
const list = (query = "") => call(listRoute, `/api/leads${query}`, { headers: { "x-api-key": firm.key.text } });

it.each(Object.keys(ERROR_TABLE) as ErrorCode[])(
  "says %s as RFC 9457 asks, with the status of the one table",
  async (code) => {
    const cause = new Error("SECRETCANARY");
    const response = problemResponse(new AppError(code, "What happened.", { cause }), at);
    expect(response.status).toBe(ERROR_TABLE[code].status);
    expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    const text = await response.text();
    expect(text).not.toContain("SECRETCANARY");
    const body = ProblemDto.parse(JSON.parse(text));
    expect(body).toMatchObject({ type: `/problems/${code}`, code, detail: "What happened.", requestId: "r-1" });
  },
);

it("says one fixed sentence for what nobody expected", async () => {
  const response = problemResponse(new TypeError("SECRETCANARY is not a function"), at);
  expect(response.status).toBe(500);
  expect(await response.text()).toContain("Something went wrong on our side. Nothing was saved.");
});

it("names the wrong fields of a query", async () => {
  const reply = await list("?status=nope&limit=0&sort=up&unknown=1&county=Travis,Nowhere");
  expect(reply.status).toBe(422);
  const names = reply.json<ProblemDto>().invalidParams.map((param) => param.name);
  expect(names.sort()).toEqual(["county[1]", "limit", "sort", "status[0]", "unknown"]);
});

it("reads lists repeated or with commas, and leaves out what a form sends empty", async () => {
  for (const query of [
    "?status=new&status=reviewed",
    "?status=new,reviewed&q=&from=&county=",
    "?limit=200&newSinceMyLastVisit=false",
  ]) {
    expect((await list(query)).status).toBe(200);
  }
});

it("answers 503 with Retry-After while the database is away, and keeps nothing", async () => {
  const lock = asOwner(firm.id, async (client) => {
    await client.query("LOCK TABLE ingest_batch IN ACCESS EXCLUSIVE MODE");
    const body = { source: "api", leads: [{ sourceId: "1", name: { full: "A" }, county: "Travis", charges: [] }] };
    return call(ingestRoute, "/api/leads/ingest", {
      headers: { "x-api-key": firm.key.text, "idempotency-key": "k" },
      body,
    });
  });
  const reply = await lock;
  expect(reply.status).toBe(503);
  expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
  const { rows } = await asOwner(firm.id, (client) =>
    client.query("SELECT (SELECT count(*) FROM lead) + (SELECT count(*) FROM idempotency_key) AS n"),
  );
  expect(Number(rows[0].n)).toBe(0);
});

it("puts the headers that protect a reader on every reply", async () => {
  const replies = [
    await list(),
    await list("?limit=0"),
    await call(listRoute, "/api/leads"),
    await call(noRoute as Route, "/api/nope"),
    await call(health as Route, "/api/health"),
  ];
  for (const { headers } of replies) {
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("same-origin");
    expect(headers.get("permissions-policy")).toContain("camera=()");
    expect(headers.get("cache-control")).toBe("private, no-store");
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  }
});

it("says not found, as a problem, to an API address that does not exist", async () => {
  const reply = await call(noRoute as Route, "/api/nope", { host: "evil.example" });
  expect(reply.status).toBe(404);
  expect(ProblemDto.parse(reply.json()).code).toBe("not_found");
});

it("tells everyone whether it works, and nothing more", async () => {
  const reply = await call(health as Route, "/api/health", { host: "127.0.0.1:3000" });
  expect([reply.status, reply.text]).toEqual([200, '{"status":"ok"}']);
});

it("shows the details to operators only, and is shut when no token is set", async () => {
  const ask = (authorization?: string) =>
    call(details as Route, "/api/health/details", { headers: authorization ? { authorization } : {} });
  expect((await ask("Bearer anything")).status).toBe(503);
  await call(runsRoute, "/api/ingest/runs", { headers: { "x-api-key": firm.key.text }, body: { source: "api" } });
  const settings = env();
  settings.OPERATOR_TOKEN = "operator-token-of-this-test";
  try {
    expect((await ask()).status).toBe(401);
    expect((await ask("Bearer wrong")).status).toBe(401);
    expect((await ask(`Bearer ${firm.key.text}`)).status).toBe(401);
    const reply = await ask("Bearer operator-token-of-this-test");
    expect(reply.status).toBe(200);
    const { sources } = HealthDetails.parse(reply.json());
    expect(sources).toContainEqual(expect.objectContaining({ source: "api", status: "running", lastGoodAt: null }));
  } finally {
    settings.OPERATOR_TOKEN = undefined;
  }
});
