import type { JobPayload, JobType } from "@/lib/contracts/jobs";
import type { ConnectorName } from "@/lib/core/connectors";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { enqueue } from "../context/enqueue";
import { inTenant } from "../context/in-tenant";
import { findAskable } from "./askable";
import { findPause, pauseConnection } from "./pause";
import { isOutage, isOwnPace, retryAt } from "./retry-at";

/** A job that asks a service for one thing. `by`: through which connection; null when its verb looks after that. */
export type AskingJob<T extends JobType> = {
  type: T;
  payload: JobPayload<T>;
  by: { connectionId: string } | { provider: ConnectorName } | null;
};

/** A suspended firm is looked at again so often. */
const SUSPENDED_MS = 3_600_000;
/** Where a job stands in the backoff of an outage: it has no count of its own, so up to eight minutes each time. */
const TRIES = 4;

/**
 * Does a job that asks a service, or sends it again for later in the same words: while the firm is suspended, while the service does not answer, and when it
 * turns out now that it does not, or that we must ask more slowly. So an outage costs no job its tries. Nothing is done for a firm that is closed or a connection that is gone or broken: what
 * follows a new connection reads everything again. Other failures are thrown, and the queue counts them.
 */
export async function askOrWait<T extends JobType>(
  ctx: Ctx,
  job: AskingJob<T>,
  ask: () => Promise<unknown>,
): Promise<void> {
  const found = await inTenant(ctx, (tx) => mayAsk(tx, ctx, job));
  if (!found) return;
  try {
    await ask();
  } catch (error) {
    const { connectionId } = found;
    if (!(isOutage(error) || isOwnPace(error)) || !connectionId) throw error;
    const { problem, at } = retryAt(error, TRIES, ctx.clock.now());
    if (!at) throw error;
    await inTenant(ctx, async (tx) => {
      await enqueue(tx, job.type, [job.payload], { startAfter: at });
      if (isOutage(error)) await pauseConnection(tx, ctx, connectionId, { problem, until: at });
    });
  }
}

async function mayAsk<T extends JobType>(
  tx: Tx,
  ctx: Ctx,
  { type, payload, by }: AskingJob<T>,
): Promise<{ connectionId: string | null } | null> {
  const firm = await tx.tenant.findUnique({ where: { id: ctx.tenantId }, select: { status: true } });
  if (firm?.status === "suspended") {
    await enqueue(tx, type, [payload], { startAfter: new Date(ctx.clock.now().getTime() + SUSPENDED_MS) });
  }
  if (firm?.status !== "active") return null;
  if (!by) return { connectionId: null };
  const found = await findAskable(tx, ctx, by);
  const until = found && (await findPause(tx, ctx, found.connectionId));
  if (until) await enqueue(tx, type, [payload], { startAfter: until });
  return until ? null : found;
}
