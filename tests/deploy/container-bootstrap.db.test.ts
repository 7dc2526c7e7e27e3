// The command `bootstrap` on a database as RDS hands it over: empty, its administrator no superuser, three logins in Secrets Manager.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { startSecretsManager } from "@/sandbox/aws/secrets-manager";
import { withClient } from "../../scripts/bootstrap-database";
import { bootstrap } from "../../scripts/container/bootstrap";
import { type PostgresServer, removePostgres, startPostgres } from "../../scripts/embedded-postgres";
import { ROOT } from "../../scripts/repository";
import { packed } from "../setup/programs";

const ADMIN = "arrestra_admin";
const PASSWORDS = { admin: "Admin0password", owner: "Owner0password", app: "App0password" };
const SECRETS = { ADMIN_SECRET_ARN: "rds!admin", OWNER_SECRET_ARN: "arrestra/owner", APP_SECRET_ARN: "arrestra/app" };

const folder = mkdtempSync(path.join(tmpdir(), "arrestra-bootstrap-"));
const aws = await startSecretsManager();
let server: PostgresServer;

/** The form that RDS and the rotation keep. */
const loginOf = (name: "owner" | "app", more: object = {}) =>
  keep(`arrestra/${name}`, {
    ...{
      engine: "postgres",
      host: "127.0.0.1",
      port: server.port,
      dbname: "arrestra",
      dbInstanceIdentifier: "arrestra",
    },
    ...{ username: `arrestra_${name}`, password: PASSWORDS[name], ...more },
  });
const keep = (id: string, value: object) => aws.world.secrets.set(id, JSON.stringify(value));

function keepAll(): void {
  keep("rds!admin", { username: ADMIN, password: PASSWORDS.admin });
  loginOf("owner");
  loginOf("app");
}

const OF_AWS = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "not-a-key" };

/** Runs a command to its end as a task of ECS would, with these settings and no others. */
function command(words: string, settings: Record<string, string>): Promise<{ code: number; words: string }> {
  const endpoint = { AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url };
  const env = { PATH: "", NODE_ENV: "production" as const, TMPDIR: tmpdir(), ...OF_AWS, ...endpoint, ...settings };
  const args = [packed("scripts/container/entry.ts"), ...words.split(" ")];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: ROOT, env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, words: out + err }),
    );
  });
}

/** The same command without a process of its own. Gives what it said, also at its failure. */
async function run(settings: Record<string, string> = SECRETS): Promise<string> {
  const all = { ...OF_AWS, AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url, ...settings };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  const lines: string[] = [];
  await bootstrap((line) => lines.push(line)).catch((error: Error) => lines.push(error.message));
  vi.unstubAllEnvs();
  const words = lines.join("\n");
  for (const password of Object.values(PASSWORDS)) expect(words).not.toContain(password);
  return words;
}

/** Everything that the command may have touched, with what PostgreSQL keeps of passwords. */
const state = () =>
  withClient(server.adminUrl("arrestra"), async (client) => {
    const { rows } = await client.query(`SELECT
      (SELECT json_agg(a ORDER BY a.rolname) FROM pg_authid a WHERE a.rolname LIKE 'arrestra%') AS roles,
      (SELECT json_agg(m ORDER BY m.oid) FROM pg_auth_members m) AS members,
      (SELECT json_agg(s ORDER BY s.setrole) FROM pg_db_role_setting s) AS settings,
      (SELECT json_agg((d.datdba, d.datacl) ORDER BY d.oid) FROM pg_database d) AS databases,
      (SELECT json_agg((n.nspowner, n.nspacl) ORDER BY n.oid) FROM pg_namespace n WHERE n.nspname = 'public') AS schemas,
      (SELECT json_agg(e.extname ORDER BY e.oid) FROM pg_extension e) AS extensions`);
    return rows[0];
  });

const asRole = <T>(role: "owner" | "app", sql: string) =>
  withClient(server.url(`arrestra_${role}`, PASSWORDS[role], "arrestra"), async (client) => {
    await client.query("SELECT set_config('app.tenant_id', '00000000-0000-7000-8000-000000000001', false)");
    return (await client.query(sql)).rows as T[];
  });

beforeAll(async () => {
  server = await startPostgres(folder, { durable: false, settings: { log_statement: "all" } });
  // As AWS describes its master user: no superuser, and no BYPASSRLS.
  await withClient(server.adminUrl(), async (client) => {
    await client.query(`CREATE ROLE ${ADMIN} LOGIN CREATEROLE CREATEDB PASSWORD '${PASSWORDS.admin}'`);
    await client.query(`GRANT pg_monitor, pg_signal_backend, pg_create_subscription TO ${ADMIN} WITH ADMIN OPTION`);
    await client.query(`CREATE DATABASE arrestra OWNER ${ADMIN}`);
  });
  keepAll();
});

afterAll(async () => {
  await server.stop();
  await removePostgres(folder);
  await aws.close();
});

it("does nothing as somebody who may not, to a database that is not its own, or with another role's login, and says why", async () => {
  const before = await state();
  const { APP_SECRET_ARN: _, ...withoutApp } = SECRETS;
  expect(await run(withoutApp)).toBe("APP_SECRET_ARN, the name of a secret, is not set.");
  loginOf("app", { username: "arrestra_owner" });
  expect(await run()).toBe("The secret arrestra/app of APP_SECRET_ARN is not such a login: username.");
  loginOf("app");
  // Seen red without: ssl in logins.ts, when the password went in the clear to whoever has the address.
  for (const name of ["owner", "app"] as const) loginOf(name, { host: "0.0.0.0" });
  expect(await run()).toBe("The server does not support SSL connections");
  keepAll();
  // Seen red without: assertMayMakeRoles, when PostgreSQL's own words named no remedy.
  const as = (sql: string) => withClient(server.adminUrl("arrestra"), (client) => client.query(sql));
  await as(`ALTER ROLE ${ADMIN} NOCREATEROLE`);
  expect(await run()).toMatch(/^arrestra_admin cannot make the roles: that takes CREATEROLE/);
  await as(`ALTER ROLE ${ADMIN} CREATEROLE`);
  await as("ALTER DATABASE arrestra OWNER TO postgres");
  expect(await run()).toMatch(/^arrestra_admin does not own this database/);
  await as(`ALTER DATABASE arrestra OWNER TO ${ADMIN}`);
  expect(await state()).toEqual(before);
});

it("leads from an empty database, by an administrator who is no superuser, to an app that row-level security binds", async () => {
  const made = await command("bootstrap", SECRETS);
  expect(made).toEqual({ code: 0, words: expect.stringContaining("arrestra_app has the password of its secret") });
  expect(made.words).toContain("arrestra_search has no BYPASSRLS");
  const migrated = await command("migrate", { SECRETS_ARN: SECRETS.OWNER_SECRET_ARN });
  expect(migrated).toEqual({ code: 0, words: expect.stringMatching(/^applied \d{14}_house/) });

  const firms = ["00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"];
  await withClient(server.adminUrl("arrestra"), async (client) => {
    for (const [index, id] of firms.entries())
      await client.query("INSERT INTO tenant (id, slug, name, time_zone) VALUES ($1, $2, $2, 'America/Chicago')", [
        id,
        `firm${index}`,
      ]);
  });
  expect(await asRole("app", "SELECT slug FROM tenant")).toEqual([{ slug: "firm0" }]);
  expect(await asRole("owner", "SELECT slug FROM tenant")).toEqual([{ slug: "firm0" }]);
  const search =
    "SELECT search_lead_ids(ARRAY['box'], NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'score', true, NULL, NULL, 9)";
  expect(await asRole("app", search)).toEqual([]);
  await expect(asRole("app", "CREATE TABLE own (id int)")).rejects.toThrow("permission denied for schema public");
});

// Seen red without: loadOwner in entry.ts.
it("lets an operator make, close and erase a firm in a task that has the app's login and the owner's", async () => {
  keep("arrestra/settings", {
    FIELD_KEYS: `k1:${Buffer.alloc(32, 1).toString("base64")}`,
    BLIND_INDEX_KEY: Buffer.alloc(32, 2).toString("base64"),
  });
  const app = { SECRETS_ARN: `arrestra/settings,${SECRETS.APP_SECRET_ARN}`, FILES_DIR: path.join(folder, "files") };
  const operator = { ...app, OWNER_SECRET_ARN: SECRETS.OWNER_SECRET_ARN };
  const owner = "--owner-email o@tasklaw.example --owner-name Olive";
  const made = await command(`firm create --slug tasklaw --name Tasklaw ${owner}`, operator);
  expect(made).toEqual({ code: 0, words: expect.stringContaining("http://tasklaw.localhost:3000/join/") });
  expect((await command("firm close tasklaw", operator)).code).toBe(0);
  await withClient(server.adminUrl("arrestra"), (client) =>
    client.query("UPDATE tenant SET status_changed_at = now() - interval '1 hour' WHERE slug = 'tasklaw'"),
  );
  const erase = "firm erase tasklaw --confirm tasklaw --now";
  expect(await command(erase, app)).toEqual({ code: 1, words: "DATABASE_URL is not set.\n" });
  // The task of migrations has the owner's login alone, which is nobody's to serve with.
  const migrates = await command("firm list", { SECRETS_ARN: SECRETS.OWNER_SECRET_ARN });
  expect(migrates).toEqual({ code: 1, words: expect.stringContaining("which only migrations take") });
  const erased = await command(erase, operator);
  expect(erased).toEqual({ code: 0, words: expect.stringContaining('"tenant": 1') });
});

it("changes nothing the second time, and a password alone when its secret has another", async () => {
  const before = await state();
  // Seen red without: asking signsIn before a password is given.
  expect(await run()).not.toContain("has the password");
  expect(await state()).toEqual(before);
  PASSWORDS.app = "App1password";
  loginOf("app");
  const words = await run();
  expect(words).toContain("arrestra_app has the password");
  expect(words).not.toContain("arrestra_owner has the password");
  expect(await asRole("app", "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

it("gives BYPASSRLS to the search as soon as the administrator has it", async () => {
  await withClient(server.adminUrl(), (client) => client.query(`ALTER ROLE ${ADMIN} BYPASSRLS`));
  expect(await run()).not.toContain("BYPASSRLS");
  const bypassing = "SELECT rolname FROM pg_roles WHERE rolbypassrls AND rolname LIKE 'arrestra%' ORDER BY 1";
  expect(await asRole("app", bypassing)).toEqual([{ rolname: ADMIN }, { rolname: "arrestra_search" }]);
});

it("shows a password to nobody: not to who reads its own lines, not to a server that logs every statement", () => {
  const log = readFileSync(server.logFile, "utf8");
  expect(log).toContain('ALTER ROLE "arrestra_app" PASSWORD \'SCRAM-SHA-256$4096:');
  // Seen red with: the password itself in ALTER ROLE.
  for (const password of [PASSWORDS.owner, PASSWORDS.app]) expect(log).not.toContain(password);
});
