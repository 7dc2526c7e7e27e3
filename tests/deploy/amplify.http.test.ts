import { type ChildProcess, spawn } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HOME } from "@/lib/http/callback-url";
import { closeDatabase } from "@/lib/platform/db";
import { startAmplifyFront } from "@/sandbox/aws/amplify-front";
import { startSecretsManager } from "@/sandbox/aws/secrets-manager";
import { freePort } from "../../scripts/free-port";
import { MAX_BYTES, packAmplify } from "../../scripts/pack-amplify";
import { firmUrl } from "../../scripts/start/demo-facts";
import { makeFirmWithPassword, PASSWORD } from "../http/call";
import { environmentFor } from "../setup/database";
import { freshCode } from "../setup/factor";
import type { TestFirm } from "../setup/firms";
import { request, until, visitor } from "../setup/http";
import { ownDatabase } from "../setup/own-database";
import { writeSettings } from "./amplify-line";

// What Amplify would run, run as it would: the bundle somewhere else, an environment that is almost empty, settings from the build, secrets from Secrets
// Manager, and a front that obeys the manifest.

const place = mkdtempSync(path.join(tmpdir(), "arrestra-bundle-"));
const folder = path.join(place, "bundle");
const LOGIN = `amplify_${new URL(ownDatabase.appUrl).pathname.slice(-12)}`;
const passwords = ["the-first-password-of-the-login", "the-second-password-of-the-login"] as const;
const CANARY = "operator-token-that-no-build-may-hold";

let aws: Awaited<ReturnType<typeof startSecretsManager>>;
let front: Awaited<ReturnType<typeof startAmplifyFront>>;
let server: ReturnType<typeof startBundle>;
let computeUrl: string;
let bytes: number;
let firm: TestFirm;
let other: TestFirm;
let secrets: Record<string, string>;

beforeAll(async () => {
  aws = await startSecretsManager();
  const [port, frontPort] = [await freePort(), await freePort()];
  computeUrl = `http://127.0.0.1:${port}`;
  secrets = secretsOf(environmentFor(ownDatabase));
  aws.world.secrets.set("arrestra/settings", JSON.stringify(secrets));
  putLogin(passwords[0]);
  await asAdmin(`CREATE ROLE ${LOGIN} LOGIN PASSWORD '${passwords[0]}' IN ROLE arrestra_app`);
  const settingsFile = await writeSettings(place, {
    ...secrets,
    ARRESTRA_ENV: "test",
    APP_BASE_URL: `http://localhost:${frontPort}`,
    TRUSTED_PROXY_HOPS: "1",
    LOG_LEVEL: "warn",
    SECRETS_ARN: "arrestra/settings,arrestra/login",
    REPLY_LIMIT_BYTES: "5000000",
  });
  ({ bytes } = await packAmplify({ out: folder, settingsFile }));
  server = startBundle(port);
  [firm, other] = await Promise.all([makeFirmWithPassword(), makeFirmWithPassword()]);
  front = await startAmplifyFront({ folder, computeUrl, port: frontPort });
  await until("the packed server answers", async () => {
    if (server.child.exitCode !== null) throw new Error(`the packed server ended:\n${server.said()}`);
    return request(`${computeUrl}/api/health`).then(
      (reply) => reply.status < 500,
      () => false,
    );
  });
});
afterAll(async () => {
  server?.child.kill("SIGKILL");
  await front?.close();
  await aws?.close();
  await closeDatabase();
  await asAdmin(`DROP ROLE IF EXISTS ${LOGIN}`);
  rmSync(place, { recursive: true, force: true });
});

/** What of a server's environment is secret: it is in no build and in no environment. */
function secretsOf({ APP_DATABASE_URL, ...env }: Record<string, string>): Record<string, string> {
  const open = ["ARRESTRA_ENV", "APP_BASE_URL", "LOG_LEVEL", "AUDIT_HEADS_DIR"];
  const held = Object.entries(env).filter(([name]) => !open.includes(name));
  return { ...Object.fromEntries(held), OPERATOR_TOKEN: CANARY };
}

/** As AWS's own rotation keeps the login of a database. */
function putLogin(password: string): void {
  const { hostname: host, port, pathname } = new URL(ownDatabase.appUrl);
  const login = { engine: "postgres", host, port: Number(port), dbname: pathname.slice(1), username: LOGIN, password };
  aws.world.secrets.set("arrestra/login", JSON.stringify(login));
}

async function asAdmin(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownDatabase.adminUrl });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

function startBundle(port: number) {
  const { entrypoint } = JSON.parse(readFileSync(path.join(folder, "deploy-manifest.json"), "utf8"))
    .computeResources[0];
  const env = {
    NODE_ENV: "production" as const,
    PATH: process.env.PATH,
    PORT: String(port),
    AWS_REGION: "us-east-2",
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "not-a-key",
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
  };
  const cwd = path.join(folder, "compute", "default");
  const child: ChildProcess = spawn(process.execPath, [entrypoint], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const words: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => words.push(String(chunk)));
  return { child, said: () => words.join("") };
}

const at = (of: TestFirm, pathname: string) =>
  `${firmUrl(`http://localhost:${front.port}`, of.slug).replace(/\/$/, "")}${pathname}`;

async function signedIn(of: TestFirm) {
  const person = visitor();
  const post = (form: Record<string, string>) =>
    person.request(at(of, "/api/auth/callback/credentials"), {
      body: new URLSearchParams(form),
      headers: { origin: at(of, "") },
    });
  await post({ email: of.user.email, password: PASSWORD });
  const reply = await post({ code: await freshCode(of.id, of.user) });
  return { person, reply };
}

const key = (of: TestFirm) => ({ "x-api-key": of.key.text, "content-type": "application/json" });
const ingest = (of: TestFirm, name: string, once: string) =>
  request(at(of, "/api/leads/ingest"), {
    headers: { ...key(of), "idempotency-key": once },
    body: { source: "api", leads: [{ sourceId: once, name: { full: name }, county: "Travis", charges: [] }] },
  });

describe("the bundle", () => {
  const files = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
      path.join(entry.parentPath, entry.name),
    );

  it("is smaller than Amplify takes, and without a link", () => {
    expect(bytes).toBeLessThan(MAX_BYTES);
    // Seen red (the pack refuses) without: -L where the server is copied, and a link in the build.
    expect(files().filter((file) => lstatSync(file).isSymbolicLink())).toEqual([]);
  });

  it("holds no secret in any file, and of the settings only those that are allowed", () => {
    const words = [...Object.values(secrets).filter((value) => value.length > 15), ...passwords].map((word) =>
      Buffer.from(word),
    );
    expect(words.length).toBeGreaterThan(8);
    const holders = files().filter((file) => {
      const stat = lstatSync(file);
      if (!stat.isFile()) return false;
      const text = readFileSync(file);
      return words.some((word) => text.includes(word));
    });
    expect(holders).toEqual([]);
    expect(files().filter((file) => /(^|\/)\.env/.test(path.relative(folder, file)))).toEqual([
      path.join(folder, "compute", "default", ".env.production"),
    ]);
  });

  it("holds the server and nothing else of the repository", () => {
    // Seen red without: the list of parts in scripts/build.ts, while one module made the bundler take the whole repository for its data.
    const server = [".env.production", ".next", "entry.mjs", "node_modules", "package.json", "server.js"];
    expect(readdirSync(path.join(folder, "compute", "default")).sort()).toEqual(server);
  });

  it("is not packed with a setting that may be secret", async () => {
    const settingsFile = path.join(place, "wrong");
    writeFileSync(settingsFile, `LOG_LEVEL=info\nOPERATOR_TOKEN=${CANARY}\n`);
    const problem = await packAmplify({ out: path.join(place, "refused"), settingsFile }).catch(
      (error: Error) => error,
    );
    expect(String(problem)).toMatch(/holds OPERATOR_TOKEN, which no build is given/);
    expect(String(problem)).not.toContain(CANARY);
  });
});

describe("behind the front", () => {
  it("gives what never changes from the edge, which alone has it", async () => {
    const page = await request(at(firm, "/login"));
    const script = /src="(\/_next\/static\/[^"]+\.js)"/.exec(page.text)?.[1] ?? "";
    const reply = await request(at(firm, script));
    expect([reply.status, reply.headers["cache-control"]]).toEqual([200, "public, max-age=31536000, immutable"]);
    expect(front.served.at(-1)).toEqual({ path: script, by: "static" });
    expect((await request(`${computeUrl}${script}`, { headers: { host: new URL(at(firm, "")).host } })).status).toBe(
      404,
    );
  });

  it("passes every page through the middleware: unknown hosts, headers, a nonce of its own", async () => {
    const from = (host: string) => request(`${front.url}/login`, { headers: { host } });
    expect((await from("nobody.example")).status).toBe(404);
    const unknown = await from(`two.labels.localhost:${front.port}`);
    expect([unknown.status, unknown.headers["content-security-policy"]]).toEqual([404, "default-src 'none'"]);
    const [one, two] = [await request(at(firm, "/login")), await request(at(firm, "/login"))];
    const nonceOf = (reply: typeof one) =>
      /'nonce-([^']+)'/.exec(String(reply.headers["content-security-policy"]))?.[1];
    expect(one.text).toContain(`nonce="${nonceOf(one)}"`);
    expect(nonceOf(one)).not.toBe(nonceOf(two));
    expect(one.headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "cache-control": "private, no-store",
    });
  });

  it("refuses whoever does not say who they are", async () => {
    expect((await request(at(firm, "/api/leads"))).status).toBe(401);
    expect((await request(at(firm, "/leads"))).headers.location).toMatch(/^\/login/);
    expect((await request(at(firm, "/api/leads/export"))).status).toBe(401);
  });

  it("takes leads once, shows them to who signs in, and to nobody at another firm's address", async () => {
    const [first, again] = [await ingest(firm, "FICTUS, ROWAN", "once"), await ingest(firm, "FICTUS, ROWAN", "once")];
    expect(first.json()).toMatchObject({ created: 1 });
    expect(again.text).toBe(first.text);
    const { person, reply } = await signedIn(firm);
    expect([reply.status, reply.headers.location]).toEqual([303, at(firm, HOME)]);
    const page = await person.request(at(firm, "/leads"));
    // Seen red with: `public, max-age=60` on pages. The front keeps what it may for every host.
    expect([page.status, page.headers["cache-control"]]).toEqual([200, "private, no-store"]);
    expect(page.text).toContain("FICTUS");
    const elsewhere = await request(at(other, "/leads"), { cookies: person.cookies(at(firm, "/leads")) });
    expect([elsewhere.status, elsewhere.text.includes("FICTUS")]).toEqual([307, false]);
    const theirs = await signedIn(other);
    const list = await theirs.person.request(at(other, "/leads"));
    expect([list.status, list.text.includes("FICTUS")]).toEqual([200, false]);
    expect((await request(at(other, "/api/leads"), { headers: key(firm) })).status).toBe(401);
  });

  it("gives a small list as CSV in one reply", async () => {
    await ingest(firm, "FICTUS, SAGE", "csv");
    const { person } = await signedIn(firm);
    const reply = await person.request(at(firm, "/api/leads/export"));
    expect([reply.status, reply.headers["content-type"]]).toEqual([200, "text/csv; charset=utf-8; header=present"]);
    expect(reply.text).toContain("FICTUS, SAGE");
  });

  it("goes on without a restart when the password of its login has changed", async () => {
    await asAdmin(`ALTER ROLE ${LOGIN} PASSWORD '${passwords[1]}'`);
    putLogin(passwords[1]);
    await asAdmin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${LOGIN}'`);
    // lib/platform/pool.ts tries a second time; tests/platform/secrets.db.test.ts was seen red without.
    expect((await request(at(firm, "/api/leads"), { headers: key(firm) })).status).toBe(200);
    expect(server.child.exitCode).toBeNull();
  });

  it("says nothing secret in its log", () => {
    for (const word of [...Object.values(secrets).filter((value) => value.length > 15), ...passwords])
      expect(server.said()).not.toContain(word);
  });
});

it("says which secret it misses and ends, rather than serve half", async () => {
  const login = aws.world.secrets.get("arrestra/login") ?? "";
  aws.world.secrets.delete("arrestra/login");
  const lost = startBundle(await freePort());
  const code = await new Promise((resolve) => lost.child.once("exit", resolve));
  aws.world.secrets.set("arrestra/login", login);
  expect(code).toBe(1);
  expect(lost.said()).toMatch(/cannot start: The secret arrestra\/login of SECRETS_ARN .*ResourceNotFoundException/);
});
