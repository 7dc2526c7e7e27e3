import pg from "pg";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Clock, fixedClock, systemClock } from "@/lib/core/clock";
import { startSecretsManager } from "@/sandbox/aws/secrets-manager";
import { killWorkers, startWorker } from "../jobs/processes";
import { ownDatabase } from "../setup/own-database";

// Settings from AWS Secrets Manager: the real SDK asks a stand-in over HTTP, the database is a real one whose password really changes.

const aws = await startSecretsManager();
const SECRET = "kept-only-in-the-secret-0123456789abcdef";
beforeEach(() => {
  vi.resetModules();
  aws.world.secrets.clear();
  aws.world.failures.length = 0;
  aws.world.asked.length = 0;
  for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
});
afterEach(() => {
  vi.unstubAllEnvs();
  delete holder.arrestraSecrets;
  delete holder.arrestraFilled;
});
afterAll(async () => {
  killWorkers();
  await aws.close();
});

const holder = globalThis as { arrestraSecrets?: unknown; arrestraFilled?: unknown };
const given = {
  SECRETS_ARN: "arrestra/app, arrestra/keys",
  AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
  AWS_REGION: "us-east-2",
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "not-a-key",
  LOG_LEVEL: "silent",
};

/** What the two secrets hold; what they stand in for is not set. */
function keep(app: object | string, keys: object | string = {}): void {
  for (const [id, value] of Object.entries({ "arrestra/app": app, "arrestra/keys": keys }))
    aws.world.secrets.set(id, typeof value === "string" ? value : JSON.stringify(value));
}

async function load(clock: Clock = fixedClock("2026-11-22T10:00:00Z")) {
  const { loadSecrets, ...secrets } = await import("@/lib/platform/secrets");
  await loadSecrets({ clock });
  const { env } = await import("@/lib/platform/env");
  return { ...secrets, env };
}

describe("loading", () => {
  it("lets secrets stand in for settings that are not set, and the environment wins", async () => {
    vi.stubEnv("NEXTAUTH_SECRET", "");
    vi.stubEnv("TWILIO_ACCOUNT_SID", "from the environment");
    keep({ NEXTAUTH_SECRET: SECRET, TWILIO_ACCOUNT_SID: "from the secret" }, { KICKBOX_API_KEY: "set already" });
    const { env } = await load();
    expect([env().NEXTAUTH_SECRET, env().TWILIO_ACCOUNT_SID]).toEqual([SECRET, "from the environment"]);
    expect(aws.world.asked).toEqual(["arrestra/app", "arrestra/keys"]);
  });

  it("asks nobody where no secret is named", async () => {
    vi.stubEnv("SECRETS_ARN", "");
    await load();
    expect(aws.world.asked).toEqual([]);
  });

  it("takes a login as AWS keeps it for the address of the database, with its certificate checked", async () => {
    const login = { engine: "postgres", host: "db.example", port: 5432, dbname: "arrestra", dbInstanceIdentifier: "x" };
    vi.stubEnv("APP_DATABASE_URL", "");
    keep({ ...login, username: "arrestra_app", password: "a/b@c" });
    const address = (await load()).env().APP_DATABASE_URL;
    expect(address).toBe("postgresql://arrestra_app:a%2Fb%40c@db.example:5432/arrestra?sslmode=verify-full");
  });

  it("gives the owner's address to migrations alone", async () => {
    vi.stubEnv("DATABASE_URL", "");
    keep({ DATABASE_URL: "postgresql://owner:x@db.example/a?sslmode=verify-full" });
    const { loadSecrets } = await import("@/lib/platform/secrets");
    // Seen red without: the list of names in settingsIn.
    await expect(loadSecrets()).rejects.toThrow(/holds DATABASE_URL: no such setting/);
    await loadSecrets({ forMigrations: true });
    expect(process.env.DATABASE_URL).toContain("postgresql://owner");
  });

  it("gives a command of an operator the app's login and the owner's, each by its own name, and a process that serves never the owner's", async () => {
    const login = { engine: "postgres", host: "db.example", port: 5432, dbname: "arrestra", password: "x" };
    for (const name of ["DATABASE_URL", "APP_DATABASE_URL"]) vi.stubEnv(name, "");
    keep({ ...login, username: "arrestra_app" });
    aws.world.secrets.set("arrestra/owner", JSON.stringify({ ...login, username: "arrestra_owner" }));
    const { loadOwner, loadSecrets } = await import("@/lib/platform/secrets");
    await loadOwner();
    expect(process.env.DATABASE_URL).toBe("");
    vi.stubEnv("OWNER_SECRET_ARN", "arrestra/owner");
    await loadSecrets();
    await loadOwner();
    const rolesOf = ["APP_DATABASE_URL", "DATABASE_URL"].map((name) => new URL(process.env[name] ?? "").username);
    expect(rolesOf).toEqual(["arrestra_app", "arrestra_owner"]);
    // Seen red without: the question for the owner in settingsIn.
    vi.stubEnv("SECRETS_ARN", "arrestra/owner");
    await expect(loadSecrets()).rejects.toThrow("is the owner's login, which only migrations take");
  });

  it("tries again when AWS is busy or failing", async () => {
    aws.world.failures.push("throttled", "internal");
    keep({ OPERATOR_TOKEN: SECRET });
    expect((await load()).env().OPERATOR_TOKEN).toBe(SECRET);
  });

  it.each([
    [
      "a name that is no setting",
      { TWILIO_API_SECRET: SECRET },
      /arrestra\/app .* holds TWILIO_API_SECRET: no such setting/,
    ],
    ["what is no JSON", `{"NEXTAUTH_SECRET": "${SECRET}"`, /arrestra\/app .* is not a JSON object of settings/],
    ["what is no text", { NEXTAUTH_SECRET: { [SECRET]: 1 } }, /is not a JSON object of settings/],
    ["a list", [SECRET], /is not a JSON object of settings/],
  ])("refuses %s, and says no value", async (_what, held, why) => {
    // Seen red without: the question for names in secrets.ts; the parser's own words passed on.
    keep(held);
    const problem = await load().catch((error: Error) => error);
    expect(String(problem)).toMatch(why);
    expect(`${problem} ${(problem as Error).stack} ${(problem as Error).cause}`).not.toContain(SECRET);
  });

  it("refuses a setting that two secrets hold, and names a secret that is missing or closed to us", async () => {
    keep({ OPERATOR_TOKEN: SECRET }, { OPERATOR_TOKEN: SECRET });
    await expect(load()).rejects.toThrow("Two secrets of SECRETS_ARN hold OPERATOR_TOKEN");
    aws.world.secrets.delete("arrestra/keys");
    await expect(load()).rejects.toThrow(/arrestra\/keys .* ResourceNotFoundException/);
    aws.world.failures.push("denied");
    await expect(load()).rejects.toThrow(/arrestra\/app .* AccessDeniedException, .*not authorized/);
  });

  it("reads again after five minutes and no sooner, and goes on with what it has when that fails", async () => {
    keep({ OPERATOR_TOKEN: SECRET });
    const { rereadSecrets, freshenSecrets, env } = await load(fixedClock("2026-11-22T10:00:00Z"));
    const asked = () => aws.world.asked.length;
    freshenSecrets(fixedClock("2026-11-22T10:04:59Z"));
    expect(asked()).toBe(2);
    const later = fixedClock("2026-11-22T10:05:00Z");
    freshenSecrets(later);
    freshenSecrets(later);
    await rereadSecrets(new Date("2026-11-22T10:04:00Z"), later);
    // Seen red without: the age in freshenSecrets.
    expect(asked()).toBe(4);
    aws.world.failures.push("denied");
    await rereadSecrets(new Date("2026-11-22T10:06:00Z"), fixedClock("2026-11-22T10:06:00Z"));
    expect([asked(), env().OPERATOR_TOKEN]).toEqual([5, SECRET]);
  });

  it("does not ask for each of many refused connections when the secret brings nothing new", async () => {
    keep({ OPERATOR_TOKEN: SECRET });
    const { rereadSecrets } = await load(fixedClock("2026-11-22T10:00:00Z"));
    for (let ms = 0; ms < 900; ms += 100) {
      const now = fixedClock(`2026-11-22T10:00:01.${ms === 0 ? "000" : ms}Z`);
      await rereadSecrets(now.now(), now);
    }
    // Seen red without: the patience in rereadSecrets.
    expect(aws.world.asked).toHaveLength(4);
  });
});

describe("a password that changes", () => {
  const role = async (change: string) => {
    const client = new pg.Client({ connectionString: ownDatabase.adminUrl });
    await client.connect();
    await client.query(change).finally(() => client.end());
  };
  // A login of its own: the others are used by every other test.
  const login = `rotating_${new URL(ownDatabase.appUrl).pathname.slice(-12)}`;
  const rotateTo = (password: string) => role(`ALTER ROLE ${login} PASSWORD '${password}'`);
  // As AWS's own rotation writes it.
  const held = (password: string) => {
    const { hostname, port, pathname } = new URL(ownDatabase.appUrl);
    return {
      engine: "postgres",
      host: hostname,
      port: Number(port),
      dbname: pathname.slice(1),
      username: login,
      password,
    };
  };

  beforeEach(async () => {
    await role(`DROP ROLE IF EXISTS ${login}`);
    await role(`CREATE ROLE ${login} LOGIN PASSWORD 'first' IN ROLE arrestra_app`);
    vi.stubEnv("APP_DATABASE_URL", "");
    vi.stubEnv("PLATFORM_DATABASE_URL", "");
    keep(held("first"));
  });
  afterAll(() => role(`DROP ROLE IF EXISTS ${login}`));

  it("reaches the pools and the queue of a running process with the next connection", async () => {
    await load(systemClock);
    const { housePool, tenantTransaction, closeDatabase } = await import("@/lib/platform/db");
    const { sendHouseJob, closeQueue } = await import("@/lib/platform/queue");
    const ask = async () => (await housePool().query("SELECT session_user AS me")).rows[0].me;
    const cut = () => role(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${login}'`);
    const job = (id: string) => sendHouseJob("audit.sign-heads", { id, data: {} }).catch((error: Error) => error);
    try {
      expect(await ask()).toBe(login);
      await job("00000000-0000-4000-8000-000000000001");
      keep(held("second"));
      await rotateTo("second");
      await cut();
      // Seen red without: the second try in pool.ts.
      await expect(
        tenantTransaction("00000000-0000-4000-8000-000000000000", (tx) => tx.$queryRaw`SELECT 1 AS one`),
      ).resolves.toEqual([{ one: 1 }]);
      expect(await ask()).toBe(login);
      expect(String(await job("00000000-0000-4000-8000-000000000002"))).not.toMatch(/authentication/);
      // The database knows the third before the secret does: busy for a moment, and never a fault of the question.
      await rotateTo("third");
      await cut();
      await expect(tenantTransaction("00000000-0000-4000-8000-000000000000", async () => 1)).rejects.toMatchObject({
        code: "unavailable",
      });
    } finally {
      await closeQueue();
      await closeDatabase();
    }
  });

  it("reaches a job runner that nobody restarts", async () => {
    const asked = { APP_DATABASE_URL: "", PLATFORM_DATABASE_URL: "" };
    const worker = startWorker("run-jobs", asked);
    await worker.ready;
    keep(held("second"));
    await rotateTo("second");
    await role(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${login}'`);
    const connected = async () => {
      const client = new pg.Client({ connectionString: ownDatabase.adminUrl });
      await client.connect();
      const { rows } = await client
        .query("SELECT DISTINCT application_name FROM pg_stat_activity WHERE usename = $1", [login])
        .finally(() => client.end());
      return rows.some(({ application_name }) => application_name === "arrestra-runner");
    };
    await vi.waitFor(async () => expect(await connected()).toBe(true), { timeout: 20_000, interval: 100 });
    expect(worker.child.exitCode).toBeNull();
    worker.child.kill("SIGTERM");
    expect((await worker.exited).code).toBe(0);
  });
});
