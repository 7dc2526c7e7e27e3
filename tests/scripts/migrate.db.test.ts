import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JOBS } from "@/lib/contracts/jobs";
import { withClient } from "../../scripts/bootstrap-database";
import { migrate } from "../../scripts/migrate";
import { type TestDatabase, testDatabase } from "../setup/database";

let database: TestDatabase;
let migrationsDir: string;

beforeEach(async () => {
  database = await testDatabase();
  migrationsDir = mkdtempSync(path.join(tmpdir(), "arrestra-migrations-"));
  cpSync(path.join("prisma", "migrations"), migrationsDir, { recursive: true });
});

afterEach(async () => {
  rmSync(migrationsDir, { recursive: true, force: true });
  await database.drop();
});

const add = (name: string, sql: string) => {
  mkdirSync(path.join(migrationsDir, name), { recursive: true });
  writeFileSync(path.join(migrationsDir, name, "migration.sql"), sql);
};
const run = () => migrate({ databaseUrl: database.ownerUrl, migrationsDir });
const query = (url: string, sql: string) => withClient(url, async (client) => (await client.query(sql)).rows);

describe("the migrations", () => {
  it("are applied once each, in the order of their names", async () => {
    add("29990102000000_second", "INSERT INTO probe VALUES (2);");
    add("29990101000000_first", "CREATE TABLE probe (n int); INSERT INTO probe VALUES (1);");
    expect(await run()).toEqual({ applied: ["29990101000000_first", "29990102000000_second"] });
    expect(await run()).toEqual({ applied: [] });
    expect(await query(database.ownerUrl, "SELECT n FROM probe ORDER BY n")).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it("are applied once when two processes start together", async () => {
    add("29990101000000_probe", "CREATE TABLE probe (n int); SELECT pg_sleep(0.2);");
    const both = await Promise.all([run(), run()]);
    expect(both.flatMap(({ applied }) => applied)).toEqual(["29990101000000_probe"]);
  });

  it("are refused by name when one has changed since it was applied", async () => {
    add("29990101000000_probe", "CREATE TABLE probe (n int);");
    await run();
    add("29990101000000_probe", "CREATE TABLE probe (n bigint);");
    await expect(run()).rejects.toThrow(/29990101000000_probe.*has changed since it was applied/);
  });

  it("are refused by name when the database has one that the code does not know", async () => {
    add("29990101000000_probe", "CREATE TABLE probe (n int);");
    await run();
    rmSync(path.join(migrationsDir, "29990101000000_probe"), { recursive: true });
    await expect(run()).rejects.toThrow(/29990101000000_probe, which this version of the code does not know/);
  });

  it("leave nothing behind when one fails, and say in which line", async () => {
    add("29990101000000_probe", "CREATE TABLE probe (n int);\nSELECT nothing_of_the_kind;");
    await expect(run()).rejects.toThrow(/29990101000000_probe.migration\.sql:2: column "nothing_of_the_kind"/);
    expect(await query(database.ownerUrl, "SELECT to_regclass('probe') AS probe")).toEqual([{ probe: null }]);
  });
});

describe("the job queues", () => {
  it("exist for every job, each with a queue for what keeps failing", async () => {
    const rows = await query(
      database.ownerUrl,
      "SELECT name, dead_letter FROM pgboss.queue WHERE name NOT LIKE '\\_\\_%'",
    );
    const expected = Object.keys(JOBS).flatMap((name) => [
      { name, dead_letter: `${name}.dead` },
      { name: `${name}.dead`, dead_letter: null },
    ]);
    expect(rows).toHaveLength(expected.length);
    expect(rows).toEqual(expect.arrayContaining(expected));
  });

  it("can be used by the app role, which can make nothing", async () => {
    await query(database.appUrl, "SELECT count(*) FROM pgboss.job");
    await expect(query(database.appUrl, "CREATE TABLE pgboss.mine (n int)")).rejects.toThrow("permission denied");
    await expect(query(database.appUrl, "CREATE TABLE mine (n int)")).rejects.toThrow("permission denied");
  });
});

it("lets the run-time role see how far the migrations are, and nothing more of them", async () => {
  const [last] = await query(database.appUrl, "SELECT max(migration_name) AS name FROM _prisma_migrations");
  expect(last).toMatchObject({ name: expect.stringMatching(/^\d{14}_\w+$/) });
  await expect(query(database.appUrl, "DELETE FROM _prisma_migrations")).rejects.toThrow(/permission denied/);
});
