import Papa from "papaparse";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { LeadFilter } from "@/lib/contracts/leads";
import { fixedClock } from "@/lib/core/clock";
import { LEAD_STATUSES } from "@/lib/core/lead-status";
import type { Ctx } from "@/lib/domain/context/ctx";
import { addContact } from "@/lib/domain/enrichment/contacts";
import { exportLeads } from "@/lib/domain/export/export-leads";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { closeDatabase } from "@/lib/platform/db";
import { addUser, asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { fillWithLeads } from "../setup/many-leads";
import { ownDatabase } from "../setup/own-database";

const clock = fixedClock("2026-11-20T18:00:00Z");
let firm: TestFirm;

beforeEach(async () => {
  firm = await makeFirm();
});
afterAll(closeDatabase);

const form = (sourceId: string, over: object = {}) => ({
  sourceId,
  name: { full: "FICTUS, ROWAN" },
  county: "Travis",
  arrestedAt: "2026-03-10T21:37:00-05:00",
  charges: [{ offense: "DWI 2ND", bailType: "Surety", bailCents: 500_050 }],
  ...over,
});
const ingest = (leads: unknown[]) => ingestLeads(firm.asKey(undefined, clock), { source: "api", leads });
const download = async (over: Partial<LeadFilter> = {}) => {
  const { stream } = await exportLeads(firm.asUser(clock), LeadFilter.parse(over));
  return new Response(stream).text();
};
const read = (csv: string) => Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: true });

describe("exportLeads", () => {
  it("gives RFC 4180 text with CRLF, a header and every lead of the filter in its order", async () => {
    await ingest([form("a", { name: { full: 'QUOTED "Q", COMMA' } }), form("b", { county: "Hays" }), form("c")]);
    const csv = await download({ sort: "bail" });
    expect(csv.endsWith("\r\n")).toBe(true);
    expect(csv.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    const { data, errors } = read(csv);
    expect(errors).toEqual([]);
    expect(data.map((row) => row.source_id).toSorted()).toEqual(["a", "b", "c"]);
    expect(data.find((row) => row.source_id === "a")?.name).toBe('QUOTED "Q", COMMA');
    expect(read(await download({ county: ["Hays"] })).data.map((row) => row.source_id)).toEqual(["b"]);
    expect(read(await download({ q: "quoted" })).data.map((row) => row.source_id)).toEqual(["a"]);
  });

  it("prints county-local time with its zone, and dollars", async () => {
    await ingest([
      form("cdt"),
      form("cst", { arrestedAt: "2026-11-01T01:30:00-06:00" }),
      form("fold", { arrestedAt: "2026-11-01T01:30:00-05:00" }),
      form("mdt", { county: "El Paso", arrestedAt: "2026-07-04T12:00:00Z" }),
      form("mst", { county: "Hudspeth", arrestedAt: "2026-01-04T12:00:00Z" }),
    ]);
    const rows = Object.fromEntries(read(await download()).data.map((row) => [row.source_id, row]));
    expect(rows.cdt?.arrested_at).toBe("2026-03-10 21:37:00 CDT");
    expect(rows.cst?.arrested_at).toBe("2026-11-01 01:30:00 CST");
    expect(rows.fold?.arrested_at).toBe("2026-11-01 01:30:00 CDT");
    expect(rows.mdt?.arrested_at).toBe("2026-07-04 06:00:00 MDT");
    expect(rows.mst?.arrested_at).toBe("2026-01-04 05:00:00 MST");
    expect(rows.cdt?.bail_total).toBe("5000.50");
  });

  it("neutralises formulas and leaves phones and numbers whole", async () => {
    await ingest([
      form("=1+1", {
        name: { full: '=HYPERLINK("http://x"), A' },
        magistrate: "-1+cmd|' /C calc'!A0",
        custodyStatus: "@SUM(A1)",
        labels: ["+15125550100"],
        charges: [{ offense: "line one\nline two\r\nthree" }],
        contacts: [{ kind: "phone", value: "+15125550113" }],
      }),
    ]);
    const [row] = read(await download()).data;
    expect(row).toMatchObject({
      source_id: "'=1+1",
      magistrate: "'-1+cmd|' /C calc'!A0",
      custody_status: "'@SUM(A1)",
      labels: "+15125550100",
      phone: "+15125550113",
      offenses: "line one line two three",
    });
    expect(row?.name?.startsWith("'=")).toBe(true);
  });

  it("neutralises what a spreadsheet of another alphabet reads as a formula", async () => {
    await ingest([form("1", { magistrate: "＝1+1", custodyStatus: "＠SUM(A1)", labels: ["－1", "＋1"] })]);
    const [row] = read(await download()).data;
    expect(row).toMatchObject({ magistrate: "'＝1+1", custody_status: "'＠SUM(A1)", labels: "'－1 | ＋1" });
  });

  it("leaves letters of any alphabet as they are", async () => {
    await ingest([form("1", { magistrate: "Éowyn 🎈", custodyStatus: "🎈 balloon" })]);
    const [row] = read(await download()).data;
    expect(row).toMatchObject({ magistrate: "Éowyn 🎈", custody_status: "🎈 balloon" });
  });

  it("decrypts the firm's own contact before the source's", async () => {
    const report = await ingest([form("1", { contacts: [{ kind: "phone", value: "+15125550113" }] }), form("2")]);
    const leadId = report.results[0]?.leadId as string;
    const given = { givenBy: "Sister", basis: "family_contacted_firm", check: false } as const;
    await addContact(firm.asUser(), leadId, { kind: "phone", value: "512 555 0100", ...given });
    await addContact(firm.asUser(), leadId, { kind: "email", value: "Sister@Example.com", ...given });
    const rows = Object.fromEntries(read(await download()).data.map((row) => [row.source_id, row]));
    expect(rows["1"]).toMatchObject({ phone: "+15125550100", email: "sister@example.com" });
    expect(rows["2"]).toMatchObject({ phone: "", email: "" });
  });

  it("records who exported what before the first byte, and how many rows left", async () => {
    await ingest([form("1"), form("2")]);
    const { stream } = await exportLeads(firm.asUser(clock), LeadFilter.parse({ q: "fictus" }));
    const started = (await eventsOf(firm)).at(-1);
    expect(started).toMatchObject({ type: "lead.exported", actor_id: firm.user.id });
    expect(JSON.stringify(started)).not.toMatch(/fictus/i);
    await new Response(stream).text();
    expect((await eventsOf(firm)).at(-1)).toMatchObject({
      type: "lead.export_finished",
      data: { rows: 2, complete: true },
    });
  });

  it("ends the query when the reader leaves, and says that the export is incomplete", async () => {
    await fillWithLeads(ownDatabase.adminUrl, firm.id, 50_000);
    const { stream } = await exportLeads(firm.asUser(clock), LeadFilter.parse({}));
    const reader = stream.getReader();
    await reader.read();
    await reader.read();
    await reader.cancel();
    expect((await eventsOf(firm)).at(-1)).toMatchObject({ type: "lead.export_finished", data: { complete: false } });
    const { rows } = await asOwner(firm.id, (client) =>
      client.query(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE 'COPY %' AND datname = current_database()",
      ),
    );
    expect(rows[0].n).toBe(0);
  });

  // Seen red without: the count of requireFactorForMany.
  it("asks a person for the second factor again before more than 1,000 leads leave, and nobody for fewer, nor a key", async () => {
    await fillWithLeads(ownDatabase.adminUrl, firm.id, 1001);
    const person = firm.asUser(clock);
    clock.advance(11 * 60_000);
    const before = await eventsOf(firm);
    for (const over of [{}, { q: "fictus" }, { status: [...LEAD_STATUSES] }]) {
      await expect(exportLeads(person, LeadFilter.parse(over))).rejects.toMatchObject({ code: "mfa_required" });
    }
    expect(await eventsOf(firm)).toEqual(before);
    const lines = async (ctx: Ctx, over: object) => {
      const { stream } = await exportLeads(ctx, LeadFilter.parse(over));
      return read(await new Response(stream).text()).data.length;
    };
    const allButOne = { to: "2026-11-20T11:55:00Z" };
    expect(await lines(person, allButOne)).toBe(1000);
    expect(await lines(person, { q: "driving" })).toBe(333);
    expect(await lines(firm.asUser(clock), {})).toBe(1001);
    expect(await lines(firm.asKey(undefined, clock), {})).toBe(1001);
  });

  it("counts for a limited member what that member may see", async () => {
    await fillWithLeads(ownDatabase.adminUrl, firm.id, 1500);
    const member = await addUser(firm, { role: "staff", scope: { counties: ["Travis"], classes: [] } });
    const ctx = member.asUser(clock);
    clock.advance(11 * 60_000);
    const { stream } = await exportLeads(ctx, LeadFilter.parse({}));
    expect(read(await new Response(stream).text()).data).toHaveLength(900);
  });

  it("refuses a viewer and gives another firm nothing", async () => {
    await ingest([form("1")]);
    const other = await makeFirm({ role: "viewer" });
    await expect(exportLeads(other.asUser(), LeadFilter.parse({}))).rejects.toMatchObject({ code: "forbidden" });
    const { stream } = await exportLeads(other.asKey(), LeadFilter.parse({}));
    expect(read(await new Response(stream).text()).data).toEqual([]);
  });
});
