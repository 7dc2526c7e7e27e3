import pg from "pg";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { newId } from "@/lib/core/ids";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { recordEvents } from "@/lib/domain/events/record-events";
import { sealEvents } from "@/lib/domain/events/seal-events";
import { verifyChain } from "@/lib/domain/events/verify-chain";
import { closeDatabase } from "@/lib/platform/db";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { asSuperuser } from "./superuser";

let firm: TestFirm;
const ctx = () => firm.asService();
const record = (count: number) =>
  inTenant(ctx(), (tx) =>
    recordEvents(
      tx,
      ctx(),
      Array.from({ length: count }, (_, index) => ({
        type: "lead.rescored" as const,
        leadId: newId(),
        data: { from: index, to: index + 1, band: "warm" },
      })),
    ),
  );
/**
 * Seals until so many events have their seal. Other test files share the server, and a transaction of theirs that is under way can hold sealing up for a
 * moment, as it may in life.
 */
const sealUntil = async (count: number) => {
  while ((await seals()).length < count) await sealEvents(ctx());
};
const seals = () =>
  asOwner(firm.id, async (client) => {
    const { rows } = await client.query<{ sequence: string; event_id: string; hash: string }>(
      "SELECT sequence, event_id, hash FROM event_seal ORDER BY sequence",
    );
    return rows;
  });

beforeEach(async () => {
  firm = await makeFirm();
});
afterAll(closeDatabase);

describe("sealEvents", () => {
  it("numbers a firm's events without gaps, in the order in which they were committed, and each once", async () => {
    await record(3);
    await record(2);
    await sealUntil(5);
    expect(await sealEvents(ctx())).toBe(0);
    await record(1);
    await sealUntil(6);
    const chain = await seals();
    expect(chain.map((seal) => Number(seal.sequence))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(chain.map((seal) => seal.hash)).size).toBe(6);
    expect(await verifyChain(ctx())).toEqual({ intact: true, sealed: 6, head: { sequence: 6, hash: chain[5]?.hash } });
  });

  it("works off a backlog in portions", async () => {
    await record(2500);
    await sealUntil(1);
    expect(await seals()).toHaveLength(1000);
    await sealUntil(2500);
    expect(await verifyChain(ctx())).toMatchObject({ intact: true, sealed: 2500 });
  });

  it("waits for a transaction that could still commit an earlier event, so that no event is ever left out", async () => {
    const slow = new pg.Client({ connectionString: process.env.DATABASE_URL });
    await slow.connect();
    await slow.query("BEGIN");
    await slow.query("SELECT set_config('app.tenant_id', $1, true)", [firm.id]);
    await slow.query(
      `INSERT INTO event (tenant_id, id, type, actor_type, actor_id, request_id, data, occurred_at)
       VALUES ($1, $2, 'lead.viewed', 'service', 'test', 'r', '{}', now())`,
      [firm.id, newId()],
    );
    await record(2);
    expect(await sealEvents(ctx())).toBe(0);
    await slow.query("COMMIT");
    await slow.end();
    await sealUntil(3);
    expect(await verifyChain(ctx())).toMatchObject({ intact: true, sealed: 3 });
  });

  it("seals each event once when several sealers run at the same time", async () => {
    await record(300);
    await Promise.all(Array.from({ length: 6 }, () => sealEvents(ctx())));
    await sealUntil(300);
    expect(await seals()).toHaveLength(300);
    expect(await verifyChain(ctx())).toMatchObject({ intact: true, sealed: 300 });
  });

  it("keeps firms apart: the same events give another chain, and none of another firm's", async () => {
    await record(1);
    const other = await makeFirm();
    await sealUntil(1);
    expect(await sealEvents(other.asService())).toBe(0);
    expect(await verifyChain(other.asService())).toMatchObject({ intact: true, sealed: 0 });
  });

  it("leaves a chain that the app itself cannot change", async () => {
    await record(1);
    await sealUntil(1);
    await expect(inTenant(ctx(), (tx) => tx.$executeRaw`UPDATE event_seal SET hash = 'x'`)).rejects.toThrow();
    await expect(inTenant(ctx(), (tx) => tx.$executeRaw`DELETE FROM event`)).rejects.toThrow();
  });
});

describe("verifyChain names the first bad row", () => {
  let chain: { sequence: string; event_id: string; hash: string }[];
  const eventAt = (sequence: number) => chain[sequence - 1]?.event_id ?? "";
  const tamper = (sql: string, values: unknown[] = []) => asSuperuser((client) => client.query(sql, values));

  beforeEach(async () => {
    await record(6);
    await sealUntil(6);
    chain = await seals();
  });

  it.each([
    ["what was said", `data = '{"from": 0, "to": 99, "band": "hot"}'`],
    ["who did it", "actor_id = 'somebody else'"],
    ["when it was", "occurred_at = occurred_at + interval '1 microsecond'"],
    ["what it was", "type = 'lead.viewed'"],
    ["whom it was about", "lead_id = NULL"],
  ])("when an event was edited: %s", async (_, change) => {
    await tamper(`UPDATE event SET ${change} WHERE id = $1`, [eventAt(3)]);
    expect(await verifyChain(ctx())).toEqual({ intact: false, sequence: 3, eventId: eventAt(3), problem: "altered" });
  });

  it("when an event was deleted", async () => {
    await tamper("DELETE FROM event WHERE id = $1", [eventAt(4)]);
    expect(await verifyChain(ctx())).toEqual({ intact: false, sequence: 4, eventId: eventAt(4), problem: "removed" });
  });

  it("when an event was deleted together with its seal", async () => {
    await tamper("DELETE FROM event WHERE id = $1", [eventAt(4)]);
    await tamper("DELETE FROM event_seal WHERE event_id = $1", [eventAt(4)]);
    expect(await verifyChain(ctx())).toMatchObject({ intact: false, sequence: 5, problem: "gap" });
  });

  it("when two events were swapped", async () => {
    await tamper(
      `UPDATE event e SET data = o.data FROM event o
       WHERE (e.id = $1 AND o.id = $2) OR (e.id = $2 AND o.id = $1)`,
      [eventAt(2), eventAt(5)],
    );
    expect(await verifyChain(ctx())).toMatchObject({ intact: false, sequence: 2, problem: "altered" });
  });

  it("when two seals were swapped", async () => {
    await tamper("UPDATE event_seal SET sequence = -sequence WHERE tenant_id = $1", [firm.id]);
    await tamper(
      "UPDATE event_seal SET sequence = CASE sequence WHEN -2 THEN 3 WHEN -3 THEN 2 ELSE -sequence END WHERE tenant_id = $1",
      [firm.id],
    );
    expect(await verifyChain(ctx())).toMatchObject({ intact: false, sequence: 2, problem: "altered" });
  });

  it("when an event was put in among the sealed ones", async () => {
    const id = newId();
    await tamper(
      `INSERT INTO event (tenant_id, id, type, actor_type, actor_id, request_id, data, occurred_at, recorded_txid)
       SELECT tenant_id, $1, type, actor_type, actor_id, request_id, data, occurred_at, '4'::xid8 FROM event WHERE id = $2`,
      [id, eventAt(2)],
    );
    expect(await verifyChain(ctx())).toMatchObject({ intact: false, eventId: id, problem: "inserted" });
  });

  it("when the tail was cut off, against a head that was noted elsewhere", async () => {
    const report = await verifyChain(ctx());
    const head = report.intact ? report.head : undefined;
    await tamper("DELETE FROM event WHERE id = ANY($1)", [[eventAt(5), eventAt(6)]]);
    await tamper("DELETE FROM event_seal WHERE event_id = ANY($1)", [[eventAt(5), eventAt(6)]]);
    expect(await verifyChain(ctx(), { head })).toEqual({ intact: false, sequence: 5, eventId: null, problem: "cut" });
    expect(await verifyChain(ctx())).toMatchObject({ intact: true, sealed: 4 });
  });

  it("when the chain was forged anew after a change, against a head that was noted elsewhere", async () => {
    const report = await verifyChain(ctx());
    const head = report.intact ? report.head : undefined;
    await tamper(`UPDATE event SET data = '{"from": 0, "to": 99, "band": "hot"}' WHERE id = $1`, [eventAt(1)]);
    await tamper("DELETE FROM event_seal WHERE tenant_id = $1", [firm.id]);
    await sealUntil(6);
    expect(await verifyChain(ctx())).toMatchObject({ intact: true, sealed: 6 });
    expect(await verifyChain(ctx(), { head })).toMatchObject({ intact: false, sequence: 6, problem: "altered" });
  });

  it("when an event has waited too long for its seal", async () => {
    await tamper("DELETE FROM event_seal WHERE event_id = $1", [eventAt(6)]);
    await tamper("UPDATE event SET occurred_at = now() - interval '2 minutes' WHERE id = $1", [eventAt(6)]);
    expect(await verifyChain(ctx())).toMatchObject({ intact: false, eventId: eventAt(6), problem: "unsealed" });
  });
});
