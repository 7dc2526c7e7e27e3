// The folder that the image copies, run as the image runs it: by its commands, as nobody, from files that it cannot change.
import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { newId } from "@/lib/core/ids";
import { mintApiKey } from "@/lib/core/secret";
import { startSecretsManager } from "@/sandbox/aws/secrets-manager";
import { type DatabaseUrls, databaseUrls, withClient } from "../../scripts/bootstrap-database";
import { freePort } from "../../scripts/free-port";
import { packContainer } from "../../scripts/pack-container";
import { run } from "../../scripts/run";
import { environmentFor } from "../setup/database";
import { request, until } from "../setup/http";

/** Whom no file of this machine belongs to. */
const NOBODY = 65_534;
const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

const base = mkdtempSync(path.join(tmpdir(), "arrestra-container-"));
const app = path.join(base, "app");
const name = `container_${newId().replaceAll("-", "")}`;
let urls: DatabaseUrls;
let settings: Record<string, string>;
let superuser: (database: string) => string;
let aws: Awaited<ReturnType<typeof startSecretsManager>>;

type Process = {
  /** What it wrote so far, both ways. */
  words: () => string;
  signal: (signal: NodeJS.Signals) => void;
  /** Its code at its end, or the signal that ended it. */
  ended: Promise<number | string>;
  hasEnded: () => boolean;
};
const running = new Set<Process>();

/** Starts a command of the image, with a /tmp of its own. */
function start(args: string[], env: Record<string, string> = settings, tmp = args[0] ?? "none"): Process {
  const TMPDIR = path.join(base, "tmp", tmp);
  mkdirSync(TMPDIR, { recursive: true, mode: 0o777 });
  if (asNobody.uid) chownSync(TMPDIR, NOBODY, NOBODY);
  const child = spawn(process.execPath, [path.join(app, "entry.mjs"), ...args], {
    cwd: TMPDIR,
    // Docker and ECS say the container's own name there. Seen red without: HOSTNAME in entry.ts.
    env: { NODE_ENV: "production", PATH: "", HOME: TMPDIR, TMPDIR, HOSTNAME: "5f1c0ffee123", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...asNobody,
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(String(chunk)));
  const own: Process = {
    words: () => chunks.join(""),
    signal: (signal) => void child.kill(signal),
    ended: new Promise((resolve) => child.once("close", (code, signal) => resolve(code ?? signal ?? "?"))),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
  };
  running.add(own);
  void own.ended.then(() => running.delete(own));
  return own;
}

/** Runs a command to its end. */
async function finish(args: string[], env?: Record<string, string>, tmp?: string) {
  const own = start(args, env, tmp);
  const code = await own.ended;
  return { code, words: own.words() };
}

/** Every file with its size and time. */
const listing = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => `${file} ${statSync(file).size} ${statSync(file).mtimeMs}`)
    .sort();

beforeAll(async () => {
  chmodSync(base, 0o755);
  await packContainer(app);
  await run("chmod", ["-R", "a-w", app]);
  const { port, superuserPassword, passwords } = inject("postgres");
  const url = (user: string, secret: string, database: string) =>
    `postgresql://${user}:${encodeURIComponent(secret)}@127.0.0.1:${port}/${database}`;
  superuser = (database) => url("postgres", superuserPassword, database);
  await withClient(superuser("postgres"), (client) => client.query(`CREATE DATABASE ${name}`));
  const bootstrap = readFileSync(path.join(app, "prisma/bootstrap.sql"), "utf8");
  await withClient(superuser(name), (client) => client.query(bootstrap));
  urls = databaseUrls({ url }, name, passwords);
  const webPort = String(await freePort());
  const address = `http://localhost:${webPort}`;
  const own = { AUDIT_HEADS_DIR: "heads", FILES_DIR: "files", LOG_LEVEL: "info" };
  const web = { PORT: webPort, APP_BASE_URL: address, ARRESTRA_API_URL: address };
  const { FIELD_KEYS = "", ...rest } = environmentFor(urls);
  aws = await startSecretsManager();
  aws.world.secrets.set("arrestra/keys", JSON.stringify({ FIELD_KEYS }));
  // Seen red without: mainFields in scripts/container/bundle.ts, without which the SDK comes along and nobody finds its names.
  const secret = {
    SECRETS_ARN: "arrestra/keys",
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "not-a-key",
  };
  settings = { ...rest, ...own, ...web, ...secret };
});

afterAll(async () => {
  for (const each of running) each.signal("SIGKILL");
  await Promise.all([...running].map((each) => each.ended));
  await aws.close();
  await withClient(superuser("postgres"), (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  await run("chmod", ["-R", "u+w", base]);
  rmSync(base, { recursive: true, force: true });
});

it("holds the programs, the server and the migrations, and nothing else of the repository", () => {
  // Seen red without: the list of names in scripts/build.ts, when a build had copied the repository.
  expect(readdirSync(app).sort()).toEqual([
    "entry.mjs",
    "entry.mjs.map",
    "node_modules",
    "package.json",
    "prisma",
    "programs",
    "web",
  ]);
  expect(readdirSync(path.join(app, "node_modules")).sort()).toEqual(["kickbox", "request"]);
  expect(readdirSync(path.join(app, "prisma")).sort()).toEqual(["bootstrap.sql", "migrations"]);
  expect(readdirSync(path.join(app, "web")).sort()).toEqual([".next", "node_modules", "package.json", "server.js"]);
});

it("says which commands there are when it does not know one", async () => {
  const { code, words } = await finish(["serve"]);
  expect(code).toBe(64);
  for (const command of [
    "web",
    "worker",
    "scheduler",
    "bootstrap",
    "migrate",
    "arrestra",
    "firm",
    "audit-verify",
    "rotate-fields",
    "restore-state",
    "restore-check",
    "service-keys",
    "health",
  ])
    expect(words).toMatch(new RegExp(`^ {2}${command} +\\w`, "m"));
});

it("from an empty database to a lead and its jobs, by its commands alone, from files that nobody may change", async () => {
  const files = listing(app);
  const owner = { ...settings, DATABASE_URL: urls.ownerUrl };
  const migrated = await finish(["migrate"], owner);
  expect([migrated.code, migrated.words]).toEqual([0, expect.stringMatching(/^applied \d{14}_/)]);
  expect(await finish(["migrate"], owner)).toEqual({ code: 0, words: "the database is up to date\n" });
  const firm = [
    "--slug",
    "boxlaw",
    "--name",
    "Box Law",
    "--owner-email",
    "o@boxlaw.example",
    "--owner-name",
    "Olive Box",
  ];
  const made = await finish(["firm", "create", ...firm]);
  expect([made.code, made.words]).toEqual([0, expect.stringContaining("The firm is at http://boxlaw.localhost")]);

  const services = { web: start(["web"]), worker: start(["worker"]), scheduler: start(["scheduler"]) };
  for (const [command, service] of Object.entries(services)) {
    await until(`${command} is well`, async () => {
      if (service.hasEnded()) throw new Error(`${command} ended:\n${service.words()}`);
      return (await finish(["health"], {}, command)).code === 0;
    });
  }

  const reply = await request(`http://boxlaw.localhost:${settings.PORT}/api/leads/ingest`, {
    headers: { authorization: `Bearer ${await keyOf("boxlaw")}` },
    body: { source: "api", leads: [{ sourceId: "1", name: { full: "BOX, OLIVER" }, county: "Travis", charges: [] }] },
  });
  expect([reply.status, reply.text]).toEqual([200, expect.stringContaining('"created":1')]);
  const done = `SELECT 1 FROM pgboss.job WHERE name = 'schedule.run' AND state = 'completed'`;
  await until("a scheduled job is done", async () =>
    withClient(urls.ownerUrl, async (client) => (await client.query(done)).rowCount !== 0),
  );
  await until("the worker tells its numbers", () => /^\{"_aws":.*"QueueAgeSeconds":\d+/m.test(services.worker.words()));

  // A process that stands still keeps no file young. It is really stopped: one that runs would beat again while another process starts to look.
  const heartbeat = path.join(base, "tmp/scheduler/arrestra-heartbeat.json");
  services.scheduler.signal("SIGSTOP");
  utimesSync(heartbeat, 0, 0);
  expect(await finish(["health"], {}, "scheduler")).toMatchObject({
    code: 1,
    words: expect.stringContaining("no heartbeat"),
  });
  services.scheduler.signal("SIGCONT");

  for (const service of Object.values(services)) service.signal("SIGTERM");
  // Seen red without: the turn in which entry.ts lets the listener of the service come before its own goes.
  const codes = await Promise.all(Object.values(services).map((service) => service.ended));
  expect(codes).toEqual([0, 0, 0]);
  expect(await finish(["health"], {}, "web")).toMatchObject({ code: 1 });
  expect(listing(app)).toEqual(files);
}, 120_000);

/** A key of the firm, put there as its owner's page would. */
async function keyOf(slug: string): Promise<string> {
  const key = mintApiKey();
  await withClient(superuser(name), (client) =>
    client.query(
      `INSERT INTO api_key (tenant_id, id, kid, secret_hash, name, scopes)
       SELECT id, $2, $3, $4, 'Test key', '{leads:ingest}' FROM tenant WHERE slug = $1`,
      [slug, newId(), key.kid, key.secretHash],
    ),
  );
  return key.text;
}
