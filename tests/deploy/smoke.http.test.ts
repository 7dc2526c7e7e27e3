import { spawn } from "node:child_process";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase } from "@/lib/platform/db";
import { ROOT } from "../../scripts/repository";
import type { Answer, Ask } from "../../scripts/smoke/ask";
import { PROBES, type Target } from "../../scripts/smoke/probes";
import { runProbes } from "../../scripts/smoke/run-probes";
import { startApp, type TestApp } from "../setup/app";
import { makeFirm, type TestFirm } from "../setup/firms";
import { request } from "../setup/http";
import { ownDatabase } from "../setup/own-database";

// The smoke test that follows a deploy, against the packed server: once as a command on this machine, and once as behind an edge with a certificate, which
// `edge` plays: it answers for https://arrestra.test, and takes away what its fault says.

const BASE = "https://arrestra.test";
const OPERATOR_TOKEN = "an-operator-token-of-a-test-server";
const MIGRATION = "20991231000000_of_another_release";

let plain: TestApp;
let behindEdge: TestApp;
let firm: TestFirm;
let other: TestFirm;
beforeAll(async () => {
  [firm, other] = await Promise.all([makeFirm(), makeFirm()]);
  const env = { APP_BASE_URL: BASE, OPERATOR_TOKEN };
  [plain, behindEdge] = await Promise.all([
    startApp({ database: ownDatabase }),
    startApp({ database: ownDatabase, env }),
  ]);
});
afterAll(async () => {
  await Promise.all([plain?.stop(), behindEdge?.stop()]);
  await closeDatabase();
});

type Asked = { host: string; path: string; headers: Record<string, string> };
/** What an edge does to a request or its reply; `again` asks the server something else instead. */
type Fault = (
  reply: Answer,
  asked: Asked,
  again: (asked: Partial<Asked>) => Promise<Answer>,
) => Answer | Promise<Answer>;

/** Plain http is redirected, https goes to the server under the name that was asked for. */
const edge = (fault: Fault = (reply) => reply): Ask => {
  const { port } = new URL(behindEdge.baseUrl);
  const send = async ({ host, path: asked, headers }: Asked): Promise<Answer> => {
    const reply = await request(`http://127.0.0.1:${port}${asked}`, { headers: { ...headers, host } });
    return { status: reply.status, headers: reply.headers, setCookies: reply.setCookies, text: reply.text };
  };
  return async (url, headers = {}) => {
    const { host, pathname, protocol } = new URL(url);
    const asked = { host, path: pathname, headers };
    const redirect = { status: 301, headers: { location: `https://${host}${pathname}` }, setCookies: [], text: "" };
    const reply = protocol === "http:" ? redirect : await send(asked);
    return fault(reply, { ...asked, path: url }, (changed) => send({ ...asked, ...changed }));
  };
};

const target = (more: Partial<Target> = {}): Target => ({ base: new URL(BASE), firm: firm.slug, ...more });
async function failedBehind(fault?: Fault, more?: Partial<Target>): Promise<{ failed: string[]; lines: string[] }> {
  const lines: string[] = [];
  const { failed } = await runProbes(target(more), edge(fault), (line) => lines.push(line));
  return { failed, lines };
}

const without =
  (...names: string[]): Fault =>
  (reply) => ({
    ...reply,
    headers: Object.fromEntries(Object.entries(reply.headers).filter(([name]) => !names.includes(name))),
  });
const change =
  (name: string, to: (value: string) => string): Fault =>
  (reply) => ({ ...reply, headers: { ...reply.headers, [name]: to(String(reply.headers[name] ?? "")) } });
const isPlain = (url: string) => url.startsWith("http:");
const isAsked = ({ path: url }: Asked, pathname: string) => new URL(url).pathname === pathname;

/** What an edge or a server may do wrong, and the probes that say so. */
const FAULTS: [fault: string, does: Fault, failed: string[]][] = [
  [
    "answers for a server that is away",
    (reply, asked) => (isAsked(asked, "/api/health") ? { ...reply, status: 503 } : reply),
    ["health"],
  ],
  [
    "does not know the domain itself",
    (reply, { host, path: url }) => (host === "arrestra.test" && url.endsWith("/") ? { ...reply, status: 404 } : reply),
    ["our own address"],
  ],
  [
    "does not know the firms",
    (reply, { host, path: url }, again) =>
      isPlain(url) || host === "arrestra.test" ? reply : again({ host: "x.example" }),
    [
      "the firm's address",
      "the API refuses strangers",
      "pages refuse strangers",
      "forged hosts change nothing",
      "cookies",
    ],
  ],
  [
    "serves plain http",
    (reply, asked, again) => (isPlain(asked.path) ? again({ path: "/login" }) : reply),
    ["https redirect"],
  ],
  ["takes away HSTS", without("strict-transport-security"), ["strict transport security"]],
  [
    "shortens HSTS",
    change("strict-transport-security", () => "max-age=60; includeSubDomains"),
    ["strict transport security"],
  ],
  ...[
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
  ].map((name): (typeof FAULTS)[number] => [`takes away ${name}`, without(name), ["security headers"]]),
  [
    "says what it is made of",
    (reply) => ({ ...reply, headers: { ...reply.headers, "x-powered-by": "Next.js" } }),
    ["security headers"],
  ],
  ["takes away the policy", without("content-security-policy"), ["content security policy"]],
  [
    "keeps a page, nonce and all",
    change("content-security-policy", (value) => value.replace(/'nonce-[^']+'/, "'nonce-AAAAAAAAAAAAAAAAAAAAAAAA'")),
    ["content security policy"],
  ],
  [
    "lets every script run",
    change("content-security-policy", (value) => value.replace("script-src", "script-src 'unsafe-inline'")),
    ["content security policy"],
  ],
  ["says that pages may be kept", change("cache-control", () => "public, max-age=60"), ["nothing is kept"]],
  ["keeps pages", change("x-cache", () => "Hit from cloudfront"), ["nothing is kept"]],
  [
    "lends its key to strangers",
    (reply, { path: url, headers }, again) =>
      url.endsWith("/api/leads") ? again({ headers: { ...headers, "x-api-key": firm.key.text } }) : reply,
    ["the API refuses strangers", "forged hosts change nothing"],
  ],
  [
    "shows pages to strangers",
    (reply, asked) => (isAsked(asked, "/leads") && reply.status === 307 ? { ...reply, status: 200 } : reply),
    ["pages refuse strangers", "forged hosts change nothing"],
  ],
  [
    "sends every host to the firm",
    (reply, { host, path: url }, again) =>
      isPlain(url) || host === "arrestra.test" ? reply : again({ host: `${firm.slug}.arrestra.test` }),
    ["unknown hosts are refused"],
  ],
  [
    "believes a forged host",
    (reply, { headers }) => ({ ...reply, text: reply.text + (headers["x-forwarded-host"] ?? "") }),
    ["forged hosts change nothing"],
  ],
  ...(["HttpOnly", "SameSite=Lax", "Secure"] as const).map((flag): (typeof FAULTS)[number] => [
    `takes ${flag} from cookies`,
    (reply) => ({
      ...reply,
      setCookies: reply.setCookies.map((line) => line.replace(new RegExp(`;\\s*${flag}`, "i"), "")),
    }),
    ["cookies"],
  ]),
  [
    "gives a cookie to every host",
    (reply) => ({ ...reply, setCookies: reply.setCookies.map((line) => `${line}; Domain=arrestra.test`) }),
    ["cookies"],
  ],
  [
    "renames cookies",
    (reply) => ({ ...reply, setCookies: reply.setCookies.map((line) => line.replace("__Host-", "")) }),
    ["cookies"],
  ],
  [
    "plays a sandbox",
    (reply, asked) => (isAsked(asked, "/login") ? { ...reply, text: `${reply.text}Sandbox data` } : reply),
    ["no sandbox"],
  ],
];

describe("the smoke test", () => {
  it("passes as a command on a server of this machine, with a line for each probe", async () => {
    const { code, said } = await command(plain.baseUrl, "--firm", firm.slug);
    expect(said).toContain("every probe that could be made passed");
    expect(code).toBe(0);
    for (const { name } of PROBES) expect(said).toContain(name);
    expect(said).toMatch(/left out {2}https redirect/);
  });

  it("fails as a command for another release, and says what to do next", async () => {
    const { code, said } = await command(plain.baseUrl, "--firm", firm.slug, "--release", "another");
    expect([code, said]).toEqual([
      1,
      expect.stringMatching(/FAILED {4}health: the release is \w+, not another\n +Look at/),
    ]);
    expect((await command("http://arrestra.test", "--firm", firm.slug)).code).toBe(2);
    expect((await command(plain.baseUrl)).code).toBe(2);
  });

  it("passes behind an edge, also what takes a secret", async () => {
    expect((await failedBehind()).failed).toEqual([]);
    const more = { key: firm.key.text, otherFirm: other.slug, operatorToken: OPERATOR_TOKEN };
    const reply = await edge()(`${BASE}/api/health/details`, { authorization: `Bearer ${OPERATOR_TOKEN}` });
    const { last } = (JSON.parse(reply.text) as { migrations: { last: string } }).migrations;
    const { failed, lines } = await failedBehind(undefined, { ...more, migration: last });
    expect([failed, lines.filter((line) => line.startsWith("left out"))]).toEqual([[], []]);
    expect(lines.join()).not.toContain(firm.key.text);
    expect((await failedBehind(undefined, { ...more, migration: MIGRATION })).failed).toEqual(["migration"]);
  });

  it("finds an edge that sends every firm's key to one firm", async () => {
    const more = { key: firm.key.text, otherFirm: other.slug };
    const fault: Fault = (reply, { host }, again) =>
      host.startsWith(other.slug) ? again({ host: `${firm.slug}.arrestra.test` }) : reply;
    expect((await failedBehind(fault, more)).failed).toEqual(["a key works on its own host alone"]);
  });

  it.each(FAULTS)("finds an edge that %s", async (_, fault, failed) => {
    expect((await failedBehind(fault)).failed).toEqual(failed);
  });

  it("has a fault for every probe that needs no secret", () => {
    const found = new Set(FAULTS.flatMap(([, , failed]) => failed));
    expect(PROBES.map(({ name }) => name).filter((name) => !found.has(name))).toEqual([
      "migration",
      "a key works on its own host alone",
    ]);
  });
});

async function command(...args: string[]): Promise<{ code: number | null; said: string }> {
  const script = path.join(ROOT, "scripts", "smoke.ts");
  const env = { NODE_ENV: "test" as const, PATH: process.env.PATH, HOME: process.env.HOME };
  const child = spawn(process.execPath, ["--import", "tsx", script, ...args], { cwd: ROOT, env });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk;
    });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, said };
}
