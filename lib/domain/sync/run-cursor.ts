import { AppError, VendorError } from "@/lib/core/errors";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import {
  advanceCursor,
  type ClaimedCursor,
  ClaimLost,
  claimCursor,
  handOn,
  letGo,
  mayGoOn,
  putOff,
} from "./cursor-claim";
import { countTries, pauseConnection, resumeConnection } from "./pause";
import { SYNC_PROVIDERS } from "./providers";
import { isOutage, retryAt } from "./retry-at";
import type { Position, SyncProviders, SyncResource, Turn } from "./sync-provider";

/** Portions are read for so long; then what is left gets a job of its own, so that other firms' pulls have their turn. */
const TURN_MS = 20_000;
/** A resource whose tries are used up is asked about once a day: a person may have mended it. */
const REST_MS = 24 * 3_600_000;

/**
 * Pulls one resource of one connection: portion after portion, each read with no transaction open and stored in one with the new position, so that a crash
 * repeats a portion and loses none. Safe to run twice and by several workers: one holds the cursor, the others find nothing to do. A failure is kept with
 * the cursor and decides when it is due again; it is not thrown.
 */
export async function runCursor(
  ctx: Ctx,
  cursorId: string,
  providers: SyncProviders = SYNC_PROVIDERS,
  { turnMs = TURN_MS }: { turnMs?: number } = {},
): Promise<void> {
  requirePermission(ctx, "connections:manage");
  const claim = await claimCursor(ctx, cursorId);
  if (!claim) return;
  try {
    const resource = providers[claim.provider]?.resources.find(({ name }) => name === claim.resource);
    if (!resource) throw new Error(`No provider pulls ${claim.provider} ${claim.resource}.`);
    await pullOn(ctx, claim, resource, turnMs);
  } catch (error) {
    if (error instanceof ClaimLost) log.warn("a pull was taken over by another worker", fieldsOf(ctx, claim));
    else await noteFailure(ctx, claim, error);
  }
}

async function pullOn(ctx: Ctx, claim: ClaimedCursor, resource: SyncResource, turnMs: number): Promise<void> {
  const began = performance.now();
  let position = claim.position;
  for (let isFirst = true; ; isFirst = false) {
    if (!isFirst && !(await mayGoOn(ctx, claim))) return letGo(ctx, claim);
    const moved = await pullPortion(ctx, claim, resource, position);
    if (isFirst && claim.problem !== null) await inTenant(ctx, (tx) => resumeConnection(tx, ctx, claim.connectionId));
    if (moved.isDone) return;
    if (performance.now() - began >= turnMs) return handOn(ctx, claim);
    position = moved.position;
  }
}

/** One portion. What `advance` was told counts once the provider's transaction is through, that is when `pull` comes back. */
async function pullPortion(
  ctx: Ctx,
  claim: ClaimedCursor,
  resource: SyncResource,
  position: Position | null,
): Promise<{ position: Position; isDone: boolean }> {
  let moved: { position: Position; isDone: boolean } | undefined;
  const turn: Turn = {
    connectionId: claim.connectionId,
    position,
    phase: claim.phase,
    advance: async (tx, to) => {
      await advanceCursor(tx, ctx, claim, resource, to);
      // As a fresh process would read it.
      moved = { position: JSON.parse(JSON.stringify(to.position)) as Position, isDone: to.isDone };
    },
  };
  await resource.pull(ctx, turn);
  if (!moved) throw new Error(`The pull of ${claim.provider} ${claim.resource} did not advance.`);
  return moved;
}

async function noteFailure(ctx: Ctx, claim: ClaimedCursor, error: unknown): Promise<void> {
  const now = ctx.clock.now();
  const noted = await inTenant(ctx, async (tx) => {
    // Each failure of the connection counts for all of it: three resources must not knock three times as often.
    const tries = isOutage(error) ? await countTries(tx, ctx, claim.connectionId) : 0;
    const attempts = Math.max(claim.attempts, tries) + 1;
    const { problem, at } = retryAt(error, attempts, now);
    const nextRunAt = at ?? new Date(now.getTime() + REST_MS);
    const isMine = await putOff(tx, ctx, claim, { problem, attempts, nextRunAt });
    if (isMine && isOutage(error)) await pauseConnection(tx, ctx, claim.connectionId, { problem, until: nextRunAt });
    return { isMine, problem, attempts };
  });
  const { isMine, problem, attempts } = noted;
  const fields = { ...fieldsOf(ctx, claim), kind: problem, attempt: attempts };
  if (!isMine) log.warn("a pull ended after its cursor was taken over or taken away", fields);
  else if (error instanceof VendorError || error instanceof AppError) log.warn("a pull came to nothing", fields);
  else log.error("a pull failed on our side", { ...fields, ...failureFields(error) });
}

const fieldsOf = ({ tenantId }: Ctx, { provider }: ClaimedCursor) => ({ tenantId, provider });
