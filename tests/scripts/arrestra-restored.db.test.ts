import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEvidence } from "@/lib/domain/leads/evidence/open-evidence";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { closeDatabase } from "@/lib/platform/db";
import { fillSettings } from "@/lib/platform/env";
import { s3Store } from "@/lib/platform/s3-store";
import { keepFile, pdf } from "../leads/evidence-world";
import { type } from "../setup/arrestra";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { startS3 } from "../setup/s3-stand-in";

const folder = mkdtempSync(path.join(tmpdir(), "arrestra-restored-"));
const s3 = await startS3("arrestra-evidence");
const set = (settings: Record<string, string>) => {
  Object.assign(process.env, settings);
  // The settings are read anew.
  fillSettings({});
};
let firm: TestFirm;
let leadId: string;
beforeAll(async () => {
  firm = await makeFirm();
  const lead = { sourceId: crypto.randomUUID(), name: { full: "FICTUS, ADA" }, county: "Hays", charges: [] };
  leadId = (await ingestLeads(firm.asKey(), { source: "api", leads: [lead] })).results[0]?.leadId ?? "";
});
afterAll(async () => {
  set({ EVIDENCE_BUCKET: "" });
  rmSync(folder, { recursive: true, force: true });
  await closeDatabase();
  await s3.stop();
});

describe("files of leads that were copied to another place", () => {
  const opened = async (id: string): Promise<string> => {
    const file = await openEvidence(firm.asUser(), leadId, id);
    return file.link === null ? new Response(file.stream).text() : "";
  };
  const keyOf = (id: string) =>
    asOwner(firm.id, async (client) => {
      const { rows } = await client.query<{ key: string }>("SELECT file_key AS key FROM evidence_file WHERE id = $1", [
        id,
      ]);
      return rows[0]?.key ?? "";
    });

  // Seen red without: the digest; the question for --yes; the code of what is missing.
  it("open again once they were noted, but for those that are missing or others", async () => {
    const [from, to] = [path.join(folder, "from"), path.join(folder, "to")];
    set({ EVIDENCE_DIR: from });
    const words = ["ONE", "TWO", "THREE"];
    const [good = "", other = "", lost = ""] = await Promise.all(
      words.map(async (word) => (await keepFile(firm.asUser(), leadId, pdf(word), `${word}.pdf`)).id),
    );
    expect((await type("evidence", "copied")).out).toMatch(new RegExp(`^${firm.slug}: 3 as they were, 0 noted`, "m"));
    cpSync(from, to, { recursive: true });
    writeFileSync(path.join(to, await keyOf(other)), pdf("TWICE"));
    rmSync(path.join(to, await keyOf(lost)));
    set({ EVIDENCE_DIR: to });
    await expect(opened(good)).rejects.toMatchObject({ code: "conflict" });

    const looked = await type("evidence", "copied");
    expect(looked.code).toBe(1);
    expect(looked.out).toContain(`${firm.slug}: file ${other} of lead ${leadId} is not the file that was looked at`);
    expect(looked.out).toContain(`${firm.slug}: file ${lost} of lead ${leadId} is not there`);
    expect(looked.out).toContain(`${firm.slug}: 0 as they were, 1 to be noted, 0 noted, 1 missing, 1 different`);
    await expect(opened(good)).rejects.toMatchObject({ code: "conflict" });

    const noted = await type("evidence", "copied", "--yes");
    expect(noted.out).toContain(`${firm.slug}: 0 as they were, 1 noted, 1 missing, 1 different`);
    expect(noted.code).toBe(1);
    expect(await opened(good)).toContain("ONE");
    await expect(opened(other)).rejects.toMatchObject({ code: "conflict" });

    for (const id of [other, lost]) cpSync(path.join(from, await keyOf(id)), path.join(to, await keyOf(id)));
    const again = await type("evidence", "copied", "--yes");
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining("Every file opens.") });
    expect(await opened(other)).toContain("TWO");
  });
});

describe("a restore that only a task reaches", () => {
  // Seen red with: the host of the setting in place of the one that is named.
  it("is held against the statement that another task put into the bucket, and ends with 1 when it differs", async () => {
    set({ EVIDENCE_BUCKET: "arrestra-evidence" });
    const stated = await type("restore", "state");
    expect(stated).toMatchObject({ code: 0, error: "" });
    const [, name = ""] = /--statement (\S+) --host HOST$/.exec(stated.out) ?? [];
    expect(stated.out).toMatch(
      /^s3:\/\/arrestra-evidence\/restore-statements\/\S+\.json: \d+ tables and \d+ firms as of 2/m,
    );
    const store = s3Store("arrestra-evidence", { isPathStyle: true });
    expect(String(await store.get(`restore-statements/${name}.json`))).not.toMatch(/FICTUS|Hays/);

    const { host, port, pathname } = new URL(process.env.APP_DATABASE_URL ?? "");
    expect(stated.out).toContain(`What ${host}${pathname} holds:\n`);
    // Seen red with: the host alone held against the name. RDS names an endpoint without its port, and that of the address stays.
    const named = await type("restore", "check", "--statement", name, "--host", "localhost");
    expect(named).toMatchObject({ code: 0, error: "", out: expect.stringMatching(`^localhost:${port}/`) });
    const same = await type("restore", "check", "--statement", name, "--host", `localhost:${port}`);
    expect(same.error).toBe("");
    expect(same.out).toMatch(new RegExp(`^localhost:${port}${pathname}, held against what was stated of 2\\S+Z:`));
    expect(same.out.match(/^ {2}same {4}[a-z ]+: /gm)).toHaveLength(5);
    expect(same.code).toBe(0);
    const away = await type("restore", "check", "--statement", name, "--host", "127.0.0.1:9");
    expect(away).toMatchObject({ code: 1, error: expect.stringContaining("127.0.0.1:9") });
    // Here the next command is no process of its own, and would find the settings of this one.
    set({ APP_DATABASE_URL: process.env.APP_DATABASE_URL?.replace("127.0.0.1:9/", `127.0.0.1:${port}/`) ?? "" });

    await asOwner(firm.id, (client) =>
      client.query("UPDATE tenant SET name = 'Another name' WHERE id = $1", [firm.id]),
    );
    const other = await type("restore", "check", "--statement", name);
    expect(other).toMatchObject({ code: 1, error: expect.stringContaining("is not what was stated") });
    expect(other.out).toContain("public.tenant: other content");
    for (const args of [
      ["--statement", "nobody"],
      ["--statement", "../heads"],
      ["--host", "a b"],
    ])
      expect(await type("restore", "check", ...args)).toMatchObject({ code: 1, out: "" });
    expect((await type("restore", "check", "--all")).code).toBe(64);
  });
});
