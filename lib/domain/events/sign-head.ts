import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { signAuditHead } from "./audit-head";
import { findNewestHead, keepHead, lostHeads, readHead, type StoredHead } from "./audit-heads";
import { findWatch, noteFindings, noteProblem } from "./audit-watch";
import { FIRST_LINK } from "./chain";
import type { BadRow } from "./verify-chain";

/** A firm in which nothing happens still gets a head a day, which says so. */
const CONFIRM_AFTER_MS = 24 * 3_600_000;

type Sealed = { sequence: number; hash: string; eventId: string | null };
const NOTHING: Sealed = { sequence: 0, hash: FIRST_LINK, eventId: null };

/**
 * Signs the end of the firm's chain and keeps it outside the database, if events were sealed since the last head or that one is a day old; says how
 * many heads that made. Signs nothing that contradicts a head kept before: then the chain is broken, which is noted and raises the alarm. Heads that
 * are gone raise it too, and the next one is kept all the same. Doing it twice makes one head.
 */
export async function signHead(ctx: Ctx): Promise<number> {
  const now = ctx.clock.now();
  const due = await inTenant(ctx, async (tx) => {
    const watch = await findWatch(tx, ctx);
    return (await isDue(tx, ctx, watch)) ? { noted: watch } : null;
  });
  if (!due) return 0;
  // Read before the end of the chain: another process may keep a later head at any moment, and it is no cut then.
  const lastKey = await findNewestHead(ctx.tenantId, due.noted);
  const last = lastKey ? await readHead(ctx.tenantId, lastKey) : null;
  const found = await inTenant(ctx, async (tx) => {
    const lost = lostHeads(lastKey?.sequence, due.noted);
    if (lost) await noteProblem(tx, ctx, lost);
    const end = (await findSeal(tx, ctx)) ?? NOTHING;
    const checked = await checkAgainst(tx, ctx, end, last);
    if ("problem" in checked) await noteProblem(tx, ctx, checked);
    return { end, checked };
  });
  if ("problem" in found.checked) return 0;
  const { sequence, hash } = found.end;
  const { events } = found.checked;
  const isConfirmation = last?.sequence === sequence;
  const signed = signAuditHead({ tenantId: ctx.tenantId, sequence, hash, events, signedAt: now.toISOString() });
  const isNew = await keepHead(signed.head, signed.publicKey, { isConfirmation });
  // Another process was first; the next turn reads what it kept.
  if (!isNew && !isConfirmation) return 0;
  await inTenant(ctx, (tx) => noteFindings(tx, ctx, { headSequence: sequence, headAt: now, headDueSince: null }));
  return isNew ? 1 : 0;
}

async function isDue(tx: Tx, ctx: Ctx, watch: Awaited<ReturnType<typeof findWatch>>): Promise<boolean> {
  const end = (await findSeal(tx, ctx)) ?? NOTHING;
  if (!watch?.headAt || Number(watch.headSequence) !== end.sequence) return true;
  return ctx.clock.now().getTime() - watch.headAt.getTime() >= CONFIRM_AFTER_MS;
}

/** The number of events sealed up to the end of the chain, if the last head is on it and no number is missing since. */
async function checkAgainst(
  tx: Tx,
  ctx: Ctx,
  end: Sealed,
  last: StoredHead | null,
): Promise<{ events: number } | BadRow> {
  if (last?.isForged) return { sequence: last.sequence, eventId: null, problem: "forged_head" };
  if (last && last.sequence > end.sequence) return { sequence: end.sequence + 1, eventId: null, problem: "cut" };
  const there = last && last.sequence > 0 ? await findSeal(tx, ctx, last.sequence) : NOTHING;
  if (last && there?.hash !== last.hash) {
    return { sequence: last.sequence, eventId: there?.eventId ?? null, problem: there ? "forked" : "gap" };
  }
  const events = (last?.events ?? 0) + (await countSeals(tx, ctx, last?.sequence ?? 0, end.sequence));
  if (events !== end.sequence) return { sequence: end.sequence, eventId: end.eventId, problem: "gap" };
  return { events };
}

/** The seal of a number, or the last one. */
async function findSeal(tx: Tx, { tenantId }: Ctx, sequence?: number): Promise<Sealed | null> {
  const [row] = await tx.$queryRaw<{ sequence: bigint; hash: string; eventId: string }[]>(Prisma.sql`
    SELECT sequence, hash, event_id AS "eventId" FROM event_seal
    WHERE tenant_id = ${tenantId}::uuid ${sequence === undefined ? Prisma.empty : Prisma.sql`AND sequence = ${sequence}`}
    ORDER BY sequence DESC LIMIT 1`);
  return row ? { ...row, sequence: Number(row.sequence) } : null;
}

async function countSeals(tx: Tx, { tenantId }: Ctx, after: number, upTo: number): Promise<number> {
  const [row] = await tx.$queryRaw<{ count: bigint }[]>`
    SELECT count(*) AS count FROM event_seal WHERE tenant_id = ${tenantId}::uuid AND sequence > ${after} AND sequence <= ${upTo}`;
  return Number(row?.count ?? 0);
}
