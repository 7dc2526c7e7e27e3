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

type DeletionsPosition = CreditMemory & { page: number };

/** Records that were deleted there: their link ends, the lead here stays and is not written there again. */
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
    const { deleted, hasMore, creditsLeft } = await askZoho(ctx, connectionId, (access) => getDeleted(access, at.page));
    await inTenant(ctx, async (tx) => {
      await endLinks(
        tx,
        ctx,
        connectionId,
        deleted.map(({ id }) => id),
      );
      const position = { page: hasMore ? at.page + 1 : 1, ...remember(ctx, at, creditsLeft) };
      await turn.advance(tx, { position, isDone: !hasMore });
    });
  },
};

async function endLinks(tx: Tx, ctx: Ctx, connectionId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const about = { connectionId, provider: "zoho" as const, resource: "leads" };
  const ended = await tx.$queryRaw<{ leadId: string; externalId: string }[]>(Prisma.sql`
    UPDATE sync_link SET state = 'removed', next_attempt_at = NULL, updated_at = ${ctx.clock.now()}
    WHERE tenant_id = ${ctx.tenantId}::uuid AND connection_id = ${connectionId}::uuid AND kind = 'crm_lead' AND state <> 'removed'
      AND external_id = ANY(${[...ids]}::text[]) RETURNING lead_id AS "leadId", external_id AS "externalId"`);
  await recordEvents(tx, ctx, [
    { type: "sync.fetched", data: { ...about, resource: "deletions", items: ids.length, because: "schedule" } },
    ...ended.map(
      ({ leadId, externalId }): AnyEvent => ({ type: "sync.removed_there", leadId, data: { ...about, externalId } }),
    ),
  ]);
}
