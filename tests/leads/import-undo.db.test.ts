import Papa from "papaparse";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { LeadFilter, LeadPageQuery } from "@/lib/contracts/leads";
import { fixedClock } from "@/lib/core/clock";
import { CLOSED_STATUSES, OPEN_STATUSES } from "@/lib/core/lead-status";
import { exportLeads } from "@/lib/domain/export/export-leads";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { countEach } from "@/lib/domain/leads/count-each";
import { getLeadDetail } from "@/lib/domain/leads/get-lead";
import { askUndo } from "@/lib/domain/leads/imports/start-work";
import { undoImport } from "@/lib/domain/leads/imports/undo-import";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { countLeads, listLeads } from "@/lib/domain/leads/list-leads";
import { closeDatabase } from "@/lib/platform/db";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { countsOf, fileOf, imported, jobOf, line, read, undone } from "./import-world";

const TAKEN_BACK = "The import that brought it was taken back";
const clock = fixedClock("2026-11-22T12:00:00Z");
let firm: TestFirm;
let ctx: ReturnType<TestFirm["asUser"]>;
beforeEach(async () => {
  clock.set("2026-11-22T12:00:00Z");
  firm = await makeFirm();
  ctx = firm.asUser(clock);
});
afterAll(closeDatabase);

/** Nothing at all: `{}` would match whatever there is. */
const NONE = expect.toSatisfy((kept: object) => Object.keys(kept).length === 0);
const OPEN: Partial<LeadFilter> = { status: [...OPEN_STATUSES] };
const CLOSED: Partial<LeadFilter> = { status: [...CLOSED_STATUSES] };
const listed = async (filter: Partial<LeadFilter>, of = ctx) =>
  (await listLeads(of, LeadPageQuery.parse({ ...filter, limit: 200 }))).leads;
const idsIn = async (filter: Partial<LeadFilter>, of = ctx) =>
  (await listed(filter, of)).map(({ sourceId }) => sourceId).toSorted();
const exported = async (filter: Partial<LeadFilter>) => {
  const { stream } = await exportLeads(ctx, LeadFilter.parse(filter));
  return Papa.parse<{ source_id: string }>(await new Response(stream).text(), { header: true, skipEmptyLines: true })
    .data.map((row) => row.source_id)
    .toSorted();
};
const leadOf = async (sourceId: string, of = ctx) => {
  const found = (await listed({}, of)).find((lead) => lead.sourceId === sourceId);
  if (!found) throw new Error(`no lead ${sourceId}`);
  return found;
};
const later = (minutes: number) => clock.set(new Date(clock.now().getTime() + minutes * 60_000).toISOString());
const movesOf = async (leadId: string) =>
  (await eventsOf(firm, leadId))
    .filter(({ type }) => type === "lead.status_changed")
    .map(({ data }) => [data.from, data.to]);

describe("leads that an undone import brought", () => {
  // Seen red without: the dismissal in takeBack.
  it("are in no open list, count, search or export; among the closed each says why", async () => {
    await imported(ctx, fileOf(line("kept")));
    later(1);
    const { id } = await imported(ctx, fileOf(line("a"), line("b")));
    const gone = await leadOf("a");
    expect(await idsIn(OPEN)).toEqual(["a", "b", "kept"]);
    later(1);
    expect(await undone(ctx, id)).toMatchObject({ state: "undone", withdrawn: 2, kept: NONE });
    expect(await idsIn(OPEN)).toEqual(["kept"]);
    expect(await idsIn({ ...OPEN, q: "fictus" })).toEqual(["kept"]);
    expect(await idsIn({ ...OPEN, newSinceMyLastVisit: true })).toEqual(["kept"]);
    expect(await exported(OPEN)).toEqual(["kept"]);
    expect(await countLeads(ctx, LeadFilter.parse(OPEN))).toMatchObject({ total: 1, hot: 0, warm: 1, cool: 0 });
    const figures = await countEach(ctx, [LeadFilter.parse(OPEN), LeadFilter.parse(CLOSED)]);
    expect(figures.map(({ total }) => total)).toEqual([1, 2]);
    expect(await idsIn(CLOSED)).toEqual(["a", "b"]);
    const { lead, events } = await getLeadDetail(ctx, gone.id);
    expect(lead).toMatchObject({ status: "dismissed", version: 2, withdrawnAt: expect.any(String) });
    expect(events.find(({ type }) => type === "lead.status_changed")?.data).toMatchObject({
      from: "new",
      to: "dismissed",
      reason: TAKEN_BACK,
      takenBack: { importId: id, version: 2 },
    });
  });

  // Seen red without: isTakenBack in the plan of a batch; with `version > 1` as a reason to keep a lead.
  it("come back as new with the same file, once, and can be taken back again", async () => {
    const file = fileOf(line("a"), line("b"));
    const first = await imported(ctx, file);
    const { id: leadId } = await leadOf("a");
    await undone(ctx, first.id);
    later(1);
    const second = await imported(ctx, file);
    expect(countsOf(second)).toMatchObject({ created: 0, updated: 2, unchanged: 0 });
    expect(await leadOf("a")).toMatchObject({ id: leadId, status: "new", version: 3, withdrawnAt: null });
    expect(await idsIn(OPEN)).toEqual(["a", "b"]);
    const there = [
      ["new", "dismissed"],
      ["dismissed", "new"],
    ];
    expect(await movesOf(leadId)).toEqual(there);
    later(1);
    expect(await undone(ctx, second.id)).toMatchObject({ withdrawn: 2, kept: NONE });
    expect(await movesOf(leadId)).toEqual([...there, ["new", "dismissed"]]);
    later(1);
    expect(countsOf(await imported(ctx, file))).toMatchObject({ updated: 2 });
    later(1);
    expect(countsOf(await imported(ctx, file))).toMatchObject({ updated: 0, unchanged: 2 });
    expect(await leadOf("a")).toMatchObject({ status: "new", version: 5 });
    expect(await movesOf(leadId)).toHaveLength(4);
  });

  it("come back when another sender shows them under their source, and then not a second time", async () => {
    const { id } = await imported(ctx, fileOf(line("a")));
    await undone(ctx, id);
    later(1);
    const lead = { sourceId: "a", name: { full: "FICTUS, ADA" }, county: "Hays", charges: [{ offense: "DWI" }] };
    const send = () => ingestLeads(firm.asKey(undefined, clock), { source: "import.csv", leads: [lead] });
    expect(await send()).toMatchObject({ updated: 1 });
    expect(await leadOf("a")).toMatchObject({ status: "new", version: 3 });
    later(1);
    expect(await send()).toMatchObject({ unchanged: 1 });
    expect(await leadOf("a")).toMatchObject({ status: "new", version: 3 });
  });

  // Seen red without: isTakenBack where a lead counts as unchanged.
  it("leave the open list and come back although the clock of whoever took them back was behind", async () => {
    const file = fileOf(line("a"));
    const { id } = await imported(ctx, file);
    await askUndo(ctx, id);
    await undoImport({ ...jobOf(ctx), clock: fixedClock("2026-11-22T11:59:00Z") }, id);
    expect(await leadOf("a")).toMatchObject({ status: "dismissed", withdrawnAt: null });
    later(1);
    expect(countsOf(await imported(ctx, file))).toMatchObject({ updated: 1 });
    expect(await leadOf("a")).toMatchObject({ status: "new" });
  });

  // Seen red without: the version in findKnownLeads.
  it("stay dismissed when a person dismissed them, before the undo or after it, whatever a later file shows", async () => {
    const lines = ["before", "after", "again", "opened"].map((name) => line(name));
    const { id } = await imported(ctx, fileOf(...lines));
    const move = async (sourceId: string, to: "dismissed" | "reviewed") =>
      changeLeadStatus(ctx, { leadId: (await leadOf(sourceId)).id, to, reason: "Conflict" });
    await move("before", "dismissed");
    expect(await undone(ctx, id)).toMatchObject({ withdrawn: 3, kept: { status: 1 } });
    await move("after", "reviewed");
    await move("after", "dismissed");
    await move("opened", "reviewed");
    later(1);
    await imported(ctx, fileOf(...lines));
    expect(await leadOf("again")).toMatchObject({ status: "new" });
    await move("again", "dismissed");
    // A withdrawal, so that the file shows it anew.
    later(1);
    await ingestLeads(firm.asKey(undefined, clock), {
      source: "import.csv",
      leads: ["before", "after", "again"].map((sourceId) => ({ sourceId, withdrawnAt: clock.now().toISOString() })),
    });
    later(1);
    await imported(ctx, fileOf(...lines));
    for (const name of ["before", "after", "again"])
      expect(await leadOf(name), name).toMatchObject({ status: "dismissed", withdrawnAt: null });
    expect(await leadOf("opened")).toMatchObject({ status: "reviewed" });
  });

  it("are those of the firm alone", async () => {
    const other = await makeFirm();
    const file = fileOf(line("a"), line("b"));
    const theirs = await imported(other.asUser(clock), file);
    const { id } = await imported(ctx, file);
    await undone(ctx, id);
    expect(await idsIn(OPEN, other.asUser(clock))).toEqual(["a", "b"]);
    await undone(other.asUser(clock), theirs.id);
    later(1);
    await imported(ctx, file);
    expect(await idsIn(OPEN)).toEqual(["a", "b"]);
    expect(await idsIn(OPEN, other.asUser(clock))).toEqual([]);
  });

  // Seen red without: the rows of lead_import_lead that go with each set.
  it("are each moved once when an undo breaks off between two sets and is taken up again", async () => {
    const { id } = await imported(ctx, fileOf(...Array.from({ length: 600 }, (_, nth) => line(`id-${nth}`))));
    const setVersion = (version: number) =>
      asOwner(firm.id, (client) =>
        client.query(
          "UPDATE lead SET version = $2 WHERE tenant_id = $1 AND id = (SELECT id FROM lead WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1)",
          [firm.id, version],
        ),
      );
    // The last lead cannot be moved: its version is the highest that there is.
    await setVersion(2_147_483_647);
    await askUndo(ctx, id);
    await expect(undoImport(jobOf(ctx), id)).rejects.toThrow();
    expect(await read(ctx, id)).toMatchObject({ state: "undoing", withdrawn: 500 });
    expect(await countLeads(ctx, LeadFilter.parse(OPEN))).toMatchObject({ total: 100 });
    await setVersion(1);
    await undoImport(jobOf(ctx), id);
    await undoImport(jobOf(ctx), id);
    expect(await read(ctx, id)).toMatchObject({ state: "undone", withdrawn: 600, kept: NONE });
    const types = (await eventsOf(firm)).map(({ type }) => type);
    expect(types.filter((type) => type === "lead.status_changed")).toHaveLength(600);
    expect(types.filter((type) => type === "import.undone")).toHaveLength(1);
    expect(await countLeads(ctx, LeadFilter.parse(CLOSED))).toMatchObject({ total: 600 });
  });
});
