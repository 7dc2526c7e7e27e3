import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { PgBoss } from "pg-boss";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as leadsRoute } from "@/app/api/leads/route";
import { newId } from "@/lib/core/ids";
import { closeDatabase } from "@/lib/platform/db";
import { call, type Route } from "../http/call";
import { type } from "../setup/arrestra";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { packed } from "../setup/programs";

const { host, pathname } = new URL(process.env.APP_DATABASE_URL ?? "");
/** What every command says first. */
const OF = `Of ${host}${pathname}`;
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

/** The same in a process of its own, packed as the image has it. */
const start = (args: string[], env: Record<string, string> = {}): Promise<{ code: number; out: string }> =>
  new Promise((resolve) => {
    const options = { env: { ...process.env, ...env } };
    execFile(process.execPath, [packed("scripts/arrestra.ts"), ...args], options, (error, out, words) =>
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
    expect(issued).toMatchObject({ code: 0, error: OF });
    const [first = ""] = KEY.exec(issued.out) ?? [];
    expect(await opens(first)).toBe(200);

    const out = path.join(folder, firm.slug);
    const prefix = first.slice(0, "arl_live_".length + 12);
    const rotated = await type("keys", "rotate", prefix, "--overlap-hours", "0", "--out", out);
    expect(rotated).toMatchObject({ code: 0, error: OF });
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
    expect(refused).toMatchObject({ code: 1, error: `${OF}\nFirm ${firm.slug} has no key arl_live_${kid}.` });
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
    expect(some.out).toContain(`${QUEUE}: 2 dead letters were requeued; 3 are left.`);
    // Two people at once: what one moves, the other does not.
    const both = await Promise.all([type("queue", "redrive", QUEUE), type("queue", "redrive", `${QUEUE}.dead`)]);
    const moved = both.map(({ out }) => Number(/: (\d+) dead/.exec(out)?.[1]));
    expect(moved.reduce((sum, each) => sum + each, 0)).toBe(3);
    expect((await type("queue", "redrive", QUEUE)).out).toBe(`${QUEUE}: 0 dead letters were requeued; 0 are left.`);

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

  // Seen red without: the words before a command.
  it("says first of which database, never with its password", async () => {
    const login = "postgres://nobody:hush@127.0.0.1:9/none";
    const given = await start(["health"], { APP_DATABASE_URL: login });
    expect(given.out).toContain("Of 127.0.0.1:9/none\n");
    expect(given.out).not.toContain("hush");
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

describe("sources that are read no more", () => {
  const run = (of: TestFirm, source: string, status: string, daysAgo: number) =>
    asOwner(of.id, (client) =>
      client.query(
        `INSERT INTO ingest_run (tenant_id, id, source, status, started_at, finished_at)
         VALUES ($1, $2, $3, $4, now() - make_interval(days => $5), now() - make_interval(days => $5))`,
        [of.id, newId(), source, status, daysAgo],
      ),
    );

  // Seen red without: the fortnight; the firm's state.
  it("do not keep health from being well, and those of firms that are not active are left out", async () => {
    const left = await makeFirm();
    await run(firm, "read.before", "failed", 15);
    await run(left, "read.for-one-that-left", "failed", 0);
    expect((await type("health")).code).toBe(1);
    await type("firm", "close", left.slug);
    const { code, out } = await type("health");
    expect(out).toMatch(/^ok +sources +read\.before: not read since \d{4}-\d\d-\d\d$/m);
    expect(out).not.toContain("read.for-one-that-left");
    expect(code).toBe(0);
    await run(firm, "read.before", "failed", 13);
    expect((await type("health")).out).toMatch(/^WRONG +sources +read\.before: failed/m);
    for (const { id } of [firm, left]) await asOwner(id, (client) => client.query("DELETE FROM ingest_run"));
  });
});

describe("one queue", () => {
  const QUEUE = "booking.look";
  const taken = () => boss.fetch(QUEUE, { batchSize: 10 });
  afterEach(async () => {
    await boss.deleteAllJobs(QUEUE);
    await boss.deleteAllJobs(`${QUEUE}.dead`);
  });
  const insert = (retryLimit: number) =>
    boss.send(
      QUEUE,
      { tenantId: firm.id, connectionId: newId(), sourceId: "77" },
      { retryLimit, group: { id: firm.id } },
    );

  // Seen red with: the message in place of the error's class; a job taken away without --yes; one that runs taken away.
  it("shows what waits and fails with the class of the error alone, and one job of it can be taken away", async () => {
    const dead = await insert(0);
    const waiting = await insert(3);
    const jobs = await taken();
    expect(jobs).toHaveLength(2);
    await boss.fail(QUEUE, dead ?? "", {
      errorName: "AppError",
      errorCode: "unavailable",
      message: "of FICTUS, ROWAN",
    });
    const busy = await type("queue", "drop", QUEUE, waiting ?? "", "--yes");
    expect(busy).toMatchObject({ code: 1, out: "", error: expect.stringContaining("is under way") });
    await boss.complete(QUEUE, waiting ?? "");
    await insert(3);

    const shown = await type("queue", "show", `${QUEUE}.dead`);
    expect(shown.code).toBe(0);
    expect(shown.out).toMatch(/^booking\.look: 1 waiting, 0 running, the oldest since 20\S+Z$/m);
    expect(shown.out).toMatch(/^ {2}booking\.look\.dead: 1 failed with AppError unavailable, last 20\S+Z$/m);
    expect(shown.out).toContain(`tenantId=${firm.id}`);
    expect(shown.out).not.toContain("FICTUS");
    const [, id = ""] = /^ {4}([0-9a-f-]{36}) {2}booking\.look\.dead/m.exec(shown.out) ?? [];

    expect(await type("queue", "drop", QUEUE, id)).toMatchObject({
      code: 1,
      out: expect.stringContaining("with --yes"),
    });
    expect((await type("queue", "drop", "webhook.handle", id, "--yes")).error).toContain("has no such job");
    expect(await type("queue", "drop", QUEUE, id, "--yes")).toMatchObject({ code: 0 });
    const after = await type("queue", "show", QUEUE);
    expect(after.out).toContain("booking.look.dead: 0 waiting");
    expect(after.out).toContain("booking.look: 1 waiting");
    expect((await type("queue", "drop", QUEUE, id, "--yes")).code).toBe(1);
  });
});

describe("connections", () => {
  const connected = async (url = "") => {
    const client = new pg.Client({ connectionString: url, application_name: "held-up" });
    const ended = new Promise<string>((resolve) => client.on("error", (error) => resolve(error.message)));
    await client.connect();
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    return { client, ended, pid: rows[0]?.pid ?? 0 };
  };

  // Seen red without: the owner's login.
  it("shows who waits for whom without a word of a statement, and ends the one that is named", async () => {
    const held = "SELECT pg_advisory_lock(60119) /* FICTUS */";
    const holder = await connected(process.env.DATABASE_URL);
    const waiter = await connected(process.env.APP_DATABASE_URL);
    try {
      await holder.client.query("BEGIN");
      await holder.client.query(held);
      await waiter.client.query("SET lock_timeout = 0");
      const waited = waiter.client.query(held);
      let { out } = await type("connections");
      while (!out.includes("HELD UP BY")) ({ out } = await type("connections"));
      expect(out).toMatch(
        new RegExp(
          `^pid ${holder.pid}  arrestra_owner  held-up.*  idle in transaction;.*; holds up ${waiter.pid}$`,
          "m",
        ),
      );
      expect(out).toMatch(
        new RegExp(
          `^pid ${waiter.pid}  arrestra_app  held-up.*; waits for Lock advisory; HELD UP BY ${holder.pid}$`,
          "m",
        ),
      );
      expect(out).toMatch(/^\d+ connections to this database; the server takes \d+ in all\.$/m);
      expect(out).not.toContain("FICTUS");
      // Seen red with: the order in which the logins told of them. The owner's is older, and the app's login is not told so.
      expect(out.indexOf(`pid ${holder.pid} `)).toBeLessThan(out.indexOf(`pid ${waiter.pid} `));
      const ended = await type("connections", "--end", String(holder.pid));
      expect(ended).toMatchObject({ code: 0, out: expect.stringContaining("of arrestra_owner has ended") });
      expect(await holder.ended).toContain("terminating connection");
      await waited;
      const again = await type("connections", "--end", String(holder.pid));
      expect(again).toMatchObject({ code: 1, out: "" });
      expect(again.error).toContain(`There is no connection ${holder.pid} to this database.`);
    } finally {
      await holder.client.end().catch(() => undefined);
      await waiter.client.end();
    }
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
