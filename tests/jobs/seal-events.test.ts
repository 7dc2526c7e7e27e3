import pg from "pg";
import { afterAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { newId } from "@/lib/core/ids";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { sealEvents } from "@/lib/domain/events/seal-events";
import { listUnsealedFirms } from "@/lib/domain/events/unsealed-firms";
import { verifyChain } from "@/lib/domain/events/verify-chain";
import { restAfterLook, runSealer } from "@/lib/jobs/start-sealer";
import { closeDatabase, housePool } from "@/lib/platform/db";
import { log } from "@/lib/platform/log";
import { record, sealsOf, sealUntil } from "../audit/chain";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { until } from "./processes";

let firm: TestFirm;
const ctx = () => firm.asService();
const seals = () => sealsOf(firm);

beforeEach(async () => {
  firm = await makeFirm();
});
afterAll(closeDatabase);

describe("sealEvents", () => {
  it("numbers a firm's events without gaps, in the order in which they were committed, and each once", async () => {
    await record(firm, 3);
    await record(firm, 2);
    await sealUntil(firm, 5);
    expect(await sealEvents(ctx())).toBe(0);
    await record(firm, 1);
    await sealUntil(firm, 6);
    const chain = await seals();
    expect(chain.map((seal) => seal.sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(chain.map((seal) => seal.hash)).size).toBe(6);
    expect(await verifyChain(ctx())).toEqual({
      intact: true,
      agreedUpTo: 0,
      sealed: 6,
      head: { sequence: 6, hash: chain[5]?.hash },
      heads: 0,
      unsealedSince: null,
    });
  });

  it("works off a backlog in portions", async () => {
    await record(firm, 2500);
    await sealUntil(firm, 1);
    expect(await seals()).toHaveLength(1000);
    await sealUntil(firm, 2500);
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
    await record(firm, 2);
    expect(await sealEvents(ctx())).toBe(0);
    await slow.query("COMMIT");
    await slow.end();
    await sealUntil(firm, 3);
    expect(await verifyChain(ctx())).toMatchObject({ intact: true, sealed: 3 });
  });

  it("seals each event once when several sealers run at the same time", async () => {
    await record(firm, 300);
    await Promise.all(Array.from({ length: 6 }, () => sealEvents(ctx())));
    await sealUntil(firm, 300);
    expect(await seals()).toHaveLength(300);
    expect(await verifyChain(ctx())).toMatchObject({ intact: true, sealed: 300 });
  });

  it("keeps firms apart: the same events give another chain, and none of another firm's", async () => {
    await record(firm, 1);
    const other = await makeFirm();
    await sealUntil(firm, 1);
    expect(await sealEvents(other.asService())).toBe(0);
    expect(await verifyChain(other.asService())).toMatchObject({ intact: true, sealed: 0 });
  });

  // Seen red without: shutOnesToo in start-sealer.ts
  it("goes on in a firm that is shut: why it was shut is history too", async () => {
    await asOwner(firm.id, (client) => client.query("UPDATE tenant SET status = 'suspended' WHERE id = $1", [firm.id]));
    await record(firm, 1);
    const stopping = new AbortController();
    const sealer = runSealer(stopping.signal);
    await until(async () => (await seals()).length > 0, "the event is sealed");
    stopping.abort();
    await sealer;
  });

  // Seen red without: the position of the last seal; the look at transactions under way.
  it("asks in one question which firms have something to seal: shut ones too, none whose turn has not come", async () => {
    const [idle, sealed, shut, held] = [await makeFirm(), await makeFirm(), await makeFirm(), await makeFirm()];
    const all = [idle, sealed, shut, held, firm].map(({ id }) => id);
    const slow = new pg.Client({ connectionString: process.env.DATABASE_URL });
    for (const some of [sealed, shut, firm]) await record(some, 2);
    await asOwner(shut.id, (client) => client.query("UPDATE tenant SET status = 'closed' WHERE id = $1", [shut.id]));
    await sealUntil(sealed, 2);
    await slow.connect();
    try {
      await slow.query("BEGIN");
      await slow.query("SELECT pg_current_xact_id()");
      await record(held, 1);
      // A test beside this one may hold a transaction open for a moment.
      await until(async () => (await listUnsealedFirms(all)).length > 1, "events can be sealed");
      expect(await listUnsealedFirms(all)).toEqual([shut.id, firm.id]);
    } finally {
      await slow.end();
    }
    await until(async () => (await listUnsealedFirms(all)).includes(held.id), "the transaction has ended");
    await record(sealed, 1);
    await until(async () => (await listUnsealedFirms([sealed.id])).length === 1, "a later event is seen");
    expect(await listUnsealedFirms([])).toEqual([]);
  });

  // Seen red without: the last line of unsealed_firms.
  it("leaves no firm set behind where it asked", async () => {
    const client = await housePool().connect();
    try {
      await client.query("BEGIN");
      await client.query("SELECT unsealed_firms($1::uuid[])", [[firm.id]]);
      const { rows } = await client.query(
        "SELECT current_setting('app.tenant_id', true) AS firm, (SELECT count(*)::int FROM tenant) AS firms",
      );
      expect([rows[0]?.firm ?? "", rows[0]?.firms]).toEqual(["", 0]);
    } finally {
      await client.query("ROLLBACK");
      client.release();
    }
  });

  it("asks every two seconds, more seldom when the answer takes long, and always within the minute", () => {
    expect([0, 50, 300, 60_000].map(restAfterLook)).toEqual([2000, 2000, 6000, 20_000]);
  });

  // Seen red without: restMs in the catch of start-sealer.ts.
  it("rests as long after a question that took long and failed", async () => {
    const asked = (sql: string) => asOwner(firm.id, (client) => client.query(sql));
    await asked("ALTER FUNCTION unsealed_firms(uuid[]) RENAME TO unsealed_firms_kept");
    onTestFinished(async () => {
      await asked("DROP FUNCTION unsealed_firms(uuid[])");
      await asked("ALTER FUNCTION unsealed_firms_kept(uuid[]) RENAME TO unsealed_firms");
    });
    await asked(`CREATE FUNCTION unsealed_firms(firms uuid[]) RETURNS SETOF uuid LANGUAGE plpgsql
      AS $$ BEGIN PERFORM pg_sleep(0.3); RAISE 'not now'; END $$`);
    await asked("GRANT EXECUTE ON FUNCTION unsealed_firms(uuid[]) TO arrestra_app");
    const complaints = vi.spyOn(log, "error").mockImplementation(() => undefined);
    const stopping = new AbortController();
    const sealer = runSealer(stopping.signal);
    const count = (more: number) => until(async () => complaints.mock.calls.length > more, "it fails", 3000);
    await count(0);
    await expect(count(1)).rejects.toThrow("It did not happen");
    expect(complaints).toHaveBeenCalledWith(
      "the sealer cannot go on for now",
      expect.objectContaining({ errorCode: "P0001" }),
    );
    stopping.abort();
    await sealer;
  });

  it("leaves a chain that the app itself cannot change", async () => {
    await record(firm, 1);
    await sealUntil(firm, 1);
    await expect(inTenant(ctx(), (tx) => tx.$executeRaw`UPDATE event_seal SET hash = 'x'`)).rejects.toThrow();
    await expect(inTenant(ctx(), (tx) => tx.$executeRaw`DELETE FROM event`)).rejects.toThrow();
  });
});
