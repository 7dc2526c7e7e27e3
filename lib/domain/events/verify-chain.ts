import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { eventHash, FIRST_LINK, type SealableEvent, sealableColumns } from "./chain";
import { headsInOrder, type NotedHead } from "./noted-heads";

/** The end of a chain, as it was noted elsewhere: without one, a tail that was cut off together with its seals cannot be seen. */
export type ChainHead = { sequence: number; hash: string };

/**
 * `unsealedSince`: when the oldest event happened that has no seal yet. `heads`: how many noted heads are on the chain; `agreedUpTo`: the place of the
 * last of them, or of the last before the first bad row.
 */
export type ChainReport =
  | { intact: true; agreedUpTo: number; sealed: number; head: ChainHead; heads: number; unsealedSince: Date | null }
  | ({ intact: false; agreedUpTo: number } & BadRow);

/** The first row that is wrong: its place in the chain, or the place before which it stands. */
export type BadRow = { sequence: number; eventId: string | null; problem: ChainProblem };

/** What can be wrong, in words for the auditor. */
export const CHAIN_PROBLEMS = {
  altered: "The event, or its seal, is not what was sealed.",
  moved: "The event was sealed at another place of the chain.",
  removed: "The event of this seal is gone.",
  gap: "The seal of this number is gone.",
  inserted: "An event was put in behind the sealer's back.",
  cut: "The chain ends before a head that was noted.",
  forked:
    "A noted head is not on the chain: the chain was written anew from some row after the last head that still is.",
  forged_head: "A noted head was not signed by us, or not for this place.",
  lost_heads: "Signed heads that were kept are gone.",
} as const;
export type ChainProblem = keyof typeof CHAIN_PROBLEMS;

type Options = {
  /** Heads noted elsewhere, lowest first: the chain must go through every one of them. */
  heads?: AsyncIterable<NotedHead> | Iterable<NotedHead>;
  /** Where an earlier verification ended: only what comes after it is walked. */
  from?: ChainHead;
  onProgress?: (sealed: number) => void;
};

type Seal = { sequence: bigint; hash: string; eventId: string; recordedTxid: string };
type Place = ChainHead & { txid: bigint; eventId: string };

const AT_ONCE = 5000;
const START: Place = { sequence: 0, hash: FIRST_LINK, txid: 0n, eventId: "00000000-0000-0000-0000-000000000000" };

/**
 * Walks a firm's chain and its events side by side, in the order in which they were sealed, and names the first row that was edited, removed, swapped,
 * put in, cut off or written anew. Each portion is a transaction of its own: memory and locks do not grow with the chain.
 */
export async function verifyChain(ctx: Ctx, { heads = [], from, onProgress }: Options = {}): Promise<ChainReport> {
  // Before the first seal is read: whatever is noted by now must be found below.
  const noted = await headsInOrder(heads);
  const broken = (wrong: BadRow): ChainReport => ({ intact: false, ...wrong, agreedUpTo: noted.agreedUpTo() });
  let at = START;
  if (from) {
    const place = await inTenant(ctx, (tx) => findPlace(tx, ctx, from.sequence));
    if (!place) return broken({ sequence: from.sequence, eventId: null, problem: "cut" });
    if (place.hash !== from.hash) return broken({ sequence: from.sequence, eventId: place.eventId, problem: "forked" });
    at = place;
  }
  const wrongAtStart = await noted.check(at);
  if (wrongAtStart) return broken(wrongAtStart);
  for (;;) {
    const { seals, events } = await inTenant(ctx, (tx) => findPortion(tx, ctx, at));
    for (const [index, seal] of seals.entries()) {
      const event = events[index];
      const wrong = await problemOf(ctx, { seal, event, before: at });
      if (wrong) return broken(wrong);
      at = placeOf(seal);
      const wrongHead = await noted.check(at);
      if (wrongHead) return broken(wrongHead);
    }
    onProgress?.(at.sequence);
    if (seals.length < AT_ONCE) return end(ctx, at, noted, broken, events[seals.length]);
  }
}

/** Behind the last seal: no head may be noted there, and no event stand that a running sealer would never reach. */
async function end(
  ctx: Ctx,
  at: Place,
  noted: Awaited<ReturnType<typeof headsInOrder>>,
  broken: (wrong: BadRow) => ChainReport,
  unsealed: SealableEvent | undefined,
): Promise<ChainReport> {
  const beyond = noted.next();
  if (beyond) {
    if (!("hash" in beyond)) return broken({ sequence: beyond.sequence, eventId: null, problem: "forged_head" });
    return broken({ sequence: at.sequence + 1, eventId: unsealed?.id ?? null, problem: "cut" });
  }
  const impossible = unsealed && (await inTenant(ctx, (tx) => findOfTheFuture(tx, ctx)));
  if (impossible) return broken({ sequence: at.sequence + 1, eventId: impossible, problem: "inserted" });
  return {
    intact: true,
    agreedUpTo: noted.agreedUpTo(),
    sealed: at.sequence,
    head: { sequence: at.sequence, hash: at.hash },
    heads: noted.agreed(),
    unsealedSince: unsealed ? new Date(Number(BigInt(unsealed.occurredAt) / 1000n)) : null,
  };
}

const placeOf = (seal: Seal): Place => ({
  sequence: Number(seal.sequence),
  hash: seal.hash,
  txid: BigInt(seal.recordedTxid),
  eventId: seal.eventId,
});

/** Negative when the event comes before the seal's place. Ids of Postgres are lower case, so text compares as they do. */
function order(event: SealableEvent, seal: Seal): number {
  const [a, b] = [BigInt(event.recordedTxid), BigInt(seal.recordedTxid)];
  if (a !== b) return a < b ? -1 : 1;
  return event.id < seal.eventId ? -1 : event.id > seal.eventId ? 1 : 0;
}

async function problemOf(
  ctx: Ctx,
  { seal, event, before }: { seal: Seal; event: SealableEvent | undefined; before: Place },
): Promise<BadRow | null> {
  const sequence = before.sequence + 1;
  const isBefore = event !== undefined && order(event, seal) < 0;
  if (Number(seal.sequence) !== sequence) return { sequence, eventId: isBefore ? event.id : null, problem: "gap" };
  if (isBefore) {
    const isSealed = await inTenant(ctx, (tx) => hasSeal(tx, ctx, event.id));
    return { sequence, eventId: event.id, problem: isSealed ? "moved" : "inserted" };
  }
  if (event === undefined || order(event, seal) > 0) {
    const isThere = await inTenant(ctx, (tx) => hasEvent(tx, ctx, seal.eventId));
    return { sequence, eventId: seal.eventId, problem: isThere ? "altered" : "removed" };
  }
  const isSame = eventHash({ previous: before.hash, sequence, tenantId: ctx.tenantId, event }) === seal.hash;
  return isSame ? null : { sequence, eventId: event.id, problem: "altered" };
}

/** Seals first: every event of theirs is then there too. One event more than seals, which tells what comes next. */
async function findPortion(tx: Tx, { tenantId }: Ctx, at: Place): Promise<{ seals: Seal[]; events: SealableEvent[] }> {
  const seals = await tx.$queryRaw<Seal[]>(Prisma.sql`
    SELECT sequence, hash, event_id AS "eventId", recorded_txid::text AS "recordedTxid" FROM event_seal
    WHERE tenant_id = ${tenantId}::uuid AND sequence > ${at.sequence} ORDER BY sequence LIMIT ${AT_ONCE}`);
  const events = await tx.$queryRaw<SealableEvent[]>(Prisma.sql`
    SELECT ${sealableColumns} FROM event
    WHERE tenant_id = ${tenantId}::uuid AND (recorded_txid, id) > (${String(at.txid)}::xid8, ${at.eventId}::uuid)
    ORDER BY recorded_txid, id LIMIT ${seals.length + 1}`);
  return { seals, events };
}

async function findPlace(tx: Tx, { tenantId }: Ctx, sequence: number): Promise<Place | null> {
  if (sequence === 0) return START;
  const [seal] = await tx.$queryRaw<Seal[]>(Prisma.sql`
    SELECT sequence, hash, event_id AS "eventId", recorded_txid::text AS "recordedTxid" FROM event_seal
    WHERE tenant_id = ${tenantId}::uuid AND sequence = ${sequence}`);
  return seal ? placeOf(seal) : null;
}

async function hasSeal(tx: Tx, { tenantId }: Ctx, eventId: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ one: number }[]>`
    SELECT 1 AS one FROM event_seal WHERE tenant_id = ${tenantId}::uuid AND event_id = ${eventId}::uuid`;
  return row !== undefined;
}

async function hasEvent(tx: Tx, { tenantId }: Ctx, id: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ one: number }[]>`
    SELECT 1 AS one FROM event WHERE tenant_id = ${tenantId}::uuid AND id = ${id}::uuid`;
  return row !== undefined;
}

/** An event of a transaction that has not begun yet: put in so that its turn to be sealed never comes. */
async function findOfTheFuture(tx: Tx, { tenantId }: Ctx): Promise<string | null> {
  const [row] = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM event WHERE tenant_id = ${tenantId}::uuid AND recorded_txid >= pg_snapshot_xmax(pg_current_snapshot())
    ORDER BY recorded_txid, id LIMIT 1`;
  return row?.id ?? null;
}
