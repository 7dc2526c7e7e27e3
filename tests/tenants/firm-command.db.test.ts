import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { newId } from "@/lib/core/ids";
import { getFirmInAnyState } from "@/lib/domain/tenants/list-firms";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { s3Store } from "@/lib/platform/s3-store";
import { runFirmCommand } from "../../scripts/firm/commands";
import { firmEnvironment } from "../../scripts/firm/environment";
import type { Manifest } from "../../scripts/firm/export-firm";
import { asOwner } from "../setup/firms";
import { packed } from "../setup/programs";
import { startS3 } from "../setup/s3-stand-in";
import { makeFullFirm } from "./full-firm";
import { anOperator } from "./platform";

// Set before anything reads the settings: where an operator's task puts what a firm takes along.
const s3 = await startS3("arrestra-evidence");
process.env.EVIDENCE_BUCKET = "arrestra-evidence";
afterEach(() => vi.unstubAllEnvs());

const base = mkdtempSync(path.join(tmpdir(), "arrestra-firm-"));
afterAll(async () => {
  rmSync(base, { recursive: true, force: true });
  await closeQueue();
  await closeDatabase();
  await s3.stop();
});

/** The command in a process of its own, packed as the image has it: its words and how it ended. */
const type = (...args: string[]): Promise<{ code: number; out: string; error: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [packed("scripts/firm.ts"), ...args], (error, out, words) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, error: words }),
    );
  });
const owner = ["--owner-email", "olive@owner.example", "--owner-name", "Olive Owner"];

describe("npm run firm", () => {
  it("makes a firm and prints its owner's link, then lists it", async () => {
    const slug = `typed-${newId().slice(-12)}`;
    const made = await type("create", "--slug", slug, "--name", "Typed & Sons", ...owner);
    expect(made).toMatchObject({ code: 0, error: "" });
    expect(made.out).toMatch(new RegExp(`http://${slug}\\.localhost:3000/join/[0-9a-f-]{36}\\.[\\w-]{43}\\n$`));
    expect((await type("list")).out).toMatch(
      new RegExp(`^${slug} +active +1 +\\d{4}-\\d\\d-\\d\\d +Typed & Sons$`, "m"),
    );
  });

  it("says what is wrong in a sentence and ends with 1, without a stack", async () => {
    const refused = await type("create", "--slug", "www", "--name", "X", ...owner);
    expect(refused.code).toBe(1);
    expect(refused.error).toContain("slug must be letters, digits and hyphens");
    expect(refused.error).not.toContain("    at ");
  });
});

describe("a firm from its first day to its last", () => {
  it("is made, shut, opened, given another owner, exported, closed and erased, each with one command", async () => {
    const firm = await makeFullFirm();
    const { slug } = firm;
    const state = async () => (await getFirmInAnyState(anOperator(), slug)).state;
    await runFirmCommand(["suspend", slug, "--reason", "unpaid"]);
    expect(await state()).toBe("suspended");
    await runFirmCommand(["reactivate", slug]);
    expect(await state()).toBe("active");
    expect(await runFirmCommand(["invite-owner", slug, ...owner])).toContain(`http://${slug}.localhost:3000/join/`);
    const out = path.join(base, slug);
    expect(await runFirmCommand(["export", slug, "--out", out])).toContain("leads.ndjson");
    expect(existsSync(path.join(out, "manifest.json"))).toBe(true);
    expect(await runFirmCommand(["close", slug])).toContain("may be erased from");
    await asOwner(firm.id, (client) => client.query("UPDATE tenant SET status_changed_at = now() - interval '1 hour'"));
    await expect(runFirmCommand(["erase", slug, "--confirm", slug])).rejects.toThrow("--now");
    for (const confirm of [[], ["--confirm", "another"]])
      await expect(runFirmCommand(["erase", slug, "--now", ...confirm])).rejects.toThrow("Nothing was erased");
    expect(await state()).toBe("closed");
    const words = await runFirmCommand(["erase", slug, "--confirm", slug, "--now"]);
    expect(JSON.parse(words.slice(words.indexOf("{")))).toMatchObject({ firmId: firm.id, counts: { tenant: 1 } });
    await expect(state()).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("in a task whose files are gone with it", () => {
  // Seen red with: the manifest put first.
  it("an export goes into the bucket, its manifest last, and no copy stays behind", async () => {
    const { id, slug } = await makeFullFirm();
    const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith("arrestra-firm-"));
    const before = left();
    const words = await runFirmCommand(["export", slug]);
    const [, prefix = ""] = /s3:\/\/arrestra-evidence\/(\S+)\/:/.exec(words) ?? [];
    expect(prefix).toMatch(new RegExp(`^firm-exports/${id}/[0-9a-f-]{36}$`));
    const puts = s3.seen.filter(({ method }) => method === "PUT").map(({ url }) => url.split("?")[0]);
    expect(puts.at(-1)).toBe(`/arrestra-evidence/${prefix}/manifest.json`);
    const store = s3Store("arrestra-evidence", { isPathStyle: true });
    const manifest = JSON.parse(String(await store.get(`${prefix}/manifest.json`))) as Manifest;
    expect(manifest.firm.id).toBe(id);
    for (const { name, bytes } of manifest.files) expect(await store.size(`${prefix}/${name}`), name).toBe(bytes);
    expect(left()).toEqual(before);
  });

  // Seen red without: assertFilesAreTold; the folder of this machine taken by firmEnvironment in production too.
  it("erasing is refused in production where nobody said where the files are, and nothing is erased", async () => {
    const { id, slug } = await makeFullFirm();
    await runFirmCommand(["close", slug]);
    await asOwner(id, (client) => client.query("UPDATE tenant SET status_changed_at = now() - interval '1 hour'"));
    vi.stubEnv("ARRESTRA_ENV", "production");
    for (const name of ["FILES_BUCKET", "FILES_DIR"]) vi.stubEnv(name, "");
    expect(firmEnvironment()).not.toHaveProperty("FILES_DIR");
    await expect(runFirmCommand(["erase", slug, "--confirm", slug, "--now"])).rejects.toThrow("Set FILES_BUCKET");
    vi.stubEnv("FILES_DIR", "/srv/files");
    for (const name of ["EVIDENCE_BUCKET", "EVIDENCE_DIR"]) vi.stubEnv(name, "");
    expect(firmEnvironment()).not.toHaveProperty("EVIDENCE_DIR");
    await expect(runFirmCommand(["erase", slug, "--confirm", slug, "--now"])).rejects.toThrow("Set EVIDENCE_BUCKET");
    expect((await getFirmInAnyState(anOperator(), slug)).state).toBe("closed");
  });

  // Seen red with: production alone refused; the last host of the query not read; an address that is none taken for this machine.
  it("erasing is refused so too where the database is another machine's, whatever the environment is called", async () => {
    for (const name of ["FILES_BUCKET", "FILES_DIR", "EVIDENCE_BUCKET", "EVIDENCE_DIR"]) vi.stubEnv(name, "");
    const here = process.env.APP_DATABASE_URL ?? "";
    const own = { FILES_DIR: expect.any(String), EVIDENCE_DIR: expect.any(String) };
    expect(firmEnvironment()).toMatchObject(own);
    for (const address of ["postgresql://a:b@db.example.com:5432/c", `${here}?host=db.example.com`, "a database"]) {
      vi.stubEnv("APP_DATABASE_URL", address);
      expect(Object.keys(firmEnvironment())).toEqual(["LOG_LEVEL"]);
      await expect(runFirmCommand(["erase", "a", "--confirm", "a", "--now"])).rejects.toThrow("Set FILES_BUCKET");
    }
    vi.stubEnv("APP_DATABASE_URL", "postgresql://a:b@x/c?host=/var/run/postgresql");
    expect(firmEnvironment()).toMatchObject(own);
  });
});

it.each([
  [[]],
  [["dance"]],
  [["constructor"]],
  [["suspend"]],
  [["suspend", "a", "b", "--reason", "x"]],
  [["list", "all"]],
  [["close", "a", "--force"]],
])("explains itself when typed as %j", async (args) => {
  await expect(runFirmCommand(args)).rejects.toThrow("npm run firm -- <command>");
});

it("asks for what is missing, and knows no firm that is not there", async () => {
  await expect(runFirmCommand(["suspend", "nobody"])).rejects.toThrow("--reason is missing");
  await expect(runFirmCommand(["suspend", "nobody", "--reason", "x"])).rejects.toThrow(
    "There is no firm with this address.",
  );
  const noZone = ["create", "--slug", "a", "--name", "A", "--time-zone", "Mars", ...owner];
  await expect(runFirmCommand(noZone)).rejects.toThrow("timeZone must be a time zone");
});
