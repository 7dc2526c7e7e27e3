import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LEAD_SORTS, type LeadDto, LeadFilter, LeadPageQuery } from "@/lib/contracts/leads";
import { fixedClock } from "@/lib/core/clock";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { countLeads, listLeads } from "@/lib/domain/leads/list-leads";
import { closeDatabase } from "@/lib/platform/db";
import { eventsOf, makeFirm, type TestFirm } from "../setup/firms";

const clock = fixedClock("2026-11-20T18:00:00Z");
let firm: TestFirm;
let other: TestFirm;

const offenses = ["DRIVING WHILE INTOXICATED 2ND", "CRIMINAL TRESPASS", "EVADING ARREST DET W/VEH"];
const form = (i: number) => ({
  sourceId: `form-${i}`,
  name: { full: `FICTUS${i}, ÓSCAR` },
  county: i % 3 === 0 ? "Hays" : "Travis",
  ...(i % 7 === 0 ? {} : { arrestedAt: new Date(Date.UTC(2026, 10, 20, 12) - i * 3_600_000).toISOString() }),
  charges: [
    {
      offense: offenses[i % 3],
      ...(i % 5 === 0 ? {} : { bailType: "surety", bailCents: i * 10_000 }),
      causeNumber: `C-1-CR-26-${200000 + i}`,
    },
  ],
});

beforeAll(async () => {
  firm = await makeFirm();
  other = await makeFirm();
  for (const [hours, from, to] of [
    [10, 0, 40],
    [1, 40, 60],
  ] as const) {
    const leads = Array.from({ length: to - from }, (_, i) => form(from + i));
    const observedAt = new Date(clock.now().getTime() - hours * 3_600_000).toISOString();
    await ingestLeads(firm.asKey(undefined, clock), { source: "topics.travis", observedAt, leads });
  }
  await ingestLeads(other.asKey(undefined, clock), { source: "topics.travis", leads: [form(1)] });
});
afterAll(closeDatabase);

const query = (over: object = {}) => LeadPageQuery.parse(over);
const lastVisit = new Date("2026-11-20T12:00:00Z");
const all = async (over: object): Promise<LeadDto[]> => {
  const found: LeadDto[] = [];
  let cursor: string | undefined;
  do {
    const page = await listLeads(
      firm.asUser(clock, lastVisit),
      query({ ...over, limit: 7, ...(cursor ? { cursor } : {}) }),
    );
    found.push(...page.leads);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return found;
};

describe("listLeads", () => {
  it("pages through every lead once, in order, for every sort and direction", async () => {
    const key: Record<(typeof LEAD_SORTS)[number], (lead: LeadDto) => number> = {
      firstSeen: (lead) => Date.parse(lead.firstSeenAt),
      arrested: (lead) => (lead.arrestedAt ? Date.parse(lead.arrestedAt) : Date.UTC(1900, 0, 1)),
      score: (lead) => lead.score,
      bail: (lead) => lead.bail.totalCents ?? -1,
    };
    for (const sort of LEAD_SORTS) {
      for (const dir of ["asc", "desc"] as const) {
        const leads = await all({ sort, dir });
        expect(new Set(leads.map((lead) => lead.id)).size).toBe(60);
        const keys = leads.map(key[sort]);
        expect(keys).toEqual(keys.toSorted((a, b) => (dir === "asc" ? a - b : b - a)));
      }
    }
  });

  it("filters by county, band, status and dates, alone and together", async () => {
    expect((await all({ county: ["Hays"] })).every((lead) => lead.county === "Hays")).toBe(true);
    expect(await all({ county: ["Hays"] })).toHaveLength(20);
    expect(await all({ county: ["Hays", "Travis"], status: ["new"] })).toHaveLength(60);
    expect(await all({ status: ["retained"] })).toEqual([]);
    const hot = await all({ band: ["hot"] });
    expect(hot.every((lead) => lead.band === "hot" && lead.score >= 70)).toBe(true);
    expect(await all({ from: "2026-11-20T12:00:00Z" })).toHaveLength(20);
    expect(await all({ from: "2026-11-20", to: "2026-11-20" })).toHaveLength(60);
    expect(await all({ to: "2026-11-19" })).toEqual([]);
    const arrests = await all({ dateField: "arrested", to: "2026-11-19T12:00:01Z" });
    expect(arrests.length).toBeGreaterThan(0);
    expect(arrests.every((lead) => lead.arrestedAt && lead.arrestedAt <= "2026-11-19T12:00:01.000Z")).toBe(true);
  });

  it("finds a name without its accents, a cause number and an offense", async () => {
    expect(await all({ q: "oscar fictus17" })).toMatchObject([{ sourceId: "form-17" }]);
    expect(await all({ q: "200042" })).toMatchObject([{ sourceId: "form-42" }]);
    expect(await all({ q: "evading arrest" })).toHaveLength(20);
    expect(await all({ q: "evading arrest", county: ["Hays"] })).toHaveLength(0);
    expect(await all({ q: "100%" })).toEqual([]);
    expect(await all({ q: "\\" })).toEqual([]);
    expect(await all({ q: "_" })).toEqual([]);
  });

  it("shows what is new since the last visit, to users only", async () => {
    const fresh = await all({ newSinceMyLastVisit: true });
    expect(fresh).toHaveLength(20);
    expect(fresh.every((lead) => lead.isNew)).toBe(true);
    expect((await all({})).filter((lead) => lead.isNew)).toHaveLength(20);
    await expect(listLeads(firm.asKey(), query({ newSinceMyLastVisit: true }))).rejects.toMatchObject({
      code: "unprocessable",
      invalidParams: [{ name: "newSinceMyLastVisit" }],
    });
  });

  it("counts by band what the list shows", async () => {
    for (const over of [{}, { county: ["Hays"] }, { q: "trespass" }] as Partial<LeadFilter>[]) {
      const counts = await countLeads(firm.asUser(clock), LeadFilter.parse(over));
      const leads = await all(over);
      expect(counts).toEqual({
        total: leads.length,
        hot: leads.filter((lead) => lead.band === "hot").length,
        warm: leads.filter((lead) => lead.band === "warm").length,
        cool: leads.filter((lead) => lead.band === "cool").length,
        capped: false,
      });
    }
  });

  it("refuses a cursor of another firm or another filter", async () => {
    const page = await listLeads(firm.asUser(clock), query({ limit: 5 }));
    const cursor = page.nextCursor as string;
    await expect(listLeads(other.asUser(clock), query({ limit: 5, cursor }))).rejects.toMatchObject({
      code: "unprocessable",
    });
    await expect(listLeads(firm.asUser(clock), query({ sort: "bail", cursor }))).rejects.toMatchObject({
      code: "unprocessable",
    });
    await expect(listLeads(firm.asUser(clock), query({ cursor: "garbage" }))).rejects.toMatchObject({
      invalidParams: [{ name: "cursor" }],
    });
  });

  it("shows a firm its own leads only", async () => {
    const page = await listLeads(other.asUser(clock), query());
    expect(page.leads).toHaveLength(1);
    const [own] = page.leads;
    await expect(
      changeLeadStatus(firm.asUser(clock), { leadId: own?.id as string, to: "reviewed" }),
    ).rejects.toMatchObject({ code: "not_found" });
  });

  it("counts a search of exactly as many leads as it counts at most, and says when there are more", async () => {
    const busy = await makeFirm();
    const key = busy.asKey(undefined, clock);
    const leads = Array.from({ length: 1000 }, (_, i) => form(i));
    const counted = () => countLeads(busy.asUser(clock), LeadFilter.parse({ q: "oscar" }));
    await ingestLeads(key, { source: "topics.travis", leads });
    expect(await counted()).toMatchObject({ total: 1000, capped: false });
    await ingestLeads(key, { source: "topics.travis", leads: [form(1000)] });
    expect(await counted()).toMatchObject({ total: 1000, capped: true });
  });

  it("records a reading once in five minutes, and never the words searched for", async () => {
    const quiet = await makeFirm();
    for (let i = 0; i < 3; i += 1) await listLeads(quiet.asUser(clock), query({ q: "Fictus Secret" }));
    const events = await eventsOf(quiet);
    expect(events.map((event) => event.type)).toEqual(["leads.listed"]);
    expect(JSON.stringify(events)).not.toMatch(/secret/i);
    const later = fixedClock(new Date(clock.now().getTime() + 6 * 60_000));
    await listLeads(quiet.asUser(later), query({ q: "Fictus Secret" }));
    expect(await eventsOf(quiet)).toHaveLength(2);
  });
});
