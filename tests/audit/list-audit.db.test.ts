import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { AuditQuery } from "@/lib/contracts/audit";
import { type Clock, fixedClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import type { Ctx } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import type { AnyEvent } from "@/lib/domain/events/catalog";
import { recordEvents } from "@/lib/domain/events/record-events";
import { signHead } from "@/lib/domain/events/sign-head";
import { verifyFirm } from "@/lib/domain/events/verify-firm";
import { listAuditActors } from "@/lib/domain/reports/audit/list-actors";
import { listAudit } from "@/lib/domain/reports/audit/list-audit";
import { readChain } from "@/lib/domain/reports/audit/read-chain";
import { jobCtx } from "@/lib/jobs/job-ctx";
import { closeDatabase } from "@/lib/platform/db";
import { addUser, asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { sealsOf, sealUntil, tamper } from "./chain";

let firm: TestFirm;
const leadId = newId();
const record = (ctx: Ctx, ...events: AnyEvent[]) => inTenant(ctx, (tx) => recordEvents(tx, ctx, events));
const at = (time: string): Clock => fixedClock(`2026-11-${time}Z`);
const now = at("20T18:00:00");
const list = (query: Partial<AuditQuery> = {}, ctx = firm.asUser(now)) => listAudit(ctx, AuditQuery.parse(query));
const types = async (query: Partial<AuditQuery>) => (await list(query)).entries.map(({ type }) => type);
const scored: AnyEvent = { type: "lead.rescored", leadId, data: { from: 1, to: 2, band: "warm" } };

beforeEach(async () => {
  firm = await makeFirm();
  const robin = await addUser(firm, { role: "admin", name: "Robin Associate" });
  await record(jobCtx(firm.id, "rescore-due-leads", at("18T05:30:00")), scored);
  await record(firm.asKey(undefined, at("18T12:00:00")), {
    type: "ingest.run_started",
    data: { runId: "r", source: "api" },
  });
  await record(robin.asUser(at("19T06:30:00")), { type: "user.disabled", data: { userId: firm.user.id } });
  await record(firm.asUser(at("20T12:00:00")), { type: "lead.viewed", leadId, data: {} });
});
afterAll(closeDatabase);

describe("the audit trail", () => {
  it("lists what happened, newest first, with the names of those who acted and of whom it speaks", async () => {
    const { entries, names } = await list();
    expect(entries.map(({ type, actor }) => [type, actor.name])).toEqual([
      ["lead.viewed", "Dana Counsel"],
      ["user.disabled", "Robin Associate"],
      ["ingest.run_started", "key Test key"],
      ["lead.rescored", "job rescore-due-leads"],
    ]);
    expect(entries[0]).toMatchObject({ leadId, sequence: null, occurredAt: "2026-11-20T12:00:00.000Z" });
    expect(names[firm.user.id]).toBe("Dana Counsel");
  });

  it("shows each event's number in the chain once it has one", async () => {
    await sealUntil(firm, 4);
    const { entries } = await list();
    expect(entries.map(({ sequence }) => sequence)).toEqual([4, 3, 2, 1]);
    expect(entries.map(({ id }) => id)).toEqual((await sealsOf(firm)).map((seal) => seal.event_id).reverse());
  });

  it("narrows to a group, a kind, somebody, a lead and days of the firm's own time zone", async () => {
    expect(await types({ group: "lead" })).toEqual(["lead.viewed", "lead.rescored"]);
    expect(await types({ type: "user.disabled" })).toEqual(["user.disabled"]);
    expect(await types({ type: "user.disabled", group: "lead" })).toEqual([]);
    expect(await types({ actor: firm.user.id, group: "lead" })).toEqual(["lead.viewed"]);
    expect(await types({ actor: "rescore-due-leads" })).toEqual(["lead.rescored"]);
    expect(await types({ actor: firm.key.id })).toEqual(["ingest.run_started"]);
    expect(await types({ lead: leadId })).toEqual(["lead.viewed", "lead.rescored"]);
    // 05:30 UTC on the 18th is still the 17th in Texas, 06:30 on the 19th is half past midnight.
    expect(await types({ to: "2026-11-17" })).toEqual(["lead.rescored"]);
    expect(await types({ from: "2026-11-19", to: "2026-11-19" })).toEqual(["user.disabled"]);
    expect(await types({ type: "moon.was_full" })).toEqual([]);
  });

  it("counts listing leads among what happens to leads", async () => {
    const data = {
      filter: {
        status: [],
        county: [],
        band: [],
        dateField: "firstSeen",
        sort: "score",
        dir: "desc",
        newSinceMyLastVisit: false,
        qDigest: null,
      },
    } as const;
    await record(firm.asUser(at("20T13:00:00")), {
      type: "leads.listed",
      data: { filter: { ...data.filter, status: [], county: [], band: [] } },
    });
    expect(await types({ group: "lead" })).toEqual(["leads.listed", "lead.viewed", "lead.rescored"]);
  });

  it("pages without leaving out or repeating anything, also among events of one instant", async () => {
    await record(firm.asService(at("19T10:00:00")), scored, scored, scored, scored, scored);
    await tamper(
      "UPDATE event SET occurred_at = occurred_at + interval '7 microseconds' WHERE tenant_id = $1 AND actor_id = 'test' AND id::text > (SELECT min(id::text) FROM event WHERE actor_id = 'test' AND tenant_id = $1)",
      [firm.id],
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page: Awaited<ReturnType<typeof list>> = await list({
        limit: 2,
        group: "lead",
        ...(cursor ? { cursor } : {}),
      });
      seen.push(...page.entries.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
  });

  it("refuses a cursor of another filter, of another firm, and one with an altered place", async () => {
    const { nextCursor } = await list({ limit: 1 });
    const cursor = nextCursor ?? "";
    const other = await makeFirm();
    await expect(list({ limit: 1, cursor, group: "lead" })).rejects.toMatchObject({ code: "unprocessable" });
    await expect(list({ limit: 1, cursor }, other.asUser())).rejects.toMatchObject({ code: "unprocessable" });
    const [binding, , id] = JSON.parse(Buffer.from(cursor, "base64url").toString()) as string[];
    const altered = Buffer.from(JSON.stringify([binding, "yesterday", id])).toString("base64url");
    await expect(list({ limit: 1, cursor: altered })).rejects.toMatchObject({ code: "unprocessable" });
  });

  it("is for owners and admins: nobody else, and no key", async () => {
    const admin = await addUser(firm, { role: "admin" });
    expect((await list({}, admin.asUser(now))).entries).toHaveLength(4);
    for (const role of ["attorney", "staff", "viewer"] as const) {
      const user = await addUser(firm, { role });
      await expect(list({}, user.asUser(now))).rejects.toMatchObject({ code: "forbidden" });
      expect(() => readChain(user.asUser(now))).toThrow("role");
      expect(() => listAuditActors(user.asUser(now))).toThrow("role");
    }
    await expect(list({}, firm.asKey())).rejects.toMatchObject({ code: "forbidden" });
  });

  it("holds nothing of another firm, whatever is asked for", async () => {
    const other = await makeFirm();
    expect((await list({}, other.asUser(now))).entries).toEqual([]);
    for (const query of [
      { lead: leadId },
      { actor: firm.user.id },
      { group: "lead" },
      { type: "user.disabled" },
    ] as const) {
      const { entries, names } = await list(query, other.asUser(now));
      expect(entries.filter(({ type }) => type !== "audit.viewed")).toEqual([]);
      expect(names[firm.user.id]).toBeUndefined();
    }
  });

  // Seen red without: recordThinned in list-audit.ts
  it("records who read it, once per person and filter in five minutes", async () => {
    const views = async () =>
      (await eventsOf(firm)).filter(({ type }) => type === "audit.viewed").map(({ data }) => data);
    await list();
    await list({}, firm.asUser(at("20T18:04:00")));
    await list({ group: "user", actor: "x" });
    expect(await views()).toEqual([{ filter: {} }, { filter: { group: "user", actor: "x" } }]);
    await list({}, firm.asUser(at("20T18:05:00")));
    expect(await views()).toHaveLength(3);
  });
});

describe("what stands beside it", () => {
  it("says how far the chain is sealed, signed and verified, and what is wrong with it", async () => {
    expect(await readChain(firm.asUser())).toEqual({ sealed: null, signed: null, verified: null, problem: null });
    await sealUntil(firm, 4, at("20T12:00:05"));
    await signHead(firm.asService(at("20T12:05:00")));
    await verifyFirm(firm.asService(at("20T12:06:00")));
    const found = await readChain(firm.asUser());
    expect(found).toEqual({
      sealed: { sequence: 4, at: "2026-11-20T12:00:05.000Z" },
      signed: { sequence: 4, at: "2026-11-20T12:05:00.000Z" },
      verified: { sequence: 4, at: "2026-11-20T12:06:00.000Z" },
      problem: null,
    });
    await tamper("UPDATE event SET actor_id = 'x' WHERE tenant_id = $1 AND type = 'user.disabled'", [firm.id]);
    await verifyFirm(firm.asService(at("20T12:07:00")), { isFull: true });
    expect((await readChain(firm.asUser())).problem).toEqual({
      sequence: 3,
      words: "The event, or its seal, is not what was sealed.",
      since: "2026-11-20T12:07:00.000Z",
    });
  });

  it("offers the firm's people and keys to choose from, those that are shut out too", async () => {
    await asOwner(firm.id, (client) => client.query("UPDATE api_key SET revoked_at = now()"));
    const { people, keys } = await listAuditActors(firm.asUser());
    expect(people.map(({ name }) => name)).toEqual(["Dana Counsel", "Robin Associate"]);
    expect(keys).toEqual([{ id: firm.key.id, name: "Test key" }]);
  });
});
