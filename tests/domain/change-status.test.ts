import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { LEAD_STATUSES, type LeadStatus, REASON_REQUIRED, STATUS_MOVES } from "@/lib/core/lead-status";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { getLeadDetail } from "@/lib/domain/leads/get-lead";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { closeDatabase } from "@/lib/platform/db";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";

let firm: TestFirm;
let leadId: string;

beforeEach(async () => {
  firm = await makeFirm();
  const lead = {
    sourceId: "1",
    name: { first: "Rowan", last: "Fictus" },
    county: "Travis",
    charges: [{ offense: "DWI" }],
  };
  const report = await ingestLeads(firm.asKey(), { source: "api", leads: [lead] });
  leadId = report.results[0]?.leadId as string;
});
afterAll(closeDatabase);

const setStatus = (status: LeadStatus) =>
  asOwner(firm.id, (client) => client.query("UPDATE lead SET status = $1, version = 1", [status]));
const moves = async () => (await eventsOf(firm, leadId)).filter((event) => event.type === "lead.status_changed");

describe("changeLeadStatus", () => {
  it("moves a lead, raises its version and leaves one event, and shows the reason and the note in its history", async () => {
    const lead = await changeLeadStatus(firm.asUser(), {
      leadId,
      to: "dismissed",
      reason: "Represented",
      note: "Told by clerk",
    });
    expect(lead).toMatchObject({ status: "dismissed", version: 2 });
    expect(await moves()).toMatchObject([{ data: { from: "new", to: "dismissed" }, actor_id: firm.user.id }]);
    const { events } = await getLeadDetail(firm.asUser(), leadId);
    const shown = events.find(({ type }) => type === "lead.status_changed");
    expect(shown?.data).toEqual({ from: "new", to: "dismissed", reason: "Represented", note: "Told by clerk" });
  });

  // Seen red without: ids in the event's place of the words.
  it("keeps the words of a reason and a note sealed and out of the history, so that they go with the lead", async () => {
    await changeLeadStatus(firm.asUser(), { leadId, to: "dismissed", reason: "KINGBIRD", note: "KINGBIRD too" });
    const [move] = await moves();
    const row = { from: "new", to: "dismissed", reasonId: expect.any(String), noteId: expect.any(String) };
    expect(move?.data).toEqual(row);
    const notes = () =>
      asOwner(
        firm.id,
        async (client) => (await client.query("SELECT id, kind, text_cipher FROM lead_note ORDER BY kind")).rows,
      );
    const kept = await notes();
    expect(kept.map(({ id, kind }) => [id, kind])).toEqual([
      [move?.data.noteId, "note"],
      [move?.data.reasonId, "reason"],
    ]);
    expect(JSON.stringify(kept)).not.toContain("KINGBIRD");
    await asOwner(firm.id, (client) => client.query("DELETE FROM lead WHERE id = $1", [leadId]));
    expect(await notes()).toEqual([]);
    expect((await moves()).map(({ data }) => data)).toEqual([row]);
  });

  it("keeps nothing when nothing was said", async () => {
    await changeLeadStatus(firm.asUser(), { leadId, to: "reviewed" });
    expect((await moves())[0]?.data).toEqual({ from: "new", to: "reviewed", reasonId: null, noteId: null });
    const { rows } = await asOwner(firm.id, (client) => client.query("SELECT id FROM lead_note"));
    expect(rows).toEqual([]);
  });

  it("answers the same status again without an event", async () => {
    const lead = await changeLeadStatus(firm.asUser(), { leadId, to: "new" });
    expect(lead).toMatchObject({ status: "new", version: 1 });
    expect(await moves()).toEqual([]);
  });

  it("allows exactly the moves of the table and says why the others are blocked", async () => {
    for (const from of LEAD_STATUSES) {
      for (const to of LEAD_STATUSES.filter((status) => status !== from)) {
        await setStatus(from);
        const move = changeLeadStatus(firm.asUser(), { leadId, to, reason: "because" });
        if (STATUS_MOVES[from].includes(to)) await expect(move).resolves.toMatchObject({ status: to });
        else
          await expect(move).rejects.toMatchObject({
            code: "invalid_transition",
            message: expect.stringMatching(/\w+ .*\./),
          });
      }
    }
  });

  it("asks for a reason where one is needed, naming the field", async () => {
    for (const to of REASON_REQUIRED) {
      await setStatus("responded");
      await expect(changeLeadStatus(firm.asUser(), { leadId, to })).rejects.toMatchObject({
        code: "unprocessable",
        invalidParams: [{ name: "reason" }],
      });
    }
  });

  it("refuses a stale version and changes nothing", async () => {
    await changeLeadStatus(firm.asUser(), { leadId, to: "reviewed", expectedVersion: 1 });
    const stale = changeLeadStatus(firm.asUser(), { leadId, to: "qualified", expectedVersion: 1 });
    await expect(stale).rejects.toMatchObject({ code: "conflict" });
    expect(await moves()).toHaveLength(1);
  });

  it("lets one of two people who act at once win, by version", async () => {
    const both = await Promise.allSettled([
      changeLeadStatus(firm.asUser(), { leadId, to: "reviewed", expectedVersion: 1 }),
      changeLeadStatus(firm.asUser(), { leadId, to: "qualified", expectedVersion: 1 }),
    ]);
    expect(both.map((one) => one.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(await moves()).toHaveLength(1);
  });

  it("refuses a viewer and a key without the scope; another firm finds no such lead", async () => {
    const viewers = await makeFirm({ role: "viewer" });
    await expect(changeLeadStatus(viewers.asUser(), { leadId, to: "reviewed" })).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(changeLeadStatus(firm.asKey(["leads:read"]), { leadId, to: "reviewed" })).rejects.toMatchObject({
      code: "forbidden",
    });
    const other = await makeFirm();
    await expect(changeLeadStatus(other.asUser(), { leadId, to: "reviewed" })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});
