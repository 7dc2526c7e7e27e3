import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { IngestEnvelope } from "@/lib/contracts/ingest";
import { fixedClock } from "@/lib/core/clock";
import { getLeadDetail } from "@/lib/domain/leads/get-lead";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { finishIngestRun, startIngestRun } from "@/lib/domain/leads/ingest-runs";
import { listKnown } from "@/lib/domain/leads/list-known";
import { suppressionDigest } from "@/lib/domain/leads/suppression";
import { closeDatabase } from "@/lib/platform/db";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";

const clock = fixedClock("2026-11-20T12:00:00Z");
let firm: TestFirm;

const form = (sourceId: string, over: object = {}) => ({
  sourceId,
  name: { full: "FICTUS, ROWAN ELLIS" },
  county: "Travis",
  arrestedAt: "2026-11-20T04:00:00-06:00",
  charges: [{ offense: "DRIVING WHILE INTOXICATED 2ND", level: "MA", bailType: "Surety", bailCents: 500_000 }],
  ...over,
});
const batch = (leads: unknown[], over: Partial<IngestEnvelope> = {}): IngestEnvelope => ({
  source: "topics.travis",
  leads,
  ...over,
});
const ingest = (leads: unknown[], over: Partial<IngestEnvelope> = {}) =>
  ingestLeads(firm.asKey(undefined, clock), batch(leads, over));
const eventTypes = async (leadId?: string) => (await eventsOf(firm, leadId)).map((event) => event.type);

beforeEach(async () => {
  clock.set("2026-11-20T12:00:00Z");
  firm = await makeFirm();
});
afterAll(closeDatabase);

describe("ingestLeads", () => {
  it("creates a lead with its charges, score and event", async () => {
    const report = await ingest([form("1")]);
    expect(report).toMatchObject({ received: 1, created: 1, updated: 0, unchanged: 0, rejected: 0 });
    const leadId = report.results[0]?.leadId as string;
    const { lead, charges } = await getLeadDetail(firm.asUser(clock), leadId);
    expect(lead).toMatchObject({ name: "FICTUS, ROWAN ELLIS", county: "Travis", status: "new", topClass: "MA" });
    expect(lead.bail.totalCents).toBe(500_000);
    expect(lead.score).toBe(lead.scoreReasons.reduce((sum, reason) => sum + reason.points, 0));
    expect(charges).toHaveLength(1);
    expect(await eventTypes(leadId)).toEqual(["lead.ingested", "lead.viewed"]);
  });

  it("returns the first lead again when the same form is posted twice, and records nothing", async () => {
    const first = await ingest([form("1")]);
    const before = await eventTypes();
    clock.advance(60_000);
    const second = await ingest([form("1")]);
    expect(second).toMatchObject({ created: 0, unchanged: 1 });
    expect(second.results[0]?.leadId).toBe(first.results[0]?.leadId);
    expect(await eventTypes()).toEqual(before);
  });

  it("records typed changes when bail, cause number and charges move, and keeps what was on the form before", async () => {
    const first = await ingest([form("1")]);
    const leadId = first.results[0]?.leadId as string;
    clock.advance(3_600_000);
    const report = await ingest([
      form("1", {
        charges: [
          {
            offense: "DRIVING WHILE INTOXICATED 2ND",
            level: "MA",
            bailType: "Personal",
            bailCents: 0,
            causeNumber: "C-1-CR-26-201234",
          },
          { offense: "UNL CARRYING WEAPON", bailType: "Denied" },
        ],
      }),
    ]);
    expect(report).toMatchObject({ updated: 1 });
    expect((await eventTypes(leadId)).slice(1)).toEqual([
      "lead.charge_added",
      "lead.bail_changed",
      "lead.cause_number_assigned",
    ]);
    const { tape, lead } = await getLeadDetail(firm.asUser(clock), leadId);
    expect(tape.columns).toHaveLength(2);
    expect(tape.rows[0]?.cells).toEqual([
      { bailType: "surety", bailCents: 500_000, changed: false },
      { bailType: "personal", bailCents: 0, changed: true },
    ]);
    expect(tape.rows[1]?.cells[0]).toBeNull();
    expect(lead.bail).toMatchObject({ totalCents: 0, previousTotalCents: 500_000, deniedCount: 1 });
  });

  it("does not call a form changed because its charges stand in another order", async () => {
    const a = { offense: "A", bailCents: 100 };
    const b = { offense: "B", bailCents: 200 };
    await ingest([form("1", { charges: [a, b] })]);
    expect(await ingest([form("1", { charges: [b, a] })])).toMatchObject({ unchanged: 1 });
  });

  it("never touches what the firm owns when a form is seen again", async () => {
    const first = await ingest([form("1")]);
    const leadId = first.results[0]?.leadId as string;
    await asOwner(firm.id, (c) =>
      c.query("UPDATE lead SET status = 'qualified', version = 4, contact_state = 'mobile_valid'"),
    );
    clock.advance(1000);
    await ingest([form("1", { magistrate: "Judge Invented" })]);
    const { rows } = await asOwner(firm.id, (c) =>
      c.query("SELECT status, version, contact_state FROM lead WHERE id = $1", [leadId]),
    );
    expect(rows[0]).toEqual({ status: "qualified", version: 4, contact_state: "mobile_valid" });
  });

  it("rejects a bad row with its field and reason and takes the others", async () => {
    const report = await ingest([
      form("1"),
      form("2", { charges: [{ offense: "A", bailCents: -1 }] }),
      form("3", { county: "Narnia" }),
      { sourceId: "4" },
      "not a lead",
      form("6", { name: { full: "NUL\u0000" } }),
      form("7", { name: { full: "\ud800" } }),
      form("8", { arrestedAt: "2026-11-22T12:00:00Z" }),
      form("9", { contacts: [{ kind: "phone", value: "hello" }] }),
      form("10", { surprise: 1 }),
    ]);
    expect(report).toMatchObject({ received: 10, created: 1, rejected: 9 });
    expect(report.results.map((row) => row.problem?.field)).toEqual([
      undefined,
      "charges[0].bailCents",
      "county",
      "name",
      "lead",
      "name.full",
      "name.full",
      "arrestedAt",
      "contacts[0].value",
      "surprise",
    ]);
    expect(report.results.every((row, i) => row.index === i)).toBe(true);
  });

  it("counts a juvenile and keeps nothing of them", async () => {
    const report = await ingest([form("1", { dateOfBirth: "2009-11-21" }), form("2", { dateOfBirth: "2009-11-20" })]);
    expect(report).toMatchObject({ rejected: 1, created: 1 });
    expect(report.results[0]?.problem).toMatchObject({ code: "juvenile", field: "dateOfBirth" });
    const { rows } = await asOwner(firm.id, (c) => c.query("SELECT source_id FROM lead"));
    expect(rows).toEqual([{ source_id: "2" }]);
    const batches = await asOwner(firm.id, (c) => c.query("SELECT juvenile, rejected FROM ingest_batch"));
    expect(batches.rows).toEqual([{ juvenile: 1, rejected: 1 }]);
  });

  it("keeps nothing of a juvenile whom only the last of several rows shows as one", async () => {
    const report = await ingest([
      form("1"),
      form("1", { dateOfBirth: "2012-01-01" }),
      form("2"),
      form("2", { county: "?" }),
    ]);
    expect(report.results.map(({ outcome }) => outcome)).toEqual(["superseded", "rejected", "created", "rejected"]);
    const leads = await asOwner(firm.id, (c) => c.query("SELECT source_id FROM lead"));
    expect(leads.rows).toEqual([{ source_id: "2" }]);
  });

  it("lets the last of a repeated source id win and calls the earlier ones superseded", async () => {
    const report = await ingest([form("1", { magistrate: "First" }), form("1", { magistrate: "Last" })]);
    expect(report).toMatchObject({ created: 1, superseded: 1 });
    expect(report.results.map((row) => row.outcome)).toEqual(["superseded", "created"]);
    const { lead } = await getLeadDetail(firm.asUser(clock), report.results[1]?.leadId as string);
    expect(lead.magistrate).toBe("Last");
  });

  it("keeps an older observation without changing a current fact", async () => {
    const first = await ingest([form("1", { magistrate: "Now" })]);
    const leadId = first.results[0]?.leadId as string;
    const older = await ingest([form("1", { magistrate: "Then" })], { observedAt: "2026-11-19T12:00:00Z" });
    expect(older).toMatchObject({ unchanged: 1 });
    await ingest([form("1", { magistrate: "Then" })], { observedAt: "2026-11-19T12:00:00Z" });
    expect((await getLeadDetail(firm.asUser(clock), leadId)).lead.magistrate).toBe("Now");
    const kept = await asOwner(firm.id, (c) =>
      c.query("SELECT payload->>'magistrate' AS m FROM observation ORDER BY observed_at"),
    );
    expect(kept.rows.map((row) => row.m)).toEqual(["Then", "Now"]);
  });

  it("marks a withdrawn form, takes it back when it is seen again, and refuses to withdraw what it never saw", async () => {
    const first = await ingest([form("1")]);
    const leadId = first.results[0]?.leadId as string;
    clock.advance(1000);
    const gone = { sourceId: "1", withdrawnAt: "2026-11-20T12:00:00Z" };
    const report = await ingest([gone, { ...gone, sourceId: "2" }]);
    expect(report).toMatchObject({ updated: 1, rejected: 1 });
    expect(report.results[1]?.problem?.field).toBe("sourceId");
    expect((await getLeadDetail(firm.asUser(clock), leadId)).lead.withdrawnAt).toBe("2026-11-20T12:00:00.000Z");
    expect(await ingest([gone])).toMatchObject({ unchanged: 1 });
    clock.advance(1000);
    expect(await ingest([form("1")])).toMatchObject({ updated: 1 });
    expect((await getLeadDetail(firm.asUser(clock), leadId)).lead.withdrawnAt).toBeNull();
    expect(await eventTypes(leadId)).toEqual(["lead.ingested", "lead.withdrawn", "lead.viewed", "lead.reinstated"]);
  });

  it("never resurrects a destroyed record", async () => {
    const digest = suppressionDigest(firm.id, "topics.travis", "1");
    await asOwner(firm.id, (c) =>
      c.query("INSERT INTO suppression (tenant_id, digest, reason) VALUES ($1, $2, 'expunction')", [firm.id, digest]),
    );
    expect(await ingest([form("1"), form("2")])).toMatchObject({ suppressed: 1, created: 1 });
  });

  it("stores contacts encrypted, queues a look-up for each and keeps them out of the observation", async () => {
    const report = await ingest([
      form("1", {
        contacts: [
          { kind: "phone", value: "(512) 555-0113" },
          { kind: "email", value: "Family@Example.com" },
        ],
      }),
    ]);
    const leadId = report.results[0]?.leadId as string;
    const { contacts, lead } = await getLeadDetail(firm.asUser(clock), leadId);
    expect(contacts.map((contact) => [contact.kind, contact.value, contact.origin])).toEqual(
      expect.arrayContaining([
        ["phone", "+15125550113", "source"],
        ["email", "family@example.com", "source"],
      ]),
    );
    expect(lead.contact).toBe("checking");
    expect((await eventTypes(leadId))[0]).toBe("lead.ingested");
    const { rows } = await asOwner(firm.id, (c) =>
      c.query(
        "SELECT (SELECT json_agg(c) FROM contact_point c)::text || (SELECT json_agg(o) FROM observation o)::text || (SELECT json_agg(e) FROM event e)::text AS everything, (SELECT count(*)::int FROM enrichment WHERE state = 'pending') AS pending",
      ),
    );
    expect(rows[0].everything).not.toMatch(/5550113|example\.com/i);
    expect(rows[0].pending).toBe(2);
    expect(await ingest([form("1", { contacts: [{ kind: "phone", value: "512-555-0113" }] })])).toMatchObject({
      unchanged: 1,
    });
    expect(await ingest([form("1", { contacts: [{ kind: "phone", value: "512-555-0100" }] })])).toMatchObject({
      updated: 1,
    });
  });

  it("refuses an observation from the future and a run of another firm, naming the field", async () => {
    await expect(ingest([form("1")], { observedAt: "2026-11-20T12:06:00Z" })).rejects.toMatchObject({
      code: "unprocessable",
      invalidParams: [{ name: "observedAt" }],
    });
    const other = await makeFirm();
    const run = await startIngestRun(other.asKey(undefined, clock), { source: "topics.travis" });
    await expect(ingest([form("1")], { runId: run.id })).rejects.toMatchObject({
      code: "unprocessable",
      invalidParams: [{ name: "runId" }],
    });
  });

  it("needs the scope, and never shows one firm's leads to another", async () => {
    await expect(ingestLeads(firm.asKey(["leads:read"], clock), batch([form("1")]))).rejects.toMatchObject({
      code: "forbidden",
    });
    const report = await ingest([form("1")]);
    const other = await makeFirm();
    await expect(getLeadDetail(other.asUser(clock), report.results[0]?.leadId as string)).rejects.toMatchObject({
      code: "not_found",
    });
    const twin = await ingestLeads(other.asKey(undefined, clock), batch([form("1")]));
    expect(twin).toMatchObject({ created: 1 });
    expect((await listKnown(other.asKey(undefined, clock), { source: "topics.travis" })).known).toHaveLength(1);
  });

  it("gives one lead when eight batches with the same new form race", async () => {
    const reports = await Promise.all(Array.from({ length: 8 }, () => ingest([form("1"), form("2")])));
    expect(reports.reduce((sum, report) => sum + report.created, 0)).toBe(2);
    const { rows } = await asOwner(firm.id, (c) => c.query("SELECT count(*)::int AS n FROM lead"));
    expect(rows[0].n).toBe(2);
  });
});

describe("ingest runs", () => {
  it("accounts for every form found and refuses sums that do not add up", async () => {
    const ctx = firm.asKey(undefined, clock);
    const run = await startIngestRun(ctx, { source: "topics.travis", county: "Travis" });
    const counts = { found: 3, new: 1, changed: 1, same: 1, rejected: 0, suppressed: 0, withdrawn: 0 };
    await expect(finishIngestRun(ctx, run.id, { status: "succeeded", ...counts, found: 4 })).rejects.toMatchObject({
      code: "unprocessable",
    });
    const done = await finishIngestRun(ctx, run.id, { status: "succeeded", ...counts });
    expect(done).toMatchObject({ status: "succeeded", found: 3, finishedAt: "2026-11-20T12:00:00.000Z" });
    await finishIngestRun(ctx, run.id, { status: "succeeded", ...counts });
    expect(await eventTypes()).toEqual(["ingest.run_started", "ingest.run_finished"]);
    const other = await makeFirm();
    await expect(finishIngestRun(other.asKey(), run.id, { status: "failed", ...counts })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("says what is known and when to look again, page by page", async () => {
    await ingest(Array.from({ length: 1000 }, (_, i) => form(String(i).padStart(4, "0"))));
    await ingest([form("1000"), form("1001")]);
    const ctx = firm.asKey(undefined, clock);
    const first = await listKnown(ctx, { source: "topics.travis", county: "Travis" });
    expect(first.known).toHaveLength(1000);
    expect(first.known[0]?.nextObserveAt).toBe("2026-11-20T13:00:00.000Z");
    const second = await listKnown(ctx, {
      source: "topics.travis",
      county: "Travis",
      cursor: first.nextCursor as string,
    });
    expect(second).toMatchObject({ known: [{ sourceId: "1000" }, { sourceId: "1001" }], nextCursor: null });
    await expect(listKnown(ctx, { source: "topics.hays", cursor: first.nextCursor as string })).rejects.toMatchObject({
      code: "unprocessable",
    });
  });
});
