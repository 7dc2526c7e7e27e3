import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { addContact } from "@/lib/domain/enrichment/contacts";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { cancelImport } from "@/lib/domain/leads/imports/cancel-import";
import { checkImport } from "@/lib/domain/leads/imports/check-import";
import { runImport } from "@/lib/domain/leads/imports/run-import";
import { askCheck, askRun, askUndo } from "@/lib/domain/leads/imports/start-work";
import { purgeImports, sweepImports } from "@/lib/domain/leads/imports/sweep-imports";
import { suppressionDigest } from "@/lib/domain/leads/suppression";
import { HANDLERS } from "@/lib/jobs/handlers";
import { closeDatabase } from "@/lib/platform/db";
import { type FileStore, filesOf } from "@/lib/platform/file-store";
import { placeConsultation } from "../isolation/scope-firm";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import {
  checked,
  countsOf,
  fileOf,
  footprint,
  HEADINGS,
  imported,
  jobOf,
  line,
  problemsOf,
  read,
  undone,
  upload,
} from "./import-world";

const clock = fixedClock("2026-11-22T12:00:00Z");
let firm: TestFirm;
let ctx: ReturnType<TestFirm["asUser"]>;
beforeEach(async () => {
  clock.set("2026-11-22T12:00:00Z");
  firm = await makeFirm();
  ctx = firm.asUser(clock);
});
afterAll(closeDatabase);

const letters = (index: number): string => `${String.fromCharCode(97 + (index % 26))}${Math.floor(index / 26)}`;
const many = (count: number): string[] => Array.from({ length: count }, (_, index) => line(`id-${letters(index)}`));
const typesOf = async () => (await eventsOf(firm)).map(({ type }) => type).filter((type) => type.startsWith("import."));

describe("the dry run", () => {
  // Seen red without: the problem of a row.
  it("names row and field of each row that is refused, and repeats nothing of it", async () => {
    const file = fileOf(
      line("a"),
      line("b", { born: "1/1/2011" }),
      line("c", { county: "Nowhere" }),
      "",
      line("d", { bail: "plenty" }),
      line("a"),
      "e,too,few",
      line("f", { phone: "12" }),
      line("g", { arrested: "1/1/2030" }),
      line("h i"),
    );
    const done = await checked(ctx, file);
    expect(countsOf(done)).toEqual({ created: 1, updated: 0, unchanged: 0, rejected: 8, suppressed: 0 });
    expect(done).toMatchObject({ state: "checked", rowsTotal: 9, rowsDone: 9 });
    const problems = await problemsOf(ctx, done.id);
    expect(problems.map(({ row, field, code }) => [row, field, code])).toEqual([
      [3, "dateOfBirth", "juvenile"],
      [4, "county", "invalid"],
      [6, "bail", "invalid"],
      [7, "sourceId", "duplicate"],
      [8, "row", "malformed"],
      [9, "phone", "invalid"],
      [10, "arrestedAt", "invalid"],
      [11, "sourceId", "invalid"],
    ]);
    expect(problems[3]?.reason).toBe("is the same as row 2");
    expect(JSON.stringify(problems)).not.toMatch(/nowhere|plenty|fictus|2011/i);
  });

  it("counts what the import then does, and writes no lead", async () => {
    const first = fileOf(line("same", { phone: "512-555-0142" }), line("other"), line("phoneless"));
    await imported(ctx, first);
    await asOwner(firm.id, (client) =>
      client.query(
        "INSERT INTO suppression (tenant_id, digest, reason, created_at) VALUES ($1, $2, 'expunction', now())",
        [firm.id, suppressionDigest(firm.id, "import.csv", "never")],
      ),
    );
    clock.set("2026-11-22T13:00:00Z");
    const before = await footprint(firm.id);
    const second = fileOf(
      line("same", { phone: "512-555-0142" }),
      line("other", { bail: "$1.00" }),
      line("phoneless", { phone: "512-555-0143" }),
      line("new"),
      line("never"),
      line("bad", { county: "x" }),
    );
    const looked = await checked(ctx, second);
    expect(await footprint(firm.id)).toEqual(before);
    expect(countsOf(looked)).toEqual({ created: 1, updated: 2, unchanged: 1, rejected: 1, suppressed: 1 });
    await askRun(ctx, looked.id);
    await runImport(jobOf(ctx), looked.id);
    expect(countsOf(await read(ctx, looked.id))).toEqual(countsOf(looked));
  });

  it("refuses every row of somebody of whom one row tells that they were a juvenile", async () => {
    const done = await checked(ctx, fileOf(line("x", { born: "" }), line("x", { born: "1/1/2012" }), line("y")));
    expect((await problemsOf(ctx, done.id)).map(({ row, code }) => [row, code])).toEqual([
      [2, "juvenile"],
      [3, "juvenile"],
    ]);
  });

  it("fails in words where the file is no UTF-8, and another file is read", async () => {
    const broken = Buffer.concat([Buffer.from(fileOf(line("a"))), Buffer.from([0xe9, 0x0a])]);
    const { id } = await upload(
      ctx,
      Buffer.concat([Buffer.from(fileOf(...many(5000))), broken.subarray(HEADINGS.length + 2)]),
    );
    await askCheck(ctx, id);
    await checkImport(jobOf(ctx), id);
    expect(await read(ctx, id)).toMatchObject({
      state: "failed",
      failedAt: "checking",
      problem: expect.stringContaining("Row 5003 is not valid UTF-8"),
    });
  });
});

describe("the import", () => {
  it("reads the county's clock, cents and contacts, as ingest stores them", async () => {
    await imported(ctx, fileOf(line("a", { county: "El Paso", phone: "(512) 555-0142" })));
    const { leads, contacts } = await footprint(firm.id);
    expect(leads).toMatchObject([
      {
        source: "import.csv",
        source_id: "a",
        county: "El Paso",
        date_of_birth: "1990-03-14",
        arrested_at: "2026-11-21T04:37:00+00:00",
        bail_total_cents: 500_000,
        charge_count: 2,
        cause_numbers: expect.stringContaining("26-100"),
      },
    ]);
    expect(contacts).toBe("1");
    expect(await typesOf()).toEqual(["import.uploaded", "import.started", "import.finished"]);
  });

  it("changes nothing when the same file comes twice, with ids of its own and without", async () => {
    const file = fileOf(...many(40));
    const withoutId = { name: 1, dateOfBirth: 2, county: 3, arrestedAt: 4, offense: 5, bail: 6, causeNumber: 7 };
    for (const choice of [{}, { mapping: withoutId }]) {
      const first = await imported(ctx, file, choice);
      expect(countsOf(first).created + countsOf(first).rejected).toBe(40);
      clock.set(new Date(clock.now().getTime() + 60_000).toISOString());
      const { leads } = await footprint(firm.id);
      const again = await imported(ctx, file, choice);
      expect(countsOf(again)).toEqual({ ...countsOf(first), created: 0, unchanged: first.created });
      expect((await footprint(firm.id)).leads?.length).toBe(leads?.length);
    }
  });

  // Seen red without: the rows that are passed over because they were taken.
  it("goes on where it broke off, as often as it makes progress, and counts each row once", async () => {
    const text = fileOf(...many(1200), line("bad", { county: "x" }));
    const { id } = await checked(ctx, text);
    await askRun(ctx, id);
    // The first reading looks for juveniles; the second one takes the rows.
    const breaking = (after: number, whole = [true]): FileStore => ({
      ...filesOf(),
      open: async (key, version) => {
        if (whole.pop()) return filesOf().open(key, version);
        const bytes = (await filesOf().get(key)) as Buffer;
        const upTo = bytes.indexOf(`id-${letters(after)},`);
        const stream = new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(bytes.subarray(0, upTo)),
          pull: (controller) => controller.error(new Error("the line is dead")),
        });
        return { stream, bytes: bytes.length, version: version ?? "" };
      },
    });
    await expect(runImport(jobOf(ctx), id, { files: breaking(700) })).rejects.toThrow("the line is dead");
    expect(await read(ctx, id)).toMatchObject({ state: "importing", rowsDone: 500, created: 500 });
    await expect(runImport(jobOf(ctx), id, { files: breaking(1100) })).rejects.toThrow("the line is dead");
    expect(await read(ctx, id)).toMatchObject({ state: "importing", rowsDone: 1000, created: 1000 });
    await runImport(jobOf(ctx), id);
    const done = await read(ctx, id);
    expect(done).toMatchObject({ state: "done", rowsDone: 1201, created: 1200, rejected: 1, unchanged: 0 });
    expect((await footprint(firm.id)).leads?.length).toBe(1200);
    // The job that comes twice finds nothing to do.
    await runImport(jobOf(ctx), id);
    expect(await read(ctx, id)).toEqual(done);
  });

  it("says that it failed after three tries without a row of progress, and can be taken up again", async () => {
    const { id } = await checked(ctx, fileOf(...many(3)));
    await askRun(ctx, id);
    const dead: FileStore = { ...filesOf(), open: () => Promise.reject(new Error("the store is away")) };
    for (const isThrown of [true, true, false]) {
      const run = runImport(jobOf(ctx), id, { files: dead });
      await (isThrown ? expect(run).rejects.toThrow("away") : run);
    }
    expect(await read(ctx, id)).toMatchObject({ state: "failed", failedAt: "importing" });
    await askRun(ctx, id);
    await runImport(jobOf(ctx), id);
    expect(await read(ctx, id)).toMatchObject({ state: "done", created: 3 });
  });

  // Seen red without: the run that a worker claims.
  it("is one run's at a time; one that has died is found after a minute", async () => {
    const { id } = await checked(ctx, fileOf(...many(3)));
    await askRun(ctx, id);
    await asOwner(firm.id, (client) =>
      client.query("UPDATE lead_import SET run_id = gen_random_uuid(), beat_at = $1", [clock.now()]),
    );
    await runImport(jobOf(ctx), id);
    expect(await read(ctx, id)).toMatchObject({ state: "importing", rowsDone: 0 });
    expect(await sweepImports(jobOf(ctx))).toBe(0);
    clock.set("2026-11-22T12:01:01Z");
    expect(await sweepImports(jobOf(ctx))).toBe(1);
    await runImport(jobOf(ctx), id);
    expect(await read(ctx, id)).toMatchObject({ state: "done", created: 3 });
  });

  it("is done by jobs that the asking leaves in the queue, from the dry run to the way back", async () => {
    // Jobs go by the clock of the machine.
    ctx = firm.asUser();
    const { id } = await upload(ctx, fileOf(line("a")));
    const jobs = [{ tenantId: firm.id, importId: id }];
    await askCheck(ctx, id);
    await HANDLERS["import.check"](jobs);
    await askRun(ctx, id);
    // Asked twice is begun once.
    await askRun(ctx, id);
    await HANDLERS["import.run"](jobs);
    await askUndo(ctx, id);
    await HANDLERS["import.undo"](jobs);
    expect(await read(ctx, id)).toMatchObject({ state: "undone", withdrawn: 1 });
    const queued = await asOwner(firm.id, (client) =>
      client.query("SELECT name FROM pgboss.job WHERE data->>'importId' = $1 ORDER BY created_on, name", [id]),
    );
    expect(queued.rows.map(({ name }) => name).sort()).toEqual(["import.check", "import.run", "import.undo"]);
  });

  it("writes nothing for a firm that was shut meanwhile", async () => {
    const { id } = await checked(ctx, fileOf(...many(3)));
    await askRun(ctx, id);
    await asOwner(firm.id, (client) => client.query("UPDATE tenant SET status = 'suspended' WHERE id = $1", [firm.id]));
    await runImport(jobOf(ctx), id);
    expect((await footprint(firm.id)).leads).toBeNull();
  });
});

describe("taking it back", () => {
  // Seen red without: each of the reasons in findBrought.
  it("withdraws the leads that nobody worked on, keeps the others and says why", async () => {
    const done = await imported(
      ctx,
      fileOf(...["st", "no", "co", "met", "again", "plain", "plainer"].map((id) => line(id))),
    );
    const { leads } = await footprint(firm.id);
    const idOf = (sourceId: string) => leads?.find((lead) => lead.source_id === sourceId)?.id ?? "";
    await changeLeadStatus(ctx, { leadId: idOf("st"), to: "reviewed" });
    await asOwner(firm.id, (client) =>
      client.query(
        "INSERT INTO lead_note (tenant_id, id, lead_id, kind, text_cipher, created_at) VALUES ($1, gen_random_uuid(), $2, 'note', 'x', now())",
        [firm.id, idOf("no")],
      ),
    );
    await addContact(ctx, idOf("co"), {
      kind: "email",
      value: "ada@example.com",
      givenBy: "her sister",
      basis: "family_contacted_firm",
      check: false,
    });
    await placeConsultation(firm, idOf("met"), "SPECIMEN");
    clock.set("2026-11-22T13:00:00Z");
    await imported(ctx, fileOf(line("again")));
    const back = await undone(ctx, done.id);
    expect(back).toMatchObject({
      state: "undone",
      withdrawn: 2,
      kept: { status: 1, note: 1, contact: 1, consultation: 1, seen_again: 1 },
    });
    const gone = (await footprint(firm.id)).leads?.filter((lead) => lead.withdrawn_at !== null);
    expect(gone?.map((lead) => lead.source_id).sort()).toEqual(["plain", "plainer"]);
    await expect(askUndo(ctx, done.id)).rejects.toMatchObject({ code: "conflict" });
  });

  it("leaves leads alone that were there before, and can be done again for a list that came again", async () => {
    await imported(ctx, fileOf(line("old")));
    clock.set("2026-11-22T13:00:00Z");
    const second = await imported(ctx, fileOf(line("old", { bail: "$7" }), line("fresh")));
    const back = await undone(ctx, second.id);
    expect([back.withdrawn, back.kept]).toEqual([1, {}]);
    clock.set("2026-11-22T14:00:00Z");
    const third = await imported(ctx, fileOf(line("fresh")));
    expect(third).toMatchObject({ created: 0, updated: 1 });
    expect(await undone(ctx, third.id)).toMatchObject({ withdrawn: 1 });
  });

  it("goes set by set, whatever the number", async () => {
    const done = await imported(ctx, fileOf(...many(1100)));
    const back = await undone(ctx, done.id);
    expect([back.state, back.withdrawn, back.kept]).toEqual(["undone", 1100, {}]);
  });
});

describe("an import that is given up", () => {
  it("is gone with its file before it wrote; one that writes stops and keeps what it has", async () => {
    const first = await checked(ctx, fileOf(line("a")));
    await cancelImport(ctx, first.id);
    await expect(read(ctx, first.id)).rejects.toMatchObject({ code: "not_found" });
    expect(await filesOf().list(`imports/${firm.id}/`)).toEqual([]);
    const second = await checked(ctx, fileOf(line("a")));
    await askRun(ctx, second.id);
    await cancelImport(ctx, second.id);
    await runImport(jobOf(ctx), second.id);
    expect(await read(ctx, second.id)).toMatchObject({
      state: "failed",
      rowsDone: 0,
      problem: "Stopped after 0 rows.",
    });
    await askRun(ctx, second.id);
    await runImport(jobOf(ctx), second.id);
    await expect(cancelImport(ctx, second.id)).rejects.toMatchObject({ code: "conflict" });
  });

  it("loses its file after two days; what was imported stays in the list and can still be taken back", async () => {
    const idle = await upload(ctx, fileOf(line("idle")));
    const done = await imported(ctx, fileOf(line("a")));
    await filesOf().write(`imports/${firm.id}/${crypto.randomUUID()}.csv`, (async function* () {})(), {
      type: "text/csv",
    });
    clock.set("2026-11-24T11:59:00Z");
    expect(await purgeImports(jobOf(ctx))).toBe(1);
    clock.set("2026-11-24T12:00:01Z");
    await purgeImports(jobOf(ctx));
    expect(await filesOf().list(`imports/${firm.id}/`)).toEqual([]);
    await expect(read(ctx, idle.id)).rejects.toMatchObject({ code: "not_found" });
    expect(await read(ctx, done.id)).toMatchObject({ state: "done", hasFile: false });
    expect(await undone(ctx, done.id)).toMatchObject({ withdrawn: 1 });
  });
});
