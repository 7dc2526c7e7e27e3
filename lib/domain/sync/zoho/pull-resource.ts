import { VendorError } from "@/lib/core/errors";
import { getDeleted } from "@/lib/integrations/zoho";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import type { AnyEvent } from "../../events/catalog";
import { recordEvents } from "../../events/record-events";
import type { SyncResource } from "../sync-provider";
import { type CreditMemory, mayAsk, remember } from "./credits";
import { askZoho, openCrm } from "./crm";
import { type ChangesPosition, pullPage } from "./pull-changes";
import { recordFetch } from "./record-exchange";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * What people changed in the records of our leads. What was there before the firm connected is nothing that changed: the first pull begins a minute ago.
 */
export const CHANGES: SyncResource = {
  name: "changes",
  everyMs: 5 * MINUTE,
  async pull(ctx, turn) {
    const begun: ChangesPosition = { since: new Date(ctx.clock.now().getTime() - MINUTE).toISOString(), place: null };
    const at = (turn.position as ChangesPosition | null) ?? begun;
    if (!(await mayAsk(ctx, turn, at))) {
      await inTenant(ctx, (tx) => turn.advance(tx, { position: at, isDone: true }));
      return;
    }
    const crm = await openCrm(ctx);
    await pullPage(ctx, crm, at, (tx, { position, isDone, creditsLeft }) =>
      turn.advance(tx, { position: { ...position, ...remember(ctx, at, creditsLeft) }, isDone }),
    );
  },
};

/** `page`: where a walk through the list stands; `newest`: the latest time seen on it; `until`: the same of the last whole walk, where the next one may end. */
type DeletionsPosition = CreditMemory & { page: number; newest?: string; until?: string };

/** A deletion can come into the list a little after the time it bears. */
const LATE_MS = HOUR;

/**
 * Records that were deleted there: their link ends, the lead here stays and is not written there again. The list begins with the latest, so a walk ends where the
 * last one began; where it is in another order all of it is read.
 */
export const DELETIONS: SyncResource = {
  name: "deletions",
  everyMs: HOUR,
  async pull(ctx, turn) {
    const at = (turn.position as DeletionsPosition | null) ?? { page: 1 };
    if (!(await mayAsk(ctx, turn, at))) {
      await inTenant(ctx, (tx) => turn.advance(tx, { position: at, isDone: true }));
      return;
    }
    const { connectionId } = turn;
    const { deleted, hasMore, creditsLeft } = await readDeleted(ctx, connectionId, at.page);
    const times = deleted.flatMap(({ deletedAt }) => deletedAt?.getTime() ?? []);
    const newest = Math.max(at.newest ? Date.parse(at.newest) : 0, ...times);
    const isDone = !hasMore || isKnown(times, at.until);
    const seen = newest > 0 ? { newest: new Date(newest).toISOString() } : {};
    const until = newest > 0 ? { until: new Date(newest).toISOString() } : {};
    const next = isDone ? { page: 1, ...until } : { ...at, page: at.page + 1, ...seen };
    await inTenant(ctx, async (tx) => {
      await recordFetch(tx, ctx, { connectionId, resource: "deletions", items: deleted.length, because: "schedule" });
      await endLinks(
        tx,
        ctx,
        connectionId,
        deleted.map(({ id }) => id),
      );
      await turn.advance(tx, { position: { ...next, ...remember(ctx, at, creditsLeft) }, isDone });
    });
  },
};

/** A page beyond what Zoho lists by number ends the walk: what is behind it is found out by the write that finds no record. */
async function readDeleted(ctx: Ctx, connectionId: string, page: number): ReturnType<typeof getDeleted> {
  try {
    return await askZoho(ctx, connectionId, (access) => getDeleted(access, page));
  } catch (error) {
    const isBeyond = page > 1 && error instanceof VendorError && error.kind === "rejected" && error.status === 400;
    if (!isBeyond) throw error;
    return { deleted: [], hasMore: false, creditsLeft: null };
  }
}

/** True for a page that reaches back to what was read before, in a list that begins with the latest. */
function isKnown(times: readonly number[], until: string | undefined): boolean {
  const [last] = times.slice(-1);
  if (until === undefined || last === undefined) return false;
  const isLatestFirst = times.every((time, index) => index === 0 || time <= (times[index - 1] ?? time));
  return isLatestFirst && last < Date.parse(until) - LATE_MS;
}

async function endLinks(tx: Tx, ctx: Ctx, connectionId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const { tenantId } = ctx;
  // Held in the order of the leads' ids: see claimAll.
  const ended = await tx.$queryRaw<{ leadId: string; externalId: string }[]>(Prisma.sql`
    UPDATE sync_link SET state = 'removed', next_attempt_at = NULL, updated_at = ${ctx.clock.now()} FROM (
      SELECT id FROM sync_link WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND kind = 'crm_lead'
        AND state <> 'removed' AND external_id = ANY(${[...ids]}::text[]) ORDER BY lead_id FOR UPDATE) AS gone
    WHERE sync_link.tenant_id = ${tenantId}::uuid AND sync_link.id = gone.id
    RETURNING lead_id AS "leadId", external_id AS "externalId"`);
  const about = { connectionId, provider: "zoho" as const, resource: "leads" };
  await recordEvents(
    tx,
    ctx,
    ended.map(
      ({ leadId, externalId }): AnyEvent => ({ type: "sync.removed_there", leadId, data: { ...about, externalId } }),
    ),
  );
}
