import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { newId } from "@/lib/core/ids";
import { signHead } from "@/lib/domain/events/sign-head";
import { closeDatabase } from "@/lib/platform/db";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { packed } from "../setup/programs";
import { forge, record, sealUntil, tamper } from "./chain";

const HEADS = process.env.AUDIT_HEADS_DIR ?? "";

/** Runs the command, packed as the image has it, on the database of this file. */
function run(...args: string[]): Promise<{ code: number | null; words: string }> {
  const child = spawn(process.execPath, [packed("scripts/audit-verify.ts"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let words = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (words += chunk.toString()));
  return new Promise((resolve) => child.once("exit", (code) => resolve({ code, words })));
}

let firm: TestFirm;
const headFile = (sequence: number) => path.join(HEADS, "heads", firm.id, `${String(sequence).padStart(15, "0")}.json`);

beforeEach(async () => {
  firm = await makeFirm();
  await record(firm, 3);
  await sealUntil(firm, 3);
  await signHead(firm.asService());
  await record(firm, 2);
  await sealUntil(firm, 5);
  await signHead(firm.asService());
});
afterAll(async () => {
  await closeDatabase();
  rmSync(HEADS, { recursive: true, force: true });
});

describe("npm run audit:verify", () => {
  it("says of every firm that its chain is intact, and ends well", async () => {
    const other = await makeFirm();
    const { code, words } = await run();
    expect(words).toMatch(
      new RegExp(`${firm.slug} +intact  5 events; goes through 2 signed heads, the newest at no. 5`),
    );
    expect(words).toMatch(new RegExp(`${other.slug} +intact  0 events; no signed head is kept yet`));
    expect(code).toBe(0);
  });

  it("names the first bad row of a firm in words, and ends with 1", async () => {
    const chain = await sealUntil(firm, 5);
    await tamper("UPDATE event SET actor_id = 'somebody' WHERE id = $1", [chain[3]?.event_id]);
    const { code, words } = await run("--firm", firm.slug);
    expect(words).toContain(
      `${firm.slug}  BROKEN  at no. 4, event ${chain[3]?.event_id}: The event, or its seal, is not what was sealed. The last signed head before it is no. 3.`,
    );
    expect(code).toBe(1);
    await tamper("UPDATE event SET actor_id = 'test' WHERE id = $1", [chain[3]?.event_id]);
    expect((await run("--firm", firm.slug)).code).toBe(0);
  });

  it("holds the chain against a head that somebody kept elsewhere", async () => {
    const kept = path.join(HEADS, `kept-${firm.slug}.json`);
    renameSync(headFile(5), kept);
    await tamper(
      "UPDATE event SET actor_id = 'somebody' WHERE id = (SELECT event_id FROM event_seal WHERE tenant_id = $1 AND sequence = 5)",
      [firm.id],
    );
    await forge(firm, 5);
    // Without that head the chain looks whole; all that can be seen is that one is gone.
    expect((await run("--firm", firm.slug)).words).toContain("Signed heads that were kept are gone");
    const { code, words } = await run("--head", kept);
    expect(words).toContain("at no. 5");
    expect(words).toContain("A noted head is not on the chain");
    expect(code).toBe(1);
  });

  // Seen red without: listVanished
  it("misses a firm of which heads are kept and that is gone without a certificate", async () => {
    const id = newId();
    mkdirSync(path.join(HEADS, "heads", id), { recursive: true });
    const { code, words } = await run();
    expect(words).toContain(`${id}  BROKEN: heads of this firm are kept, but it is gone without a certificate.`);
    expect(code).toBe(1);
    await asOwner(id, (client) =>
      client.query(
        "INSERT INTO erasure_certificate (firm_id, slug, counts, head_sequence, head_hash, erased_by, began_at, finished_at) VALUES ($1, 'gone', '{}', 0, '', 'test', now(), now())",
        [id],
      ),
    );
    expect((await run()).words).not.toContain(id);
  });

  it("says what is wrong with what it was asked", async () => {
    expect(await run("--firm", "nobody")).toMatchObject({
      code: 1,
      words: expect.stringContaining("There is no firm with this address"),
    });
    const garbage = path.join(HEADS, "garbage.json");
    writeFileSync(garbage, "{}");
    expect(await run("--head", garbage)).toMatchObject({
      code: 1,
      words: expect.stringContaining("is no signed head"),
    });
    const other = await makeFirm();
    const mine = path.join(HEADS, "heads", firm.id, readdirSync(path.join(HEADS, "heads", firm.id))[0] ?? "");
    expect(await run("--firm", other.slug, "--head", mine)).toMatchObject({
      code: 1,
      words: expect.stringContaining("belongs to another firm"),
    });
  });
});
