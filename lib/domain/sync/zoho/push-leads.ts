import { VendorError } from "@/lib/core/errors";
import { MAX_ROWS, updateLeads, upsertLeads } from "@/lib/integrations/zoho";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { failLink } from "../links";
import { isOutage } from "../retry-at";
import { askZoho, type Crm, keyFields } from "./crm";
import { findLostAnswers, stillHeld } from "./lost-answers";
import { isToMeet, meetRecords } from "./meet-records";
import { planPush } from "./plan-push";
import { lookAtChanges } from "./pull-changes";
import { claimAll, type Outcome, pair, storeResults } from "./store-results";

type Done = { creditsLeft: number | null };

/**
 * Brings the records of these leads up to date, at most a hundred; `within` runs in the transaction that stores what came of it. What people changed there
 * meanwhile is looked at first, and so is a record that is there before we ever wrote one, so that the rule of each field decides and not who came last. Two
 * leads of the firm with one address are never made one record: the second waits with the problem named until its address differs. Safe to run twice.
 * @throws VendorError when nothing could be written; each row's own refusal is kept at its link.
 */
export async function pushLeads(
  ctx: Ctx,
  crm: Crm,
  leadIds: readonly string[],
  within?: (tx: Tx, done: Done) => Promise<void>,
): Promise<void> {
  const ids = leadIds.slice(0, MAX_ROWS);
  const planned = await inTenant(ctx, (tx) => planPush(tx, ctx, crm, ids));
  if (planned.some(({ externalId }) => externalId !== null)) await lookAtChanges(ctx, crm);
  let creditsLeft: number | null = null;
  let failure: unknown;
  if (planned.some((write) => isToMeet(crm, write))) {
    try {
      creditsLeft = await meetRecords(ctx, crm, ids);
    } catch (error) {
      // What Zoho has against new ones says nothing of those that it has.
      if (!(error instanceof VendorError) || isOutage(error)) throw error;
      failure = error;
    }
  }
  const claimed = planned.length === 0 ? [] : await claimRest(ctx, crm, ids);
  const idle = leadIds.filter((id) => !claimed.some(({ leadId }) => leadId === id));
  const updates = claimed.filter(({ externalId }) => externalId !== null);
  const unsent = claimed.filter(({ externalId }) => externalId === null);
  const results: Outcome[] = [];
  try {
    if (updates.length > 0) {
      const rows = updates.map(({ record, externalId }) => ({ ...record, id: externalId ?? "" }));
      const done = await askZoho(ctx, crm.connectionId, (access) => updateLeads(access, rows));
      creditsLeft = done.creditsLeft;
      results.push(...pair(updates, done.rows));
    }
    const found = await findLostAnswers(ctx, crm, unsent);
    for (const write of unsent) {
      const result = found.get(write.leadId);
      if (result) results.push([write, result]);
    }
    const fresh = await stillHeld(
      ctx,
      crm,
      unsent.filter(({ leadId }) => !found.has(leadId)),
    );
    if (fresh.length > 0) {
      const rows = fresh.map(({ record }) => record);
      const done = await askZoho(ctx, crm.connectionId, (access) => upsertLeads(access, rows, keyFields(crm)));
      creditsLeft = done.creditsLeft;
      results.push(...pair(fresh, done.rows));
    }
    if (failure !== undefined) throw failure;
  } catch (error) {
    // What was written before the failure is kept; the rest is tried again by the kind of failure.
    const stored = new Set(results.map(([write]) => write));
    await storeResults(ctx, crm, results);
    for (const write of claimed) if (!stored.has(write)) await failLink(ctx, write.link, error);
    throw error;
  }
  await storeResults(ctx, crm, results, async (tx) => {
    await within?.(tx, { creditsLeft });
  });
  await restIdle(ctx, crm, idle);
}

/** Everything that is to be written and has no record to meet: what did not meet waits with its reason. */
const claimRest = (ctx: Ctx, crm: Crm, leadIds: readonly string[]) =>
  inTenant(ctx, async (tx) => {
    const planned = await planPush(tx, ctx, crm, leadIds);
    return claimAll(
      tx,
      ctx,
      crm,
      planned.filter((write) => !isToMeet(crm, write)),
    );
  });

/**
 * Nothing is to be written of these any more: they are not due again until something happens. In a transaction of its own, which holds the links in the same
 * order as everybody else; a crash before it only lets them be looked at once more.
 */
async function restIdle(ctx: Ctx, crm: Crm, leadIds: readonly string[]): Promise<void> {
  const { tenantId, clock } = ctx;
  if (leadIds.length === 0) return;
  await inTenant(ctx, (tx) =>
    tx.$executeRaw(Prisma.sql`
      UPDATE sync_link SET next_attempt_at = NULL, problem = NULL FROM (
        SELECT id FROM sync_link WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${crm.connectionId}::uuid AND kind = 'crm_lead'
          AND lead_id = ANY(${[...leadIds]}::uuid[]) AND next_attempt_at <= ${clock.now()}
          AND (claimed_until IS NULL OR claimed_until <= ${clock.now()}) ORDER BY lead_id FOR UPDATE) AS idle
      WHERE sync_link.tenant_id = ${tenantId}::uuid AND sync_link.id = idle.id`),
  );
}
