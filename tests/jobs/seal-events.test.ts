import pg from "pg";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { newId } from "@/lib/core/ids";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { sealEvents } from "@/lib/domain/events/seal-events";
import { verifyChain } from "@/lib/domain/events/verify-chain";
import { runSealer } from "@/lib/jobs/start-sealer";
import { closeDatabase } from "@/lib/platform/db";
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

  it("leaves a chain that the app itself cannot change", async () => {
    await record(firm, 1);
    await sealUntil(firm, 1);
    await expect(inTenant(ctx(), (tx) => tx.$executeRaw`UPDATE event_seal SET hash = 'x'`)).rejects.toThrow();
    await expect(inTenant(ctx(), (tx) => tx.$executeRaw`DELETE FROM event`)).rejects.toThrow();
  });
});
