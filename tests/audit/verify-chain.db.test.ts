import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { verifyChain } from "@/lib/domain/events/verify-chain";
import { closeDatabase } from "@/lib/platform/db";
import { makeFirm, type TestFirm } from "../setup/firms";
import { ownDatabase } from "../setup/own-database";
import { fillWithEvents, forge, otherHash, record, type Seal, sealUntil, tamper } from "./chain";

// The damage is done as superuser with every trigger off; the verifier runs as the app would.

let firm: TestFirm;
let chain: Seal[];
const ctx = () => firm.asService();
const eventAt = (sequence: number) => chain[sequence - 1]?.event_id ?? "";
const headAt = (sequence: number) => ({ sequence, hash: chain[sequence - 1]?.hash ?? "" });
const bad = (sequence: number, problem: string, eventId: string | null, agreedUpTo = 0) => ({
  intact: false,
  sequence,
  problem,
  eventId,
  agreedUpTo,
});
const verify = (heads: number[] = []) => verifyChain(ctx(), { heads: heads.map(headAt) });

beforeEach(async () => {
  firm = await makeFirm();
  await record(firm, 3);
  await record(firm, 5);
  chain = await sealUntil(firm, 8);
});
afterAll(closeDatabase);

/** An event as the superuser writes it: beside event no. `like`, in a transaction of the number given. */
async function putIn(like: number, txid: string, id = newId()): Promise<string> {
  await tamper(
    `INSERT INTO event (tenant_id, id, type, actor_type, actor_id, request_id, data, occurred_at, recorded_txid)
     SELECT tenant_id, $1, type, actor_type, actor_id, request_id, data, occurred_at, ${txid} FROM event WHERE id = $2`,
    [id, eventAt(like)],
  );
  return id;
}

it("finds nothing wrong with a chain that nobody touched, against every head that was noted", async () => {
  expect(await verify([2, 5, 8])).toEqual({
    intact: true,
    agreedUpTo: 8,
    sealed: 8,
    head: headAt(8),
    heads: 3,
    unsealedSince: null,
  });
});

describe("the verifier names the first bad row", () => {
  // Seen red without: the comparison of eventHash with the seal's hash.
  it.each([
    ["what was said", `data = '{"from": 0, "to": 99, "band": "hot"}'`],
    ["who did it", "actor_id = 'somebody else'"],
    ["how they came in", "actor_type = 'user'"],
    ["which request it was", "request_id = 'another'"],
    ["when it was", "occurred_at = occurred_at + interval '1 microsecond'"],
    ["what it was", "type = 'lead.viewed'"],
    ["whom it was about", "lead_id = NULL"],
    ["which transaction it came from", "recorded_txid = '999999999'::xid8"],
  ])("when an event was edited: %s", async (_, change) => {
    await tamper(`UPDATE event SET ${change} WHERE id = $1`, [eventAt(3)]);
    expect(await verify()).toEqual(bad(3, "altered", eventAt(3)));
  });

  it("when a seal was edited", async () => {
    await tamper("UPDATE event_seal SET hash = $2 WHERE event_id = $1", [eventAt(3), otherHash("x")]);
    expect(await verify()).toEqual(bad(3, "altered", eventAt(3)));
  });

  // Seen red without: the look whether an event stands at the seal's place.
  it("when an event was deleted", async () => {
    await tamper("DELETE FROM event WHERE id = $1", [eventAt(4)]);
    expect(await verify()).toEqual(bad(4, "removed", eventAt(4)));
  });

  it("when an event was given to another firm", async () => {
    const other = await makeFirm();
    await tamper("UPDATE event SET tenant_id = $2 WHERE id = $1", [eventAt(4), other.id]);
    expect(await verify()).toEqual(bad(4, "removed", eventAt(4)));
    expect(await verifyChain(other.asService())).toMatchObject({ intact: true, sealed: 0 });
  });

  // Seen red without: the comparison of a seal's number with the one before.
  it("when an event was deleted together with its seal", async () => {
    await tamper("DELETE FROM event WHERE id = $1", [eventAt(4)]);
    await tamper("DELETE FROM event_seal WHERE event_id = $1", [eventAt(4)]);
    expect(await verify()).toEqual(bad(4, "gap", null));
  });

  it("when a seal alone was deleted", async () => {
    await tamper("DELETE FROM event_seal WHERE event_id = $1", [eventAt(4)]);
    expect(await verify()).toEqual(bad(4, "gap", eventAt(4)));
  });

  it("when the first event was deleted together with its seal and every number moved up", async () => {
    await tamper("DELETE FROM event WHERE id = $1", [eventAt(1)]);
    await tamper("DELETE FROM event_seal WHERE event_id = $1", [eventAt(1)]);
    await tamper("UPDATE event_seal SET sequence = -sequence WHERE tenant_id = $1", [firm.id]);
    await tamper("UPDATE event_seal SET sequence = -sequence - 1 WHERE tenant_id = $1", [firm.id]);
    expect(await verify()).toEqual(bad(1, "altered", eventAt(2)));
  });

  it("when what two events say was swapped", async () => {
    await tamper(
      `UPDATE event e SET data = o.data FROM event o
       WHERE (e.id = $1 AND o.id = $2) OR (e.id = $2 AND o.id = $1)`,
      [eventAt(2), eventAt(6)],
    );
    expect(await verify()).toEqual(bad(2, "altered", eventAt(2)));
  });

  it("when the numbers of two seals were swapped", async () => {
    await tamper("UPDATE event_seal SET sequence = -sequence WHERE tenant_id = $1", [firm.id]);
    await tamper(
      "UPDATE event_seal SET sequence = CASE sequence WHEN -2 THEN 5 WHEN -5 THEN 2 ELSE -sequence END WHERE tenant_id = $1",
      [firm.id],
    );
    expect(await verify()).toEqual(bad(2, "moved", eventAt(2)));
  });

  // Seen red without: the comparison of places that finds an event before the next seal.
  it.each([
    ["before the first", 1, "'4'::xid8"],
    ["in the middle", 4, "recorded_txid"],
  ])("when an event was put in %s", async (_, place, txid) => {
    // Within a transaction the id decides: one of noughts comes before all that are sealed of it.
    const id = await putIn(place, txid, `00000000-0000-7000-8000-${firm.id.slice(-12)}`);
    expect(await verify()).toEqual(bad(place, "inserted", id));
  });

  it("when an event was put in so that its turn to be sealed would never come", async () => {
    const id = await putIn(8, "'999999999'::xid8");
    expect(await verify()).toEqual(bad(9, "inserted", id));
  });

  it("when an event was put in together with a seal", async () => {
    const id = await putIn(8, "pg_current_xact_id()");
    await tamper(
      `INSERT INTO event_seal (tenant_id, sequence, event_id, recorded_txid, hash, sealed_at)
       SELECT tenant_id, 9, id, recorded_txid, $2, now() FROM event WHERE id = $1`,
      [id, otherHash("x")],
    );
    expect(await verify()).toEqual(bad(9, "altered", id));
  });

  // Seen red without: the look for heads behind the last seal.
  it("when the tail was cut off, by the heads that were noted", async () => {
    const gone = [eventAt(7), eventAt(8)];
    await tamper("DELETE FROM event WHERE id = ANY($1)", [gone]);
    await tamper("DELETE FROM event_seal WHERE event_id = ANY($1)", [gone]);
    expect(await verify()).toMatchObject({ intact: true, sealed: 6 });
    expect(await verify([2, 5])).toMatchObject({ intact: true, heads: 2 });
    expect(await verify([2, 5, 8])).toEqual(bad(7, "cut", null, 5));
  });

  it("when everything was cut off", async () => {
    await tamper("DELETE FROM event WHERE tenant_id = $1", [firm.id]);
    await tamper("DELETE FROM event_seal WHERE tenant_id = $1", [firm.id]);
    expect(await verify([5])).toEqual(bad(1, "cut", null));
  });

  it("when the seals of the tail were taken away and the events left", async () => {
    await tamper("DELETE FROM event_seal WHERE event_id = $1", [eventAt(8)]);
    expect(await verify([8])).toEqual(bad(8, "cut", eventAt(8)));
  });

  // Seen red without: the comparison of each head with the chain as the walk comes past its place.
  it("when somebody who has the keys wrote the chain anew, by the first head that is no longer on it", async () => {
    await tamper(`UPDATE event SET data = '{"from": 0, "to": 99, "band": "hot"}' WHERE id = $1`, [eventAt(4)]);
    await forge(firm, 4);
    expect(await verify()).toMatchObject({ intact: true, sealed: 8 });
    expect(await verify([2, 4, 8])).toEqual(bad(4, "forked", eventAt(4), 2));
    expect(await verify([3, 6])).toEqual(bad(6, "forked", eventAt(6), 3));
  });

  it("when a noted head turns out to be somebody else's", async () => {
    const heads = [headAt(2), { sequence: 4, isForged: true as const }, headAt(8)];
    expect(await verifyChain(ctx(), { heads })).toEqual(bad(4, "forged_head", null, 2));
  });

  it("and of two damages the first", async () => {
    await tamper("UPDATE event SET type = 'lead.viewed' WHERE id = $1", [eventAt(6)]);
    await tamper("DELETE FROM event WHERE id = $1", [eventAt(3)]);
    expect(await verify()).toEqual(bad(3, "removed", eventAt(3)));
  });
});

describe("a verification that goes on from an earlier one", () => {
  it("walks what came since, and holds the place where it begins against the chain", async () => {
    await tamper("UPDATE event SET type = 'lead.viewed' WHERE id = $1", [eventAt(2)]);
    const from = headAt(5);
    expect(await verifyChain(ctx(), { from, heads: [headAt(2), headAt(5), headAt(8)] })).toMatchObject({
      intact: true,
      heads: 2,
    });
    await tamper("UPDATE event SET type = 'lead.viewed' WHERE id = $1", [eventAt(7)]);
    expect(await verifyChain(ctx(), { from })).toEqual(bad(7, "altered", eventAt(7)));
    expect(await verifyChain(ctx(), { from: { ...from, hash: otherHash("x") } })).toEqual(bad(5, "forked", eventAt(5)));
    expect(await verifyChain(ctx(), { from: { ...from, sequence: 9 } })).toEqual(bad(9, "cut", null));
  });
});

it("says since when an event has waited for its seal, which is no break of the chain", async () => {
  await record(firm, 2, fixedClock("2026-11-20T12:00:00Z"));
  expect(await verify()).toMatchObject({ intact: true, sealed: 8, unsealedSince: new Date("2026-11-20T12:00:00Z") });
});

it("walks a chain of many portions, and holds none of them longer than it needs", async () => {
  const large = await makeFirm();
  await fillWithEvents(ownDatabase.adminUrl, large.id, 25_000);
  await sealUntil(large, 25_000);
  const seen: number[] = [];
  const heapBefore = process.memoryUsage().heapUsed;
  expect(await verifyChain(large.asService(), { onProgress: (sealed) => seen.push(sealed) })).toMatchObject({
    intact: true,
    sealed: 25_000,
  });
  expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(100 * 2 ** 20);
  expect(seen.length).toBeGreaterThan(4);
}, 120_000);
