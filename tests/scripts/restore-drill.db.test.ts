import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { signHead } from "@/lib/domain/events/sign-head";
import { verifyFirm } from "@/lib/domain/events/verify-firm";
import { operatorCtx, provenOperator } from "@/lib/domain/tenants/operator-ctx";
import { closeDatabase } from "@/lib/platform/db";
import { withClient } from "../../scripts/bootstrap-database";
import { findMissingSegments, restoreTo } from "../../scripts/restore/backup";
import { type Check, compareRestored } from "../../scripts/restore/compare";
import { type Rehearsal, rehearse } from "../../scripts/restore/drill";
import { sealAndSign, takeLeads } from "../../scripts/restore/drill-firms";
import { Statement, takeStatement } from "../../scripts/restore/statement";

// One loss and one restore for the file, on servers of its own: what is done to the restored copy below is put back at once.
const folder = mkdtempSync(path.join(tmpdir(), "arrestra restore's 100% "));
const operator = provenOperator(newId(), systemClock);
let drill: Rehearsal;

beforeAll(async () => {
  drill = await rehearse(folder);
});
afterAll(async () => {
  await drill?.close();
  for (const each of [folder, process.env.AUDIT_HEADS_DIR ?? ""]) rmSync(each, { recursive: true, force: true });
});

const differencesOf = (checks: Check[]): Record<string, string[]> =>
  Object.fromEntries(checks.flatMap(({ name, differences }) => (differences.length > 0 ? [[name, differences]] : [])));

/** What the checks say while the restored copy is as `change` leaves it, past every trigger. */
async function whileChanged(change: string, back: string): Promise<Record<string, string[]>> {
  const asSuperuser = (sql: string) =>
    withClient(drill.restoredUrl, (client) => client.query(`SET session_replication_role = replica; ${sql}`));
  await asSuperuser(change);
  try {
    return differencesOf(await compareRestored(drill.before, drill.restoredUrl));
  } finally {
    await asSuperuser(back);
  }
}

const firstFirm = (): [id: string, firm: Statement["firms"][string]] => {
  const [first] = Object.entries(drill.before.firms);
  if (!first) throw new Error("The drill made no firm.");
  return first;
};

/** Runs the command as npm does. */
function run(appUrl: string, ...args: string[]): Promise<{ code: number | null; words: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/restore-drill.ts", ...args], {
    env: { ...process.env, APP_DATABASE_URL: appUrl },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let words = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (words += chunk.toString()));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, words })));
}

describe("npm run drill:restore", () => {
  // Seen red without: recovery_target_time; hot_standby off (an earlier state is read on the way there); leaving heads behind the point aside.
  it("brings back what was acknowledged before the point, and nothing of the harm after it", async () => {
    const checks = await compareRestored(drill.before, drill.restoredUrl);
    expect(differencesOf(checks)).toEqual({});
    expect(drill.before.tables["public.charge"]?.rows).toBe(600);
    const words = Object.fromEntries(checks.map(({ name, found }) => [name, found]));
    expect(words["acknowledged writes"]).toBe("600 looked for, RPO 0 s");
    expect(words["audit chains"]).toMatch(/through 2 signed heads; 2 heads tell of what came after the point$/);
  });

  // Seen red without: the rows of every firm in the sum.
  it("finds the same as the role that row-level security binds, firm by firm, but for what that may not read", async () => {
    const statement = Statement.parse(JSON.parse(JSON.stringify(drill.before)));
    const bound = await takeStatement(drill.restoredAppUrl, operator, statement.acknowledged);
    const seen = Object.keys(bound.tables);
    expect(seen).toEqual(expect.arrayContaining(["public.lead", "public.event", "public.tenant", "pgboss.job_common"]));
    expect(bound.tables).toEqual(Object.fromEntries(seen.map((name) => [name, statement.tables[name]])));
    expect([...seen, ...bound.unread].sort()).toEqual(Object.keys(statement.tables).sort());
  });

  // Seen red without: the comparison of the hashes.
  it("names the table in which a row was changed", async () => {
    const found = await whileChanged(
      "UPDATE charge SET offense = offense || ' ' WHERE ctid = (SELECT min(ctid) FROM charge)",
      "UPDATE charge SET offense = rtrim(offense)",
    );
    expect(found).toEqual({ content: ["public.charge: other content"] });
  });

  // Seen red without: the comparison of the counts; the list of what was acknowledged.
  it("counts the rows that are gone, and says how far back acknowledged writes are lost", async () => {
    const [lost] = drill.before.acknowledged;
    const found = await whileChanged(
      `CREATE TABLE kept_aside AS SELECT * FROM lead WHERE id = '${lost?.leadId}'; DELETE FROM lead WHERE id = '${lost?.leadId}'`,
      "INSERT INTO lead SELECT * FROM kept_aside; DROP TABLE kept_aside",
    );
    expect(found["row counts"]).toEqual([
      "public.kept_aside: is there and was not before",
      "public.lead: 599 rows, were 600",
    ]);
    expect(found["acknowledged writes"]).toEqual([`lead ${lost?.leadId}, acknowledged at ${lost?.at}, is not there`]);
  });

  // Seen red without: the heads kept outside the database, and the comparison of the ends.
  it("names the firm whose chain was cut, and the head that it no longer reaches", async () => {
    const [id, { slug, sealed }] = firstFirm();
    const last = `tenant_id = '${id}' AND sequence > ${sealed - 2}`;
    const found = await whileChanged(
      `CREATE TABLE cut_seal AS SELECT * FROM event_seal WHERE ${last};
       CREATE TABLE cut_event AS SELECT * FROM event WHERE id IN (SELECT event_id FROM cut_seal);
       DELETE FROM event WHERE id IN (SELECT id FROM cut_event); DELETE FROM event_seal WHERE ${last}`,
      `INSERT INTO event SELECT * FROM cut_event; INSERT INTO event_seal SELECT * FROM cut_seal;
       DROP TABLE cut_event; DROP TABLE cut_seal`,
    );
    expect(found["audit chains"]).toEqual([
      `${slug}: at no. ${sealed - 1}: The chain ends before a head that was noted.`,
    ]);
    expect(found["signed heads"]).toEqual([`${slug}: the chain ends at no. ${sealed - 2}, and ended at no. ${sealed}`]);
  });

  // Seen red without: the comparison of the newest head.
  it("misses a signed head that is gone since", async () => {
    const [id, { slug, sealed, newestHead }] = firstFirm();
    expect(newestHead).toBe(sealed);
    const file = path.join(process.env.AUDIT_HEADS_DIR ?? "", "heads", id, `${String(sealed).padStart(15, "0")}.json`);
    renameSync(file, `${file}.away`);
    const found = differencesOf(await compareRestored(drill.before, drill.restoredUrl));
    renameSync(`${file}.away`, file);
    expect(found).toEqual({
      "signed heads": [`${slug}: the signed head of no. ${sealed} is gone or forged; the newest is none`],
    });
  });

  // Seen red without: findMissingSegments; the server then says only that recovery ended before its target.
  it("names the segment of WAL that the archive lacks, before anything is restored", async () => {
    const { from, point } = drill;
    expect(findMissingSegments(from.backup, from.archive, point)).toEqual([]);
    const file = path.join(from.archive, point.lastSegment);
    renameSync(file, `${file}.away`);
    const restoring = restoreTo(path.join(folder, "never"), from, point);
    await expect(restoring).rejects.toThrow(`The archive lacks ${point.lastSegment}:`);
    renameSync(`${file}.away`, file);
  });

  // Seen red without: the exit code of a difference.
  it("states with --state what a database holds, and holds a restored one against that with --check", async () => {
    const file = path.join(folder, "statement.json");
    const stated = await run(drill.restoredAppUrl, "--state", "--file", file);
    expect(stated).toMatchObject({ code: 0, words: expect.stringMatching(/tables and 2 firms as of 2/) });
    // Nothing personal: no name, no address, no offense.
    expect(readFileSync(file, "utf8")).not.toMatch(/FICTUS|drill\.example|INTOXICATED/);
    const same = await run("", "--check", drill.restoredAppUrl, "--file", file);
    expect(same.words.match(/^ {2}same {4}[a-z ]+: .* \d+\.\d s$/gm)).toHaveLength(5);
    expect(same.code).toBe(0);
    await withClient(drill.restoredUrl, (client) => client.query("UPDATE tenant SET name = 'Another name'"));
    const other = await run("", "--check", drill.restoredAppUrl, "--file", file);
    expect(other.words).toContain("public.tenant: other content");
    expect(other.code).toBe(1);
  });

  // What the runbook promises. Last, since it goes on writing in the restored copy.
  it("lets the chain go on after the restore once the heads of what came after the point lie elsewhere", async () => {
    const [id, { sealed }] = firstFirm();
    const ctx = operatorCtx(operator, id);
    await closeDatabase();
    process.env.APP_DATABASE_URL = drill.restoredAppUrl;
    expect(await verifyFirm(ctx, { isFull: true })).toMatchObject({ intact: false, problem: "cut" });
    expect(await signHead(ctx)).toBe(0);
    const heads = path.join(process.env.AUDIT_HEADS_DIR ?? "", "heads", id);
    for (const name of readdirSync(heads)) {
      if (Number(name.slice(0, 15)) > sealed) renameSync(path.join(heads, name), path.join(folder, name));
    }
    await takeLeads([ctx], "again", 5);
    await sealAndSign(drill.restoredUrl, [ctx]);
    expect(await verifyFirm(ctx, { isFull: true })).toMatchObject({ intact: true, heads: 2 });
  });
});
