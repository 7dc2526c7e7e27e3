import { VendorError } from "@/lib/core/errors";
import { MAX_ROWS, type RowResult, updateLeads, upsertLeads } from "@/lib/integrations/zoho";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";
import { claimLink, failLink, type LinkRow, saveLink } from "../links";
import { askZoho, type Crm, keyFields } from "./crm";
import { findLostAnswers, noteSending } from "./lost-answers";
import { planPush, type Write } from "./plan-push";
import { lookAtChanges } from "./pull-changes";

type Claimed = Write & { link: LinkRow };
type Done = { creditsLeft: number | null };

/** The record is not there, or is a lead no more: it is not written again. */
const GONE: readonly string[] = ["ID_ALREADY_CONVERTED", "RECORD_NOT_FOUND"];
const isGone = (result: RowResult): boolean =>
  !result.isWritten && (GONE.includes(result.code) || (result.code === "INVALID_DATA" && result.field === "id"));

/**
 * Brings the records of these leads up to date, at most a hundred; `within` runs in the transaction that stores what came of it. What people changed there
 * meanwhile is looked at first, so that the rule of each field decides and not who came last. Two leads of the firm with one address are never made one record:
 * the second waits with the problem named until its address differs. Safe to run twice.
 * @throws VendorError when nothing could be written; each row's own refusal is kept at its link.
 */
export async function pushLeads(
  ctx: Ctx,
  crm: Crm,
  leadIds: readonly string[],
  within?: (tx: Tx, done: Done) => Promise<void>,
): Promise<void> {
  const plan = (tx: Tx) => planPush(tx, ctx, crm, leadIds.slice(0, MAX_ROWS));
  const planned = await inTenant(ctx, plan);
  if (planned.some(({ externalId }) => externalId !== null)) await lookAtChanges(ctx, crm);
  const claimed = planned.length === 0 ? [] : await inTenant(ctx, async (tx) => claimAll(tx, ctx, crm, await plan(tx)));
  const idle = leadIds.filter((id) => !claimed.some(({ leadId }) => leadId === id));
  const twins = claimed.filter(({ isTwin }) => isTwin);
  const updates = claimed.filter(({ externalId }) => externalId !== null);
  const unsent = claimed.filter(({ externalId, isTwin }) => externalId === null && !isTwin);
  let creditsLeft: number | null = null;
  const results: [Claimed, RowResult][] = twins.map((twin) => [twin, refusal("SAME_ADDRESS", "Email")]);
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
    const fresh = unsent.filter(({ leadId }) => !found.has(leadId));
    if (fresh.length > 0) {
      const rows = fresh.map(({ record }) => record);
      const done = await askZoho(ctx, crm.connectionId, (access) => upsertLeads(access, rows, keyFields(crm)));
      creditsLeft = done.creditsLeft;
      results.push(...pair(fresh, done.rows));
    }
  } catch (error) {
    // What was written before the failure is kept; the rest is tried again by the kind of failure.
    const stored = new Set(results.map(([write]) => write));
    await store(ctx, crm, results);
    for (const write of claimed) if (!stored.has(write)) await failLink(ctx, write.link.id, error);
    throw error;
  }
  await store(ctx, crm, results, async (tx) => {
    await restIdle(tx, ctx, crm, idle);
    await within?.(tx, { creditsLeft });
  });
}

/** Nothing is to be written of these any more: they are not due again until something happens. */
async function restIdle(tx: Tx, { tenantId, clock }: Ctx, crm: Crm, leadIds: readonly string[]): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE sync_link SET next_attempt_at = NULL, problem = NULL
    WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${crm.connectionId}::uuid AND kind = 'crm_lead' AND lead_id = ANY(${[...leadIds]}::uuid[])
      AND next_attempt_at <= ${clock.now()} AND (claimed_until IS NULL OR claimed_until <= ${clock.now()})`);
}

const refusal = (code: string, field: string | null): RowResult => ({
  isWritten: false,
  code,
  field,
  existingId: null,
});

const pair = (writes: readonly Claimed[], results: readonly RowResult[]): [Claimed, RowResult][] =>
  writes.map((write, index) => [write, results[index] ?? refusal("NO_RESULT", null)]);

async function claimAll(tx: Tx, ctx: Ctx, crm: Crm, writes: readonly Write[]): Promise<Claimed[]> {
  const claimed: Claimed[] = [];
  for (const write of writes) {
    const link = await claimLink(tx, ctx, { connectionId: crm.connectionId, kind: "crm_lead", leadId: write.leadId });
    if (link) claimed.push({ ...write, link });
  }
  await noteSending(tx, ctx, crm, claimed);
  return claimed;
}

async function store(
  ctx: Ctx,
  crm: Crm,
  results: readonly [Claimed, RowResult][],
  within?: (tx: Tx) => Promise<void>,
): Promise<void> {
  const refused: [Claimed, RowResult & { isWritten: false }][] = [];
  await inTenant(ctx, async (tx) => {
    const others = await othersOf(tx, ctx, crm, results);
    for (const [write, result] of results) {
      if (isGone(result)) await leaveGone(tx, ctx, crm, write);
      else if (!result.isWritten) refused.push([write, result]);
      else if (others.get(result.id) !== undefined && others.get(result.id) !== write.leadId) {
        await mend(tx, ctx, crm, result.id);
        refused.push([write, { ...result, isWritten: false, code: "SAME_RECORD", field: null, existingId: result.id }]);
      } else {
        others.set(result.id, write.leadId);
        await keep(tx, ctx, crm, write, result);
      }
    }
    await within?.(tx);
  });
  for (const [write, result] of refused) await keepRefusal(ctx, write, result);
}

/** Whose each record is that Zoho says it wrote. */
async function othersOf(tx: Tx, { tenantId }: Ctx, crm: Crm, results: readonly [Claimed, RowResult][]) {
  const ids = results.flatMap(([, result]) => (result.isWritten ? [result.id] : []));
  const rows = await tx.syncLink.findMany({
    where: { tenantId, connectionId: crm.connectionId, kind: "crm_lead", externalId: { in: ids } },
    select: { externalId: true, leadId: true },
  });
  return new Map(rows.map(({ externalId, leadId }) => [externalId ?? "", leadId]));
}

async function keep(
  tx: Tx,
  ctx: Ctx,
  crm: Crm,
  write: Claimed,
  result: RowResult & { isWritten: true },
): Promise<void> {
  await saveLink(tx, ctx, write.link.id, {
    state: "linked",
    externalId: result.id,
    externalModifiedAt: result.modifiedAt,
    snapshot: write.snapshot,
    details: {},
  });
  await recordEvent(tx, ctx, {
    type: "sync.written",
    leadId: write.leadId,
    data: {
      connectionId: crm.connectionId,
      provider: "zoho",
      resource: "leads",
      action: result.action === "insert" ? "created" : "updated",
      externalId: result.id,
    },
  });
}

async function leaveGone(tx: Tx, ctx: Ctx, crm: Crm, { link, leadId }: Claimed): Promise<void> {
  await saveLink(tx, ctx, link.id, { state: "removed" });
  const externalId = link.externalId ?? "";
  const data = { connectionId: crm.connectionId, provider: "zoho" as const, resource: "leads", externalId };
  await recordEvent(tx, ctx, { type: "sync.removed_there", leadId, data });
}

/** Another lead's record was written over: everything of that lead is written again. */
async function mend(tx: Tx, { tenantId, clock }: Ctx, crm: Crm, externalId: string): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE sync_link SET snapshot = '{}', next_attempt_at = ${clock.now()}
    WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${crm.connectionId}::uuid AND kind = 'crm_lead' AND external_id = ${externalId}`);
}

/** Why Zoho did not take a row: kept at the link under Zoho's own code, and tried again when the lead changes or a day has passed. */
async function keepRefusal(
  ctx: Ctx,
  { link }: Claimed,
  { code, field }: RowResult & { isWritten: false },
): Promise<void> {
  await failLink(ctx, link.id, new VendorError("zoho", "rejected", `refused a row: ${code}`, { code }));
  await inTenant(ctx, (tx) =>
    tx.syncLink.updateMany({ where: { tenantId: ctx.tenantId, id: link.id }, data: { details: { code, field } } }),
  );
}
