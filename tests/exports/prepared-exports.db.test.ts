import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { LeadFilter } from "@/lib/contracts/leads";
import { fixedClock } from "@/lib/core/clock";
import type { Ctx } from "@/lib/domain/context/ctx";
import { exportLeads } from "@/lib/domain/export/export-leads";
import { exportAudit } from "@/lib/domain/reports/audit/export-audit";
import { FILES_AT_ONCE, UNDER_WAY_AT_ONCE } from "@/lib/domain/reports/exports/export-row";
import { getExport, listExports } from "@/lib/domain/reports/exports/list-exports";
import { openExport } from "@/lib/domain/reports/exports/open-export";
import { removeExport } from "@/lib/domain/reports/exports/remove-export";
import { closeDatabase } from "@/lib/platform/db";
import { addUser, asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { fillWithLeads } from "../setup/many-leads";
import { ownDatabase } from "../setup/own-database";
import { ask, change, filesOfFirm, jobsFor, prepare, prepared, textOf } from "./house";

const clock = fixedClock("2026-11-20T18:00:00Z");
let firm: TestFirm;
let owner: Ctx;
beforeEach(async () => {
  clock.set("2026-11-20T18:00:00Z");
  firm = await makeFirm();
  owner = firm.asUser(clock);
});
afterAll(closeDatabase);

const fill = (count: number, of: TestFirm = firm) => fillWithLeads(ownDatabase.adminUrl, of.id, count);
const exported = async (text: string) => new Set(text.trim().split("\r\n").slice(1));
const countiesIn = (csv: string) => ["Travis", "Hays"].filter((county) => csv.includes(`,${county},`));
const attorney = (scope?: { counties: ("Travis" | "Hays" | "Bexar")[]; classes: [] }) =>
  addUser(firm, { role: "attorney", ...(scope ? { scope } : {}) });
const setScope = (userId: string, counties: string[]) =>
  change(firm, "UPDATE app_user SET scope_counties = $2 WHERE id = $1", [userId, counties]);
const stale = (ctx: Ctx): Ctx =>
  ctx.actor.type === "user" ? { ...ctx, actor: { ...ctx.actor, factorAt: new Date("2026-11-20T17:00:00Z") } } : ctx;

describe("a prepared export", () => {
  it("holds what the direct download holds, and leaves the same events and one for each fetch", async () => {
    await fill(50);
    const { stream } = await exportLeads(owner, LeadFilter.parse({ county: ["Hays"] }));
    const direct = await new Response(stream).text();
    const asked = await ask(owner, "leads", { county: ["Hays"] });
    expect(asked).toMatchObject({ state: "waiting", kind: "leads", about: "County Hays", rows: 0, bytes: null });
    expect(await jobsFor(firm, asked.id)).toBe(1);
    await expect(openExport(owner, asked.id)).rejects.toMatchObject({ code: "conflict" });
    await prepare(firm, clock, asked.id);
    const rows = (await exported(direct)).size;
    expect(await getExport(owner, asked.id)).toMatchObject({
      state: "ready",
      rowsExpected: rows,
      rows,
      bytes: Buffer.byteLength(direct),
      filename: "arrestra-leads-2026-11-20.csv",
      askedBy: { type: "user", id: firm.user.id, name: "Dana Counsel" },
      expiresAt: "2026-11-21T18:00:00.000Z",
    });
    expect(await textOf(owner, asked.id)).toBe(direct);
    const events = (await eventsOf(firm)).filter(({ data }) => data.exportId === asked.id);
    expect(events.map(({ type, actor_id }) => [type, actor_id])).toEqual([
      ["lead.exported", firm.user.id],
      ["lead.export_finished", "export.prepare"],
      ["export.fetched", firm.user.id],
    ]);
    expect(events[1]?.data).toEqual({ exportId: asked.id, rows, complete: true });
    // Done once is done: the queue may hand the job out again.
    await prepare(firm, clock, asked.id);
    expect((await eventsOf(firm)).filter(({ data }) => data.exportId === asked.id)).toHaveLength(3);
  });

  it("holds the audit trail too, for owners and admins alone", async () => {
    await fill(3);
    await ask(owner);
    const { stream } = await exportAudit(owner, { type: "lead.exported" });
    const id = await prepared(owner, firm, clock, "audit", { type: "lead.exported" });
    expect(await textOf(owner, id)).toBe(await new Response(stream).text());
    const { asUser } = await attorney();
    await expect(ask(asUser(clock), "audit")).rejects.toMatchObject({ code: "forbidden" });
    await expect(ask(firm.asKey(undefined, clock), "audit")).rejects.toMatchObject({ code: "forbidden" });
    // Who was demoted since sees neither the row nor the file.
    const admin = await addUser(firm, { role: "admin" });
    const theirs = await prepared(admin.asUser(clock), firm, clock, "audit");
    const demoted: Ctx = {
      ...admin.asUser(clock),
      actor: { type: "user", id: admin.id, role: "staff", sessionId: "s" },
    };
    await expect(getExport(demoted, theirs)).rejects.toMatchObject({ code: "not_found" });
    await expect(openExport(demoted, theirs)).rejects.toMatchObject({ code: "not_found" });
  });

  it("is refused to viewers, and to keys without the scope or with a visit", async () => {
    const viewer = await addUser(firm, { role: "viewer" });
    await expect(ask(viewer.asUser(clock))).rejects.toMatchObject({ code: "forbidden" });
    await expect(listExports(viewer.asUser(clock), { limit: 50 })).rejects.toMatchObject({ code: "forbidden" });
    await expect(ask(firm.asKey(["leads:read"], clock))).rejects.toMatchObject({ code: "forbidden" });
    const visit = ask(firm.asKey(undefined, clock), "leads", { newSinceMyLastVisit: true });
    await expect(visit).rejects.toMatchObject({ code: "unprocessable" });
  });

  // Seen red without: `visibleTo`.
  it("is seen by who asked and by owners and admins, and by nobody of another firm", async () => {
    await fill(2);
    const [one, two, other] = [await attorney(), await attorney(), await makeFirm()];
    const id = await prepared(one.asUser(clock), firm, clock);
    const ofKey = await prepared(firm.asKey(undefined, clock), firm, clock);
    const seen = async (ctx: Ctx) => (await listExports(ctx, { limit: 50 })).exports.map((each) => each.id).sort();
    expect(await seen(one.asUser(clock))).toEqual([id]);
    expect(await seen(two.asUser(clock))).toEqual([]);
    expect(await seen(firm.asKey(undefined, clock))).toEqual([ofKey]);
    expect(await seen(owner)).toEqual([id, ofKey].sort());
    expect(await seen(other.asUser(clock))).toEqual([]);
    for (const stranger of [two.asUser(clock), firm.asKey(undefined, clock), other.asUser(clock)]) {
      for (const verb of [getExport, openExport, removeExport])
        await expect(verb(stranger, id)).rejects.toMatchObject({ code: "not_found" });
    }
    expect((await textOf(owner, id)).startsWith("lead_id,")).toBe(true);
    expect(filesOfFirm(firm).sort()).toEqual([id, ofKey].sort().map((each) => expect.stringMatching(`^${each}-`)));
    expect(filesOfFirm(other)).toEqual([]);
  });

  // Seen red without: the factor at asking; at fetching.
  it("asks for a fresh factor for more than 1,000 rows, when it is asked for and when it is fetched", async () => {
    await fill(1001);
    await expect(ask(stale(owner))).rejects.toMatchObject({ code: "mfa_required" });
    const id = await prepared(owner, firm, clock);
    await expect(openExport(stale(owner), id)).rejects.toMatchObject({ code: "mfa_required" });
    expect((await eventsOf(firm)).filter(({ type }) => type === "export.fetched")).toEqual([]);
    const small = await prepared(stale(owner), firm, clock, "leads", { q: "FICTUS 7" });
    expect(await textOf(stale(owner), small)).toContain("FICTUS 7");
  });

  it("keeps what was searched for sealed, and says it nowhere in words", async () => {
    const { id } = await ask(owner, "leads", { q: "MIRABELLE", band: ["hot"], status: ["mail_queued"] });
    const row = await asOwner(firm.id, async (client) => {
      const { rows } = await client.query("SELECT * FROM file_export WHERE id = $1", [id]);
      return rows[0] as Record<string, unknown>;
    });
    expect(row.about).toBe("Status Mail queued · band hot · with a search");
    expect(JSON.stringify(row)).not.toContain("MIRABELLE");
    expect(JSON.stringify(await eventsOf(firm))).not.toContain("MIRABELLE");
  });
});

describe("the limits of a member", () => {
  beforeEach(() => fill(20));

  it("hold in the file as they were when it was asked for, though they were widened since", async () => {
    const member = await attorney({ counties: ["Travis"], classes: [] });
    const { id } = await ask(member.asUser(clock));
    await setScope(member.id, []);
    await prepare(firm, clock, id);
    expect(countiesIn(await textOf(member.asUser(clock), id))).toEqual(["Travis"]);
  });

  // Seen red without: `scopeOf(asker)` in findReach.
  it("hold as they are when it is made, though they were wider before", async () => {
    const member = await attorney();
    const { id } = await ask(member.asUser(clock));
    await setScope(member.id, ["Hays"]);
    await prepare(firm, clock, id);
    expect(countiesIn(await textOf(owner, id))).toEqual(["Hays"]);
  });

  it("leave nothing of a file when they have nothing in common any more", async () => {
    const member = await attorney({ counties: ["Travis"], classes: [] });
    const { id } = await ask(member.asUser(clock));
    await setScope(member.id, ["Hays"]);
    await prepare(firm, clock, id);
    expect(await getExport(owner, id)).toMatchObject({
      state: "failed",
      problem: expect.stringContaining("other leads"),
    });
    expect(filesOfFirm(firm)).toEqual([]);
  });

  // Seen red without: `isWithin` in openExport.
  it("hold when the file is fetched", async () => {
    const member = await attorney({ counties: ["Travis", "Hays"], classes: [] });
    const id = await prepared(member.asUser(clock), firm, clock);
    const narrowed = { ...member.asUser(clock) };
    const now: Ctx = {
      ...narrowed,
      actor: { ...narrowed.actor, scope: { counties: ["Hays"], classes: [] } } as Ctx["actor"],
    };
    await expect(openExport(now, id)).rejects.toMatchObject({ code: "forbidden" });
    expect(countiesIn(await textOf(member.asUser(clock), id))).toEqual(["Travis", "Hays"]);
  });

  // Seen red without: the checks of findAsker and findReach.
  it.each([
    ["was disabled", "UPDATE app_user SET disabled_at = now() WHERE id = $1"],
    ["became a viewer", "UPDATE app_user SET role = 'viewer' WHERE id = $1"],
  ])("end a file whose asker %s since", async (_, sql) => {
    const member = await attorney();
    const { id } = await ask(member.asUser(clock));
    await change(firm, sql, [member.id]);
    await prepare(firm, clock, id);
    expect(await getExport(owner, id)).toMatchObject({
      state: "failed",
      problem: expect.stringContaining("no longer"),
    });
    expect((await eventsOf(firm)).at(-1)).toMatchObject({ type: "lead.export_finished", data: { complete: false } });
  });

  it.each([
    ["key was revoked", "UPDATE api_key SET revoked_at = now() WHERE id = $1"],
    ["key lost the scope", "UPDATE api_key SET scopes = '{leads:read}' WHERE id = $1"],
  ])("end a file whose %s since", async (_, sql) => {
    const { id } = await ask(firm.asKey(undefined, clock));
    await change(firm, sql, [firm.key.id]);
    await prepare(firm, clock, id);
    expect(await getExport(owner, id)).toMatchObject({ state: "failed" });
  });
});

describe("what a firm may have", () => {
  // Seen red without: requireRoom; its lock.
  it("is a few exports under way, also when they are asked for at once", async () => {
    const asked = await Promise.allSettled(Array.from({ length: UNDER_WAY_AT_ONCE + 3 }, () => ask(owner)));
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(UNDER_WAY_AT_ONCE);
    const refused = asked.find((each): each is PromiseRejectedResult => each.status === "rejected");
    expect(refused?.reason).toMatchObject({ code: "rate_limited" });
    const { exports } = await listExports(owner, { limit: 50 });
    await prepare(firm, clock, exports[0]?.id ?? "");
    await expect(ask(owner)).resolves.toMatchObject({ state: "waiting" });
  });

  it("is so many files, listed in pages", async () => {
    for (let index = 0; index < FILES_AT_ONCE; index += 1) {
      clock.advance(1000);
      await prepared(owner, firm, clock);
    }
    await expect(ask(owner)).rejects.toMatchObject({ code: "rate_limited" });
    const first = await listExports(owner, { limit: 15 });
    const second = await listExports(owner, { limit: 15, cursor: first.nextCursor ?? "" });
    expect([first.exports.length, second.exports.length, second.nextCursor]).toEqual([15, FILES_AT_ONCE - 15, null]);
    const dates = [...first.exports, ...second.exports].map(({ createdAt }) => createdAt);
    expect(dates).toEqual(dates.toSorted().reverse());
    await removeExport(owner, first.exports[0]?.id ?? "");
    await expect(ask(owner)).resolves.toMatchObject({ state: "waiting" });
  });
});
