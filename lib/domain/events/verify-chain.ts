import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { eventHash, FIRST_LINK, type SealableEvent, sealableColumns } from "./chain";

/** The end of a chain, as it was noted elsewhere: without one, a tail that was cut off together with its seals cannot be seen. */
export type ChainHead = { sequence: number; hash: string };

/** `sequence` is the place in the chain of the first row that is wrong; null when it has none. */
export type ChainReport =
  | { intact: true; sealed: number; head: ChainHead }
  | { intact: false; sequence: number | null; eventId: string | null; problem: ChainProblem };

/** What can be wrong, in words for the auditor. */
export const CHAIN_PROBLEMS = {
  altered: "The event, or its seal, is not what was sealed.",
  removed: "The event of this seal is gone.",
  gap: "A seal is missing before this one.",
  inserted: "An event was put in behind the sealer's back.",
  cut: "The chain ends before the head that was noted.",
  unsealed: "An event has waited more than a minute to be sealed: the sealer is down, or seals were taken away.",
} as const;
export type ChainProblem = keyof typeof CHAIN_PROBLEMS;

const AT_ONCE = 5000;
const UNSEALED_AFTER_MS = 60_000;

type Link = SealableEvent & { sequence: bigint; hash: string; sealedEventId: string; sealedTxid: string };

/**
 * Walks a firm's chain from its start and names the first row that was edited, removed, moved, put in or cut off. `head` is what an earlier run reported
 * and somebody kept elsewhere.
 */
export function verifyChain(ctx: Ctx, { head }: { head?: ChainHead } = {}): Promise<ChainReport> {
  return inTenant(ctx, (tx) => walk(tx, ctx, head), { timeoutMs: 600_000 });
}

async function walk(tx: Tx, ctx: Ctx, head: ChainHead | undefined): Promise<ChainReport> {
  let at: ChainHead = { sequence: 0, hash: FIRST_LINK };
  for (;;) {
    const links = await findLinks(tx, ctx, at.sequence);
    for (const link of links) {
      const sequence = Number(link.sequence);
      const wrong = problemOf(link, at, ctx.tenantId);
      if (wrong) return { intact: false, sequence, eventId: link.sealedEventId, problem: wrong };
      at = { sequence, hash: link.hash };
      if (head?.sequence === sequence && head.hash !== at.hash) {
        return { intact: false, sequence, eventId: link.sealedEventId, problem: "altered" };
      }
    }
    if (links.length < AT_ONCE) break;
  }
  if (head && head.sequence > at.sequence)
    return { intact: false, sequence: at.sequence + 1, eventId: null, problem: "cut" };
  return (await findStray(tx, ctx)) ?? { intact: true, sealed: at.sequence, head: at };
}

function findLinks(tx: Tx, { tenantId }: Ctx, after: number): Promise<Link[]> {
  return tx.$queryRaw<Link[]>(Prisma.sql`
    SELECT s.sequence, s.hash, s.event_id AS "sealedEventId", s.recorded_txid::text AS "sealedTxid", e.*
    FROM event_seal s LEFT JOIN LATERAL (
      SELECT ${sealableColumns} FROM event WHERE event.tenant_id = s.tenant_id AND event.id = s.event_id) e ON true
    WHERE s.tenant_id = ${tenantId}::uuid AND s.sequence > ${after} ORDER BY s.sequence LIMIT ${AT_ONCE}`);
}

function problemOf(link: Link, before: ChainHead, tenantId: string): ChainProblem | null {
  const sequence = Number(link.sequence);
  if (sequence !== before.sequence + 1) return "gap";
  if (link.id === null) return "removed";
  if (link.sealedTxid !== link.recordedTxid) return "altered";
  return eventHash({ previous: before.hash, sequence, tenantId, event: link }) === link.hash ? null : "altered";
}

/** An event without a seal is either younger than the last sealing, or should not be there. */
async function findStray(tx: Tx, ctx: Ctx): Promise<ChainReport | null> {
  const old = new Date(ctx.clock.now().getTime() - UNSEALED_AFTER_MS);
  const [stray] = await tx.$queryRaw<{ id: string; inserted: boolean }[]>(Prisma.sql`
    WITH last AS (SELECT recorded_txid, event_id FROM event_seal
      WHERE tenant_id = ${ctx.tenantId}::uuid ORDER BY sequence DESC LIMIT 1)
    SELECT e.id, coalesce((e.recorded_txid, e.id) < (last.recorded_txid, last.event_id), false) AS inserted
    FROM event e LEFT JOIN last ON true
    WHERE e.tenant_id = ${ctx.tenantId}::uuid
      AND NOT EXISTS (SELECT 1 FROM event_seal s WHERE s.tenant_id = e.tenant_id AND s.event_id = e.id)
      AND ((e.recorded_txid, e.id) < (last.recorded_txid, last.event_id) OR e.occurred_at < ${old})
    ORDER BY e.recorded_txid, e.id LIMIT 1`);
  if (!stray) return null;
  return { intact: false, sequence: null, eventId: stray.id, problem: stray.inserted ? "inserted" : "unsealed" };
}
