import { mkdirSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { POST as ingestRoute } from "@/app/api/leads/ingest/route";
import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { verifyChain } from "@/lib/domain/events/verify-chain";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { withClient } from "../../scripts/bootstrap-database";
import type { Certificate } from "../../scripts/person/certificate";
import { type Erasure, erasePerson } from "../../scripts/person/erase-person";
import { eraseEverywhere, eraseWithAlike } from "../../scripts/person/every-firm";
import { replayErasures } from "../../scripts/person/replay-erasures";
import { GOES, SEARCHED, STAYS } from "../../scripts/person/tables";
import { sealUntil } from "../audit/chain";
import { call, type Route } from "../http/call";
import { imported } from "../leads/import-world";
import { type } from "../setup/arrestra";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { ownDatabase } from "../setup/own-database";
import { everyFile, everyRow, placesOf } from "./every-byte";
import { makeFullFirm } from "./full-firm";
import { addSomebody, formOf, phoneOf, type Somebody } from "./person-everywhere";

const { adminUrl, ownerUrl } = ownDatabase;
const folders = [process.env.FILES_DIR, process.env.EVIDENCE_DIR];
for (const folder of folders) mkdirSync(folder ?? "", { recursive: true });
afterAll(async () => {
  await closeQueue();
  await closeDatabase();
});

const ordered = (firm: Pick<TestFirm, "id" | "slug">): Erasure => ({
  ownerUrl,
  firm: { id: firm.id, slug: firm.slug },
  because: "expunction",
  order: "D-1-EX-26-000123",
  by: "ops@console",
});
const erase = (firm: TestFirm, leadId: string) => erasePerson(ordered(firm), leadId);
const post = async (firm: TestFirm, { source, ...who }: Somebody) =>
  (await ingestLeads(firm.asKey(), { source, leads: [formOf(who)] })).results[0]?.outcome;
const leadsOf = (firm: TestFirm, source: string, sourceId: string) =>
  asOwner(firm.id, async (client) => {
    const sql = "SELECT id FROM lead WHERE tenant_id = $1 AND source = $2 AND source_id = $3";
    return (await client.query<{ id: string }>(sql, [firm.id, source, sourceId])).rows.map(({ id }) => id);
  });

describe("what is sorted", () => {
  // Seen red without: vendor_budget in STAYS.
  it("is every table there is, and each that names a lead goes, or says why not", async () => {
    const client = new pg.Client({ connectionString: adminUrl });
    await client.connect();
    const { rows } = await client.query<{ table: string; names: boolean }>(
      `SELECT c.table_name AS table, bool_or(c.column_name = 'lead_id') AS names FROM information_schema.columns c
       JOIN information_schema.tables t USING (table_schema, table_name)
       WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> '_prisma_migrations' GROUP BY 1`,
    );
    await client.end();
    const sorted = [GOES, SEARCHED, STAYS].flatMap((tables) => Object.keys(tables));
    expect(sorted.toSorted()).toEqual(rows.map(({ table }) => table).sort());
    const named = rows.filter(({ names }) => names).map(({ table }) => table);
    expect(named.filter((table) => !Object.hasOwn(GOES, table)).sort()).toEqual(["event"]);
  });
});

describe("a person who stands everywhere", () => {
  let firm: TestFirm;
  let who: Somebody;
  let before: Map<string, string[]>;
  let certificate: Certificate;
  let replyKey: string;
  const words = () => [who.canary, who.sourceId, phoneOf(who.sourceId)];
  const repost = () =>
    call(ingestRoute as Route, "/api/leads/ingest", {
      headers: { authorization: `Bearer ${firm.key.text}`, "idempotency-key": replyKey },
      body: { source: who.source, leads: [formOf(who)] },
    });

  beforeAll(async () => {
    firm = await makeFullFirm();
    const other = await makeFullFirm();
    who = await addSomebody(firm);
    await addSomebody(other);
    replyKey = newId();
    expect((await repost()).status).toBe(200);
    before = await everyRow(adminUrl);
    ({ certificate } = await erase(firm, who.leadId));
  }, 30_000);

  it("was seen before in every table that can show a word of theirs, and in files", () => {
    const seen = placesOf(before, words());
    for (const table of [
      "lead",
      "charge",
      "observation",
      "contact_point",
      "lead_note",
      "consultation",
      "attendance_interval",
      "sync_link",
    ])
      expect(seen).toContain(table);
    for (const table of ["lead_alert", "evidence_file", ...Object.keys(SEARCHED)]) expect(seen).toContain(table);
    expect(who.files).toHaveLength(5);
  });

  // Seen red without, one at a time: eraseReplies, eraseDeliveries, eraseReports, eraseExports, eraseImports, and removeAll of the evidence.
  it("leaves no byte in any column of any table, sealed or not, and none in any file", async () => {
    const after = await everyRow(adminUrl);
    expect(placesOf(after, words())).toEqual([]);
    expect(placesOf(everyFile(...folders), [who.canary])).toEqual([]);
    const named = placesOf(after, [who.leadId]);
    expect(named.sort()).toEqual(["event", "person_erasure"]);
  });

  // Seen red without: eraseJobs.
  it("takes nobody else along: every row of other leads and other firms stays as it was", async () => {
    const after = await everyRow(adminUrl);
    const changed: Record<string, number> = {};
    for (const [table, rows] of before) {
      const kept = new Set(after.get(table));
      const gone = rows.filter((row) => !kept.has(row));
      if (gone.length > 0) changed[table] = gone.length;
      for (const row of gone) expect(row, table).toContain(firm.id);
    }
    // A row that was amended counts as one that is gone: a list that went by the person's name is there, without it.
    expect(changed).toEqual(certificate.rows);
    expect(certificate.rows).toMatchObject({
      "pgboss.job": 2,
      lead: 1,
      charge: 1,
      observation: 1,
      contact_point: 2,
      consultation: 1,
      evidence_file: 1,
    });
  });

  it("leaves an event without a name, and a chain that holds", async () => {
    const events = await eventsOf(firm, who.leadId);
    expect(events.at(-1)).toMatchObject({
      type: "lead.erased",
      actor_id: "operator",
      data: { erasureId: certificate.erasureId, because: "expunction" },
    });
    await sealUntil(firm, (await eventsOf(firm)).length);
    expect(await verifyChain(firm.asService())).toMatchObject({ intact: true });
  });

  it("is certified without a name: how much, on which order, what the firm has to do elsewhere", async () => {
    expect(certificate).toMatchObject({
      because: "expunction",
      order: "D-1-EX-26-000123",
      erasedBy: "ops@console",
      leadId: who.leadId,
    });
    expect(certificate.finishedAt).not.toBeNull();
    expect(certificate.elsewhere).toEqual(
      expect.arrayContaining([
        { at: "google", what: "event", count: 1 },
        { at: "acuity", what: "booking", count: 1 },
        { at: "mail", what: "message to a member of the firm", count: 1 },
      ]),
    );
    expect(JSON.stringify(certificate).toLowerCase()).not.toContain(who.canary.toLowerCase());
  });

  it("is refused when it comes again, as it was, amended, or in a list; and no old reply is given", async () => {
    expect(await post(firm, who)).toBe("suppressed");
    const again = await repost();
    expect(again.headers.get("idempotency-replayed")).toBeNull();
    expect(again.text).not.toContain(who.leadId);
    const amended = { ...formOf(who), charges: [{ offense: "DWI 2ND", bailCents: 90_000 }] };
    const report = await ingestLeads(firm.asKey(), { source: who.source, leads: [amended] });
    expect(report).toMatchObject({ suppressed: 1, created: 0 });
    // Seen red without: the variant of trace.ts without cause numbers.
    for (const [head, row] of [
      ["Name,DOB,Arrested,County,Charge", `"${who.canary}, Quinn Avery",1990-02-03,2026-11-20,Travis,DWI`],
      ["Name,Arrested,County,Charge", `"${who.canary}, Quinn",2026-11-20,Travis,DWI`],
    ])
      expect(await imported(firm.asUser(), `${head}\n${row}\n`)).toMatchObject({ created: 0, suppressed: 1 });
  });

  it("run again, gives the same certificate and does nothing", async () => {
    const events = (await eventsOf(firm)).length;
    const again = await erase(firm, who.leadId);
    expect(again).toEqual({ certificate, isNew: false });
    expect((await eventsOf(firm)).length).toBe(events);
    await expect(erase(firm, newId())).rejects.toThrow("has no lead");
  });

  // Seen red without: the look for leads that are there again.
  it("is erased again after a restore to a moment before", async () => {
    await asOwner(firm.id, async (client) => {
      for (const table of ["suppression", "person_erasure"])
        await client.query(`DELETE FROM ${table} WHERE tenant_id = $1`, [firm.id]);
    });
    expect(await post(firm, who)).toBe("created");
    const replayed = await replayErasures(ownerUrl, "ops@console");
    expect(replayed).toMatchObject({ leads: 1, unfinished: 0 });
    expect(replayed.tombstones).toBe(certificate.tombstones.length);
    expect(await post(firm, who)).toBe("suppressed");
    expect(await replayErasures(ownerUrl, "ops@console")).toMatchObject({ leads: 0, tombstones: 0 });
  });
});

describe("at every firm", () => {
  it("the same record goes everywhere, and a firm that has none is told not to take it", async () => {
    const [firm, other, third] = [await makeFirm(), await makeFirm(), await makeFirm()];
    const sourceId = `form-${newId()}`;
    const leads = [formOf({ canary: "Okafor", sourceId })];
    for (const each of [firm, other]) await ingestLeads(each.asKey(), { source: "topics.travis", leads });
    const [leadId = ""] = await leadsOf(firm, "topics.travis", sourceId);
    const done = await eraseEverywhere(ordered(firm), leadId, [firm, other, third]);
    expect(done.map(({ certificate }) => [certificate.firm.slug, certificate.leadId !== null])).toEqual(
      [
        [other.slug, true],
        [other.slug, false],
        [third.slug, false],
        [firm.slug, true],
      ].filter(([slug, isLead]) => slug !== other.slug || isLead),
    );
    for (const each of [firm, other, third])
      expect(await ingestLeads(each.asKey(), { source: "topics.travis", leads })).toMatchObject({
        suppressed: 1,
        created: 0,
      });
  });
});

describe("by command", () => {
  // Seen red without: the question for --yes; assertNamesNobody.
  it("finds by name, cause or source id, asks before it erases, and shows the certificate again", async () => {
    const firm = await makeFirm();
    const sourceId = `form-${newId()}`;
    await ingestLeads(firm.asKey(), { source: "topics.travis", leads: [formOf({ canary: "Lindqvist", sourceId })] });
    const [leadId = ""] = await leadsOf(firm, "topics.travis", sourceId);
    for (const asked of [
      ["--name", "lindqvist quinn"],
      ["--cause", "c-lindqvist"],
      ["--source-id", sourceId],
    ]) {
      const found = await type("person", "find", firm.slug, ...asked);
      expect(found).toMatchObject({ code: 0, error: expect.stringMatching(/^Of \S+$/) });
      expect(found.out).toContain(`${firm.slug}  ${leadId}  Travis  arrested 2026-11-20  from topics.travis`);
      expect(found.out.toLowerCase()).not.toContain("lindqvist");
    }
    expect((await type("person", "find", firm.slug, "--name", "nobody")).out).toContain("No lead matches");
    const how = ["person", "erase", firm.slug, leadId, "--because", "expunction"];
    expect(await type(...how)).toMatchObject({ code: 64, error: expect.stringContaining("--order is missing") });
    expect((await type(...how, "--order", "Lindqvist 1", "--yes")).error).toContain("names the person");
    expect((await type(...how, "--order", "C-LINDQVIST", "--yes")).code).toBe(64);
    const order = ["--order", "EX-26-1"];
    expect(await type(...how, ...order)).toMatchObject({ code: 1, out: expect.stringContaining("Nothing was erased") });
    expect(await leadsOf(firm, "topics.travis", sourceId)).toEqual([leadId]);
    const done = await type(...how, ...order, "--yes");
    expect(done).toMatchObject({ code: 0, error: expect.stringMatching(/^Of \S+$/) });
    expect(done.out).toContain("an order of expunction, EX-26-1");
    const [number] = /Certificate (\S+)/.exec(done.out) ?? [];
    const again = await type(...how, ...order, "--yes");
    expect(again.out).toContain("was erased already");
    expect(again.out).toContain(number);
    expect((await type("person", "replay")).out).toContain("0 leads were there again");
  });
});

const waitsForTurn = () =>
  withClient(adminUrl, async (client) => {
    const { rowCount } = await client.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
    return rowCount === 1;
  });

describe("while the source is being read", () => {
  it("a batch under way ends first, and none brings the person back", async () => {
    const firm = await makeFirm();
    const source = "topics.travis";
    for (let round = 0; round < 2; round++) {
      const who = { canary: `Race${round}`, sourceId: `race-${round}`, source };
      await ingestLeads(firm.asKey(), { source, leads: [formOf(who)] });
      const [leadId = ""] = await leadsOf(firm, source, who.sourceId);
      const amended = (count: number) => ({ ...formOf(who), charges: [{ offense: "DWI", bailCents: 60_000 + count }] });
      await Promise.all([
        erase(firm, leadId),
        ...[1, 2, 3].map((count) =>
          ingestLeads(firm.asKey(undefined, systemClock), { source, leads: [amended(count)] }),
        ),
      ]);
      expect(await leadsOf(firm, source, who.sourceId)).toEqual([]);
    }
  });

  // Seen red without: lockSources in eraseRows; the shared lock in lockSource. With: one that is not shared.
  it("waits for batches under way, also of a source that never came before, and they do not wait for each other", async () => {
    const firm = await makeFirm();
    const who = { canary: "Turn", sourceId: "turn-1", source: "topics.travis" };
    await ingestLeads(firm.asKey(), { source: who.source, leads: [formOf(who)] });
    const [leadId = ""] = await leadsOf(firm, who.source, who.sourceId);
    const tells = async (source: string, meanwhile: () => Promise<unknown>) =>
      inTenant(firm.asKey(), async (tx) => {
        await ingestLeads({ ...firm.asKey(), tx }, { source, leads: [formOf(who)] });
        return meanwhile();
      });
    const erasing = Promise.withResolvers<unknown>();
    await tells("first.feed", async () =>
      tells("second.feed", async () => {
        erasing.resolve(eraseWithAlike(ordered(firm), leadId));
        await vi.waitFor(async () => expect(await waitsForTurn()).toBe(true), 8000);
      }),
    );
    expect(await erasing.promise).toHaveLength(3);
    expect(await leadsOf(firm, "first.feed", who.sourceId)).toEqual([]);
  });
});
