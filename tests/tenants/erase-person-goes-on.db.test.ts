import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { type Clock, fixedClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { beginEvidence } from "@/lib/domain/leads/evidence/begin-evidence";
import { confirmEvidence } from "@/lib/domain/leads/evidence/confirm-evidence";
import { incomingKeyOf } from "@/lib/domain/leads/evidence/evidence-keys";
import { purgeEvidence } from "@/lib/domain/leads/evidence/purge-evidence";
import { removeEvidence } from "@/lib/domain/leads/evidence/remove-evidence";
import { askCheck } from "@/lib/domain/leads/imports/start-work";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { closeFirm } from "@/lib/domain/tenants/change-firm-state";
import { closeDatabase } from "@/lib/platform/db";
import { fillSettings } from "@/lib/platform/env";
import { evidenceFilesOf, filesOf } from "@/lib/platform/file-store";
import { closeQueue } from "@/lib/platform/queue";
import { runArrestra } from "../../scripts/arrestra/run-command";
import { eraseFirm } from "../../scripts/firm/erase-firm";
import { keptOutside } from "../../scripts/person/certificate";
import { type Erasure, erasePerson } from "../../scripts/person/erase-person";
import { eraseEverywhere, eraseWithAlike } from "../../scripts/person/every-firm";
import { replayErasures } from "../../scripts/person/replay-erasures";
import { ROOT } from "../../scripts/repository";
import { jobOf, keepFile, pdf } from "../leads/evidence-world";
import { upload } from "../leads/import-world";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { ownDatabase } from "../setup/own-database";
import { startS3 } from "../setup/s3-stand-in";
import { formOf } from "./person-everywhere";
import { anOperator } from "./platform";

const { ownerUrl } = ownDatabase;
const SOURCE = "topics.travis";
const evidenceDir = process.env.EVIDENCE_DIR ?? "";
for (const folder of [process.env.FILES_DIR ?? "", evidenceDir]) mkdirSync(folder, { recursive: true });
afterAll(async () => {
  await closeQueue();
  await closeDatabase();
});

let firm: TestFirm;
let other: TestFirm;
let sourceId: string;
beforeEach(async () => {
  [firm, other] = [await makeFirm(), await makeFirm()];
  sourceId = `form-${newId()}`;
  for (const each of [firm, other]) await post(each);
});

const form = () => formOf({ canary: "Okafor", sourceId });
const post = async (to: TestFirm) =>
  (await ingestLeads(to.asKey(), { source: SOURCE, leads: [form()] })).results[0]?.outcome;
/** The same record, as another source tells it. */
async function postAs(to: TestFirm, source: string, { last = "Okafor" }: { last?: string }): Promise<string> {
  const lead = { ...form(), sourceId: `${source}-1`, name: { ...form().name, last } };
  const { results } = await ingestLeads(to.asKey(), { source, leads: [lead] });
  return results[0]?.leadId ?? "";
}
const rowsOf = <T extends object>({ id }: TestFirm, sql: string, ...values: unknown[]) =>
  asOwner(id, async (client) => (await client.query<T>(sql, [id, ...values])).rows);
const leadOf = async (of: TestFirm) =>
  (await rowsOf<{ id: string }>(of, "SELECT id FROM lead WHERE tenant_id = $1 AND source_id = $2", sourceId))[0]?.id ??
  "";
const ordered = ({ id, slug }: TestFirm, clock?: Clock): Erasure => ({
  ownerUrl,
  firm: { id, slug },
  because: "expunction",
  order: "EX-26-000123",
  by: "ops@console",
  ...(clock ? { clock } : {}),
});
const inMinutes = (minutes: number): Clock => fixedClock(new Date(Date.now() + minutes * 60_000));
const openForm = async (of: TestFirm) =>
  (await beginEvidence(of.asUser(), await leadOf(of), { filename: "bond.pdf", bytes: pdf().length })).file.id;
async function firmsKeptOutside(): Promise<string[]> {
  const kept = (await keptOutside()).kept.map(({ firm: of }) => of.id);
  return kept.filter((id) => id === firm.id || id === other.id);
}
/** As a backup of before the erasure leaves the firm. */
async function restored(of: TestFirm): Promise<void> {
  for (const table of ["suppression", "person_erasure"]) await rowsOf(of, `DELETE FROM ${table} WHERE tenant_id = $1`);
  expect(await post(of)).toBe("created");
}
async function type(...args: string[]) {
  const said: string[] = [];
  const code = await runArrestra(
    args,
    (line) => said.push(line),
    (line) => said.push(line),
  );
  return { code, out: said.join("\n") };
}
const halfIn = (of: TestFirm, leadId: string, hoursAgo: number): string => {
  const file = path.join(evidenceDir, "evidence", of.id, leadId, `.${crypto.randomUUID()}`);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, "half of a letter");
  const at = new Date(Date.now() - hoursAgo * 3_600_000);
  utimesSync(file, at, at);
  return file;
};

describe("an erasure that has to wait", () => {
  // Seen red without: finishLeft in eraseEverywhere.
  it("goes on at every firm when the same is asked again, though the first firm's lead is gone", async () => {
    await openForm(other);
    const leadId = await leadOf(firm);
    const ends = (done: Awaited<ReturnType<typeof eraseEverywhere>>) =>
      new Map(done.map(({ certificate }) => [certificate.firm.id, certificate.finishedAt !== null]));
    const again = (clock: Clock) => eraseEverywhere(ordered(firm, clock), leadId, [firm, other]).then(ends);
    expect(await again(inMinutes(0))).toEqual(
      new Map([
        [other.id, false],
        [firm.id, true],
      ]),
    );
    expect((await again(inMinutes(14))).get(other.id)).toBe(false);
    expect((await again(inMinutes(21))).get(other.id)).toBe(true);
    expect(await again(inMinutes(22))).toEqual(new Map([[firm.id, true]]));
  });

  it("is told of by the command, which ends with 1 until all of it is done and says what it did not look for", async () => {
    await openForm(other);
    const how = ["person", "erase", firm.slug, await leadOf(firm), "--because", "request", "--all-firms", "--yes"];
    expect(await type(...how)).toMatchObject({ code: 1, out: expect.stringContaining("NOT FINISHED: ") });
    const second = await type(...how);
    // Seen red without: finishLeft in eraseEverywhere (0, and Done); the line for a lead that is gone.
    expect(second).toMatchObject({ code: 1, out: expect.stringContaining("NOT FINISHED: ") });
    expect(second.out).toContain("no other firm was looked through");
    expect(second.out.match(/^Certificate /gm)).toHaveLength(2);
    await rowsOf(other, "UPDATE person_erasure SET files_left = '{}' WHERE tenant_id = $1");
    expect(await type(...how)).toMatchObject({ code: 0, out: expect.stringContaining("Done.") });
  });

  it("goes on with a lead that says the same, though the one that was named is finished", async () => {
    const leadId = await leadOf(firm);
    const alike = await postAs(firm, "vendor.feed", {});
    await beginEvidence(firm.asUser(), alike, { filename: "bond.pdf", bytes: pdf().length });
    const how = ["person", "erase", firm.slug, leadId, "--because", "expunction", "--order", "EX-26-000123", "--yes"];
    // Seen red without: finishLeft in eraseWithAlike (0, and Done).
    for (const _ of ["first", "second"])
      expect(await type(...how)).toMatchObject({ code: 1, out: expect.stringContaining("NOT FINISHED: ") });
    const done = await eraseWithAlike(ordered(firm, inMinutes(21)), leadId);
    expect(done.map(({ certificate, isNew }) => [certificate.leadId, isNew])).toEqual([
      [alike, false],
      [leadId, false],
    ]);
    expect(await rowsOf(firm, "SELECT FROM person_erasure WHERE tenant_id = $1 AND finished_at IS NULL")).toEqual([]);
  });

  // Seen red without: keepOutside at the beginning of finishErasure; finishLeft in replayErasures.
  it("is kept outside from its beginning: a restore meanwhile brings nobody back, and a replay finishes it", async () => {
    await openForm(firm);
    await erasePerson(ordered(firm), await leadOf(firm));
    expect(await firmsKeptOutside()).toEqual([firm.id]);
    expect(await replayErasures(ownerUrl, "ops@console")).toMatchObject({ leads: 0, unfinished: 1 });
    await restored(firm);
    await openForm(firm);
    expect(await replayErasures(ownerUrl, "ops@console")).toMatchObject({ leads: 1, unfinished: 1 });
    expect(await leadOf(firm)).toBe("");
    expect(await post(firm)).toBe("suppressed");
    expect(await replayErasures(ownerUrl, "ops@console", inMinutes(21))).toMatchObject({ leads: 0, unfinished: 0 });
  });

  // Seen red without: isBusy in finishErasure.
  it("waits for an import that is being read, and then takes its file", async () => {
    const { id } = await upload(firm.asUser(), `Name,County,Charge\n"Okafor, Quinn",Travis,DWI\n`);
    await askCheck(firm.asUser(), id);
    const fileOfImport = async () => (await filesOf().list(`imports/${firm.id}/`)).length;
    const leadId = await leadOf(firm);
    expect((await erasePerson(ordered(firm), leadId)).certificate.finishedAt).toBeNull();
    expect(await fileOfImport()).toBe(1);
    await rowsOf(firm, "UPDATE lead_import SET state = 'done' WHERE tenant_id = $1");
    expect((await erasePerson(ordered(firm), leadId)).certificate.finishedAt).not.toBeNull();
    expect(await fileOfImport()).toBe(0);
    expect(await rowsOf(firm, "SELECT file_key FROM lead_import WHERE tenant_id = $1")).toEqual([{ file_key: null }]);
  });
});

async function withEvidenceAt(place: () => void, work: () => Promise<void>): Promise<void> {
  const aside = `${evidenceDir}-aside`;
  renameSync(evidenceDir, aside);
  place();
  try {
    await work();
  } finally {
    rmSync(evidenceDir, { recursive: true });
    renameSync(aside, evidenceDir);
  }
}
/** What no store takes breaks off after the commit. */
const withoutStore = (work: () => Promise<unknown>) =>
  withEvidenceAt(
    () => writeFileSync(evidenceDir, "in the way"),
    () => expect(work()).rejects.toThrow(),
  );

describe("an erasure that broke off", () => {
  // Seen red without: taught in eraseRefused; with: only certificates of now in eraseAt.
  it("still knows what a lead that went had taught it, at the firm that was named and at others", async () => {
    const chain = async (of: TestFirm) => {
      // The second was told with another spelling once, and that alone tells of the third.
      const second = await postAs(of, "vendor.feed", { last: "Okafour" });
      expect(await postAs(of, "vendor.feed", {})).toBe(second);
      return [await leadOf(of), second, await postAs(of, "other.feed", { last: "Okafour" })];
    };
    const [named, atOther] = [await chain(firm), await chain(other)];
    await erasePerson(ordered(other), atOther[0] ?? "");
    await withoutStore(() => erasePerson(ordered(other), atOther[1] ?? ""));
    await erasePerson(ordered(firm), named[0] ?? "");
    await withoutStore(() => erasePerson(ordered(firm), named[1] ?? ""));
    const leads = "SELECT id FROM lead WHERE tenant_id = $1";
    expect([await rowsOf(firm, leads), await rowsOf(other, leads)]).toEqual([[{ id: named[2] }], [{ id: atOther[2] }]]);
    await eraseWithAlike(ordered(firm), named[0] ?? "");
    expect(await rowsOf(firm, leads)).toEqual([]);
    const third = await makeFirm();
    await post(third);
    await eraseEverywhere(ordered(third), await leadOf(third), [other, third]);
    expect(await rowsOf(other, leads)).toEqual([]);
  });

  // Seen red without: the row of tell being finished by finishErasure (with finished_at set at once).
  it("before its certificate was outside has it there after the next run, also at a firm that held nothing", async () => {
    const third = await makeFirm();
    const erase = async () => eraseEverywhere(ordered(firm), await leadOf(firm), [firm, third]);
    await withoutStore(erase);
    const done = await erase();
    expect(done.map(({ certificate }) => certificate.firm.id)).toEqual([third.id, firm.id]);
    expect((await keptOutside()).kept.map((each) => each.firm.id)).toEqual(expect.arrayContaining([third.id, firm.id]));
  });
});

describe("a replay", () => {
  // Seen red with: one order for all leads of a firm.
  it("erases each lead again for its own reason and on its own order", async () => {
    const second = async () => postAs(firm, "vendor.feed", { last: "Zeta" });
    await erasePerson(ordered(firm), await leadOf(firm));
    await erasePerson({ ...ordered(firm), because: "nondisclosure", order: "ND-1" }, await second());
    await restored(firm);
    const ids = [await leadOf(firm), await second()];
    expect(await replayErasures(ownerUrl, "ops@console")).toMatchObject({ leads: 2, problems: [] });
    const sql = "SELECT erased_lead_id AS id, reason, order_ref AS ref FROM person_erasure WHERE tenant_id = $1";
    expect(await rowsOf(firm, `${sql} ORDER BY reason`)).toEqual([
      { id: ids[0], reason: "expunction", ref: "EX-26-000123" },
      { id: ids[1], reason: "nondisclosure", ref: "ND-1" },
    ]);
  });

  // Seen red without: `others` in keptOutside (it threw before all else).
  it("names a file that is no certificate, and does all the rest", async () => {
    const key = `erasures/${newId()}.json`;
    await evidenceFilesOf().putOnce(key, Buffer.from('{"format":"arrestra-person-erasure-1","tombstones":"all"}'));
    await openForm(firm);
    await erasePerson(ordered(firm), await leadOf(firm));
    await rowsOf(firm, "UPDATE person_erasure SET files_left = '{}' WHERE tenant_id = $1");
    const { code, out } = await type("person", "replay");
    await evidenceFilesOf().remove(key);
    expect([code, out]).toEqual([1, expect.stringMatching(new RegExp(`0 leads were there again[^]*${key}`))]);
    expect(await rowsOf(firm, "SELECT FROM person_erasure WHERE tenant_id = $1 AND finished_at IS NULL")).toEqual([]);
  });

  // Seen red without: finishedOf.
  it("says so when certificates are looked for where they are not", async () => {
    await erasePerson(ordered(firm), await leadOf(firm));
    await withEvidenceAt(
      () => mkdirSync(evidenceDir),
      async () => {
        const { code, out } = await type("person", "replay");
        expect([code, out]).toEqual([1, expect.stringContaining(`lacks 1 of the 1 certificates`)]);
        expect(out).toContain(`of ${firm.slug}: it is another place`);
      },
    );
    expect((await type("person", "replay")).code).toBe(0);
  });

  // Seen red without: keepOutside in replayErasures; with: the problem beside it.
  it("writes certificates again that are lost for good, when it is asked to, and ends with 0 from then on", async () => {
    const leadId = await leadOf(firm);
    const { certificate } = await erasePerson(ordered(firm), leadId);
    const key = `erasures/${certificate.erasureId}.json`;
    const before = String(await evidenceFilesOf().get(key));
    await evidenceFilesOf().remove(key);
    const lost = await type("person", "replay");
    expect([lost.code, lost.out]).toEqual([1, expect.stringContaining(`began ${certificate.beganAt}`)]);
    const again = await type("person", "replay", "--keep-again");
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining("1 certificates were not outside") });
    expect(again.out).toContain(`${firm.slug}: a copy may have brought back evidence/${firm.id}/${leadId}/`);
    expect(String(await evidenceFilesOf().get(key))).toBe(before);
    expect((await type("person", "replay")).code).toBe(0);
    expect((await type("person", "replay", "--keep-again")).out).toContain("0 certificates were not outside");
  });

  // Seen red with: production alone refused. What it is told is another machine's database, as a clone reaches that of the service.
  it("and an erasure are refused where nobody said where the files of another machine's database are", async () => {
    const erase = ["person", "erase", firm.slug, await leadOf(firm), "--because", "request", "--yes"];
    const { APP_DATABASE_URL = "", EVIDENCE_DIR = "", FILES_DIR = "" } = process.env;
    const away = new URL(APP_DATABASE_URL);
    away.hostname = "arrestra.c1.us-east-1.rds.amazonaws.com";
    Object.assign(process.env, { APP_DATABASE_URL: away.href, FILES_DIR: "", EVIDENCE_DIR });
    try {
      for (const words of [erase, ["person", "replay"]])
        expect(await type(...words)).toMatchObject({ code: 64, out: expect.stringContaining("Set FILES_BUCKET") });
      process.env.FILES_DIR = "/srv/files";
      process.env.EVIDENCE_DIR = "";
      expect(await type(...erase)).toMatchObject({ code: 64, out: expect.stringContaining("Set EVIDENCE_BUCKET") });
    } finally {
      Object.assign(process.env, { APP_DATABASE_URL, FILES_DIR, EVIDENCE_DIR });
    }
    expect(await leadOf(firm)).not.toBe("");
  });
});

describe("the half of a file that a killed upload has left", () => {
  // Seen red without: removeHalves in purgeEvidence; with: one that asks for no age.
  it("is purged after an hour, also where nothing else of the lead is left", async () => {
    const [old, fresh] = [halfIn(firm, newId(), 2), halfIn(firm, newId(), 0.5)];
    expect(await purgeEvidence(jobOf(firm.asUser()))).toBe(1);
    expect([existsSync(old), existsSync(fresh)]).toEqual([false, true]);
  });

  // Seen red without: removeUnfinished in removeAll; with: the folder only where there are rows of files.
  it("goes with the person, whether the lead has files or had", async () => {
    const leads = [await leadOf(firm), await leadOf(other)];
    await keepFile(firm.asUser(), leads[0] ?? "");
    const halves = [halfIn(firm, leads[0] ?? "", 0), halfIn(other, leads[1] ?? "", 0)];
    for (const [at, of] of [firm, other].entries())
      expect((await erasePerson(ordered(of), leads[at] ?? "")).certificate.finishedAt).not.toBeNull();
    expect(halves.filter(existsSync)).toEqual([]);
  });

  // Seen red without: removeHalves in eraseFiles.
  it("goes with the firm", async () => {
    const half = halfIn(firm, newId(), 0);
    await closeFirm(anOperator(inMinutes(-32 * 24 * 60)), firm.id);
    await eraseFirm({ ownerUrl, firm, by: "ops@console" });
    expect(existsSync(half)).toBe(false);
  });
});

const fileAt = (name: string) => readFileSync(path.join(ROOT, name), "utf8");
// Seen red with: 30 days of it in the runbook.
it("says of removed files what the bucket does", async () => {
  const [, days] = /const REMOVED_EVIDENCE_DAYS = (\d+);/.exec(fileAt("infra/base/buckets.ts")) ?? [];
  expect(fileAt("docs/runbooks/erase-person.md")).toContain(`${days} days (evidence)`);
});

describe("with a bucket", () => {
  const setBucket = (name: string) => {
    process.env.EVIDENCE_BUCKET = name;
    // The settings are read anew.
    fillSettings({});
  };

  // Seen red without: $3 in either half of lastUpload.
  it("a form that was used, or whose file was removed, is waited for: it can be posted again", async () => {
    const s3 = await startS3("erased-evidence");
    setBucket("erased-evidence");
    try {
      for (const [of, isRemoved] of [
        [firm, false],
        [other, true],
      ] as const) {
        const leadId = await leadOf(of);
        const id = await openForm(of);
        const key = incomingKeyOf(of.id, leadId, id);
        await evidenceFilesOf().putOnce(key, pdf());
        await confirmEvidence(of.asUser(), leadId, id);
        if (isRemoved) await removeEvidence(of.asUser(), leadId, id);
        const finish = async (clock: Clock) => (await erasePerson(ordered(of, clock), leadId)).certificate.finishedAt;
        expect(await finish(inMinutes(0))).toBeNull();
        await evidenceFilesOf().putOnce(key, pdf());
        expect(await finish(inMinutes(16))).toBeNull();
        expect(await finish(inMinutes(21))).not.toBeNull();
        expect(await evidenceFilesOf().size(key)).toBeNull();
      }
    } finally {
      setBucket("");
      await s3.stop();
    }
  });
});

describe("a search", () => {
  // Seen red without: the line with MORE.
  it("that matches more than is shown says how many", async () => {
    const leads = Array.from({ length: 203 }, (_, at) => formOf({ canary: "Manylike", sourceId: `many-${at}` }));
    await ingestLeads(firm.asKey(), { source: SOURCE, leads });
    const { code, out } = await type("person", "find", firm.slug, "--name", "manylike");
    expect(code).toBe(0);
    expect(out.match(/ {2}Travis {2}arrested/g)).toHaveLength(200);
    expect(out).toContain("3 MORE match");
    expect(out).toContain("200 leads of 203.");
  });
});
