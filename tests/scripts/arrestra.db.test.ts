import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PgBoss } from "pg-boss";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as leadsRoute } from "@/app/api/leads/route";
import { newId } from "@/lib/core/ids";
import { closeDatabase } from "@/lib/platform/db";
import { runArrestra } from "../../scripts/arrestra/run-command";
import { call, type Route } from "../http/call";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";

const folder = mkdtempSync(path.join(tmpdir(), "arrestra-cli-"));
const boss = new PgBoss({ connectionString: process.env.DATABASE_URL ?? "", supervise: false, schedule: false });
let firm: TestFirm;
beforeAll(() => boss.start());
beforeEach(async () => {
  firm = await makeFirm();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await boss.stop({ graceful: false, close: true });
  await closeDatabase();
});

/** Types a command in this process: its code, what it said and what it complained of. */
async function type(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  const said: string[] = [];
  const complained: string[] = [];
  const code = await runArrestra(
    args,
    (line) => said.push(line),
    (line) => complained.push(line),
  );
  return { code, out: said.join("\n"), error: complained.join("\n") };
}

/** The same as npm runs it, in a process of its own. */
const start = (args: string[], env: Record<string, string> = {}): Promise<{ code: number; out: string }> =>
  new Promise((resolve) => {
    const options = { env: { ...process.env, ...env } };
    execFile(process.execPath, ["--import", "tsx", "scripts/arrestra.ts", ...args], options, (error, out, words) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out: out + words }),
    );
  });

const opens = async (text: string): Promise<number> =>
  (await call(leadsRoute as Route, "/api/leads", { headers: { authorization: `Bearer ${text}` } })).status;
const KEY = /arl_live_\w{12}_\S+/;
const issue = (...more: string[]) =>
  type("keys", "issue", "--firm", firm.slug, "--name", "Intake", "--scopes", "leads:read", ...more);

describe("the keys of a firm, by command", () => {
  // Seen red with: a ctx that is not the operator's.
  it("a key that was issued opens the API, is rotated and revoked, and all of it stands in the firm's audit trail as the operator's", async () => {
    const issued = await issue("--show", "--days", "30");
    expect(issued).toMatchObject({ code: 0, error: "" });
    const [first = ""] = KEY.exec(issued.out) ?? [];
    expect(await opens(first)).toBe(200);

    const out = path.join(folder, firm.slug);
    const prefix = first.slice(0, "arl_live_".length + 12);
    const rotated = await type("keys", "rotate", prefix, "--overlap-hours", "0", "--out", out);
    expect(rotated).toMatchObject({ code: 0, error: "" });
    const second = readFileSync(out, "utf8").trim();
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(rotated.out).not.toMatch(KEY);
    expect([await opens(first), await opens(second)]).toEqual([401, 200]);

    // A whole key, as it was found where it leaked.
    const revoked = await type("keys", "revoke", second);
    expect(revoked.code).toBe(0);
    expect(await opens(second)).toBe(401);
    expect(revoked.out).not.toContain(second);

    const listed = await type("keys", "list", "--firm", firm.slug);
    expect(listed.out).toMatch(/revoked .*Intake/);
    expect(listed.out).not.toMatch(KEY);
    const events = (await eventsOf(firm)).filter((event) => event.type.startsWith("api_key."));
    expect(events.map((event) => [event.type, event.actor_id])).toEqual(
      ["api_key.created", "api_key.rotated", "api_key.revoked"].map((each) => [each, "operator"]),
    );
    expect(JSON.stringify(events)).not.toContain(first.split("_")[3]);
  });

  // Seen red without: the question where the text goes.
  it("is not made before it is said where its text goes, nor over a file that is there", async () => {
    const out = path.join(folder, `${firm.slug}-twice`);
    expect((await issue()).code).toBe(64);
    expect((await issue("--show", "--out", out)).code).toBe(64);
    expect((await issue("--out", out)).code).toBe(0);
    const before = readFileSync(out, "utf8");
    expect((await issue("--out", out)).code).toBe(1);
    expect(readFileSync(out, "utf8")).toBe(before);
    expect((await eventsOf(firm)).filter((event) => event.type === "api_key.created")).toHaveLength(1);
  });

  it("asks for what it needs, and takes no key of another firm", async () => {
    expect((await issue("--show", "--days", "0")).error).toContain("--days is a whole number");
    expect((await type("keys", "issue", "--name", "x", "--scopes", "everything", "--show")).error).toContain(
      "--scopes",
    );
    const other = await makeFirm();
    const kid = other.key.text.split("_")[2] ?? "";
    const refused = await type("keys", "revoke", kid, "--firm", firm.slug);
    expect(refused).toMatchObject({ code: 1, error: `Firm ${firm.slug} has no key arl_live_${kid}.` });
    expect(await opens(other.key.text)).toBe(200);
  });
});

describe("dead letters", () => {
  const QUEUE = "webhook.handle";
  const waiting = () =>
    asOwner(firm.id, async (client) => {
      const { rows } = await client.query<{ name: string; data: object; tries: number; group: string }>(
        `SELECT name, data, retry_limit AS tries, group_id AS group FROM pgboss.job WHERE state = 'created' AND name LIKE $1 ORDER BY name`,
        [`${QUEUE}%`],
      );
      return rows;
    });

  // Seen red with: the limit left away.
  it("go back to their queue with all their tries, no more at once than asked, and repeating moves nothing", async () => {
    const data = () => ({ tenantId: firm.id, deliveryId: newId() });
    const jobs = Array.from({ length: 5 }, () => ({ data: data(), retryLimit: 0, group: { id: firm.id } }));
    await boss.insert(QUEUE, jobs);
    const taken = await boss.fetch(QUEUE, { batchSize: 5 });
    await boss.fail(
      QUEUE,
      taken.map(({ id }) => id),
    );
    expect((await waiting()).map(({ name }) => name)).toEqual(Array(5).fill(`${QUEUE}.dead`));
    expect((await type("queue", "list")).out).toContain(`queue redrive ${QUEUE}`);

    const some = await type("queue", "redrive", QUEUE, "--at-most", "2");
    expect(some.out).toContain(`${QUEUE}: 2 dead letters are jobs again; 3 are left.`);
    // Two people at once: what one moves, the other does not.
    const both = await Promise.all([type("queue", "redrive", QUEUE), type("queue", "redrive", `${QUEUE}.dead`)]);
    const moved = both.map(({ out }) => Number(/: (\d+) dead/.exec(out)?.[1]));
    expect(moved.reduce((sum, each) => sum + each, 0)).toBe(3);
    expect((await type("queue", "redrive", QUEUE)).out).toBe(`${QUEUE}: 0 dead letters are jobs again; 0 are left.`);

    const back = await waiting();
    expect(back.map(({ name, tries, group }) => [name, tries, group])).toEqual(Array(5).fill([QUEUE, 7, firm.id]));
    const ids = (rows: readonly { data: object }[]) => rows.map((row) => JSON.stringify(row.data)).toSorted();
    expect(new Set(ids(back)).size).toBe(5);
    await boss.deleteAllJobs(QUEUE);
  });

  it("of a queue that is none are refused", async () => {
    expect(await type("queue", "redrive", "pgboss")).toMatchObject({ code: 64 });
    expect(await type("queue", "redrive", QUEUE, "--at-most", "0")).toMatchObject({ code: 64 });
  });
});

describe("health", () => {
  it("ends with 0 when all is well, and says so of each part", async () => {
    const { code, out } = await start(["health"]);
    expect(out).toContain("All is well.");
    for (const area of ["database", "migrations", "audit", "queues", "sources"])
      expect(out).toMatch(new RegExp(`^ok +${area}`, "m"));
    expect(code).toBe(0);
  });

  it("ends with 1 when the database does not answer", async () => {
    const { code, out } = await start(["health"], { APP_DATABASE_URL: "postgres://nobody:x@127.0.0.1:9/none" });
    expect(out).toMatch(/^WRONG +database .*docs\/runbooks\/database-away\.md$/m);
    expect(code).toBe(1);
  });

  type Trouble = { what: string; sql: string; mend: string; says: RegExp };
  const job = "INSERT INTO pgboss.job (name, data, start_after)";
  it.each<Trouble>([
    {
      what: "a dead letter",
      sql: `${job} VALUES ('sync.run.dead', '{}', now())`,
      mend: "DELETE FROM pgboss.job WHERE name = 'sync.run.dead'",
      says: /^WRONG +queues +sync\.run\.dead: 1 dead letters; .*dead-letters\.md$/m,
    },
    {
      what: "a job that nobody takes",
      sql: `${job} VALUES ('sync.run', '{}', now() - interval '1 hour')`,
      mend: "DELETE FROM pgboss.job WHERE name = 'sync.run'",
      says: /^WRONG +queues +sync\.run: 1 waiting.*stuck-jobs\.md$/m,
    },
    {
      what: "a migration that did not end",
      sql: "UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)",
      mend: "UPDATE _prisma_migrations SET finished_at = now() WHERE finished_at IS NULL",
      says: /^WRONG +migrations +1 began/m,
    },
    {
      what: "a migration that this code needs",
      sql: "UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)",
      mend: "UPDATE _prisma_migrations SET rolled_back_at = NULL",
      says: /^WRONG +migrations +the last is .*, this code needs/m,
    },
    {
      what: "an audit trail that nobody watches",
      sql: "UPDATE tenant SET created_at = now() - interval '1 hour'",
      mend: "UPDATE tenant SET created_at = now()",
      says: /^WRONG +audit +unwatched at \d+ firms; .*audit-alarm\.md$/m,
    },
    {
      what: "a source that failed",
      sql: "INSERT INTO ingest_run (tenant_id, id, source, county, status, started_at, finished_at) VALUES ('FIRM', gen_random_uuid(), 'topics.travis', 'Travis', 'failed', now(), now())",
      mend: "DELETE FROM ingest_run",
      says: /^WRONG +sources +topics\.travis: failed, last complete never; .*source-silent\.md$/m,
    },
  ])("ends with 1 and names the page for $what", async ({ sql, mend, says }) => {
    const change = (words: string) => asOwner(firm.id, (client) => client.query(words.replace("FIRM", firm.id)));
    await change(sql);
    try {
      const { code, out } = await type("health");
      expect(out).toMatch(says);
      expect(code).toBe(1);
    } finally {
      await change(mend);
    }
    expect((await type("health")).code).toBe(0);
  });
});

describe("the old commands under the new word", () => {
  it("makes, lists and shuts a firm, and says the new word in what to do next", async () => {
    const slug = `typed-${newId().slice(-12)}`;
    const owner = ["--owner-email", "olive@owner.example", "--owner-name", "Olive Owner"];
    const made = await type("firm", "create", "--slug", slug, "--name", "Typed", ...owner);
    expect(made.out).toContain(`http://${slug}.localhost:3000/join/`);
    expect((await type("firm", "list")).out).toContain(slug);
    expect((await type("firm", "close", slug)).out).toContain(`npm run arrestra -- firm reactivate ${slug}`);
    expect(await type("firm", "suspend", slug)).toMatchObject({ code: 64 });
    expect(await type("firm", "suspend", "nobody", "--reason", "x")).toMatchObject({ code: 1 });
    expect((await issue("--show")).code).toBe(0);
    const shut = await type("keys", "issue", "--firm", slug, "--name", "x", "--scopes", "leads:read", "--show");
    expect(shut).toMatchObject({ code: 1, out: "" });
  });

  it("verifies the chains and rotates the fields in a process of its own", async () => {
    const verified = await start(["audit", "verify", "--firm", firm.slug]);
    expect(verified.out).toMatch(new RegExp(`${firm.slug} +intact`));
    expect(verified.code).toBe(0);
    const rotated = await start(["fields", "rotate"]);
    expect(rotated.out).toContain("The first key of FIELD_KEYS is");
    expect(rotated.code).toBe(0);
    expect((await start(["audit", "verify", "--firm", "nobody"])).code).toBe(1);
    expect((await start(["audit", "verify", "--everything"])).code).toBe(64);
  });
});
