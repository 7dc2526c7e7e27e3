import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { findLostHeads, storedHeads } from "./audit-heads";
import { findWatch, noteFindings, noteProblem } from "./audit-watch";
import type { NotedHead } from "./noted-heads";
import { type ChainReport, verifyChain } from "./verify-chain";

/** How long the part that was found intact before is taken on trust. */
const FULLY_EVERY_MS = 6.5 * 86_400_000;

/**
 * The day of the week, in UTC and from 0 as Sunday, on which a firm's whole chain is walked whatever the notes of the last walk say: they lie beside the chain,
 * and whoever altered one could alter the other. It follows from the firm's id, so that a night walks a seventh of all firms.
 */
export const fullDayOf = (tenantId: string): number => Number.parseInt(tenantId.slice(-8), 16) % 7;

type Options = {
  /** From the chain's start, whatever was verified before. */
  isFull?: boolean;
  /** A head that somebody else kept, beside the stored ones. */
  head?: NotedHead;
  onProgress?: (sealed: number) => void;
};

/**
 * Verifies the firm's chain against every signed head that is kept, and notes the outcome: from where the last verification ended; from the start
 * when that is wanted, on the firm's day of the week, when it was last done a week ago, or something was wrong then. Heads that were kept and are gone are a break too.
 */
export async function verifyFirm(ctx: Ctx, { isFull = false, head, onProgress }: Options = {}): Promise<ChainReport> {
  const now = ctx.clock.now();
  const watch = await inTenant(ctx, (tx) => findWatch(tx, ctx));
  const { verifiedSequence, verifiedHash, fullyVerifiedAt, problem } = watch ?? {};
  const ageMs = fullyVerifiedAt ? now.getTime() - fullyVerifiedAt.getTime() : FULLY_EVERY_MS;
  const isFresh = ageMs >= 0 && ageMs < FULLY_EVERY_MS && now.getUTCDay() !== fullDayOf(ctx.tenantId);
  const isWhole = isFull || problem || !isFresh || verifiedHash == null || verifiedSequence == null;
  const from = isWhole ? undefined : { sequence: Number(verifiedSequence), hash: verifiedHash };
  const heads = withHead(storedHeads(ctx.tenantId, from?.sequence), head);
  const walked = await verifyChain(ctx, { heads, from, onProgress });
  const lost = walked.intact && (await findLostHeads(ctx, watch));
  const report: ChainReport = lost ? { intact: false, agreedUpTo: walked.agreedUpTo, ...lost } : walked;
  await inTenant(ctx, async (tx) => {
    if (!report.intact) return noteProblem(tx, ctx, report);
    const { sequence, hash } = report.head;
    return noteFindings(tx, ctx, {
      verifiedSequence: sequence,
      verifiedHash: hash,
      verifiedAt: now,
      ...(from ? {} : { fullyVerifiedAt: now }),
      problem: null,
      problemSequence: null,
      problemEventId: null,
      problemSince: null,
    });
  });
  return report;
}

/** One more head among the stored ones, in its place. */
async function* withHead(stored: AsyncIterable<NotedHead>, head: NotedHead | undefined): AsyncGenerator<NotedHead> {
  let left = head;
  for await (const each of stored) {
    if (left && left.sequence <= each.sequence) {
      yield left;
      left = undefined;
    }
    yield each;
  }
  if (left) yield left;
}
