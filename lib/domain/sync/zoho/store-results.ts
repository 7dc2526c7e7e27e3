import { VendorError } from "@/lib/core/errors";
import type { RowResult } from "@/lib/integrations/zoho";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";
import { claimLink, failLink, type LinkRow, saveLink } from "../links";
import type { Crm } from "./crm";
import { noteSending } from "./lost-answers";
import type { Write } from "./plan-push";

/** A write whose link is ours for a minute. */
export type Claimed = Write & { link: LinkRow };
/** What Zoho said of one write. */
export type Outcome = [Claimed, RowResult];

/** The record is not there, or is a lead no more: it is not written again. */
const GONE: readonly string[] = ["ID_ALREADY_CONVERTED", "RECORD_NOT_FOUND"];
const isGone = (result: RowResult): boolean =>
  !result.isWritten && (GONE.includes(result.code) || (result.code === "INVALID_DATA" && result.field === "id"));

/** A row that was not taken, in Zoho's words or ours. */
export const refusal = (code: string, field: string | null): RowResult & { isWritten: false } => ({
  isWritten: false,
  code,
  field,
  existingId: null,
});

/** Writes beside their results, in the order they were sent. */
export const pair = (writes: readonly Claimed[], results: readonly RowResult[]): Outcome[] =>
  writes.map((write, index) => [write, results[index] ?? refusal("NO_RESULT", null)]);

/**
 * Takes the links of these writes. Everybody who holds several links or leads of a firm takes them in the order of the leads' ids, so that no two wait for each
 * other: a deadlock after Zoho was asked would lose its answer.
 */
export async function claimAll(tx: Tx, ctx: Ctx, crm: Crm, writes: readonly Write[]): Promise<Claimed[]> {
  const claimed: Claimed[] = [];
  for (const write of writes.toSorted(byLead)) {
    const link = await claimLink(tx, ctx, { connectionId: crm.connectionId, kind: "crm_lead", leadId: write.leadId });
    if (link) claimed.push({ ...write, link });
  }
  await noteSending(tx, ctx, crm, claimed);
  return claimed;
}

/** The order in which links and leads are held. */
export const byLead = (a: { leadId: string }, b: { leadId: string }): number => (a.leadId < b.leadId ? -1 : 1);

/** Keeps what became of each write and gives the links back; `within` runs in the same transaction. */
export async function storeResults(
  ctx: Ctx,
  crm: Crm,
  results: readonly Outcome[],
  within?: (tx: Tx) => Promise<void>,
): Promise<void> {
  const refused: [Claimed, RowResult & { isWritten: false }][] = [];
  await inTenant(ctx, async (tx) => {
    const others = await othersOf(tx, ctx, crm, results);
    for (const [write, result] of results.toSorted(([a], [b]) => byLead(a, b))) {
      if (isGone(result)) await leaveGone(tx, ctx, crm, write);
      else if (!result.isWritten) refused.push([write, result]);
      else if (others.get(result.id) !== undefined && others.get(result.id) !== write.leadId) {
        refused.push([write, { ...refusal("SAME_RECORD", null), existingId: result.id }]);
      } else {
        others.set(result.id, write.leadId);
        await keep(tx, ctx, crm, write, result);
      }
    }
    await within?.(tx);
  });
  for (const [write, result] of refused) {
    if (result.code === "SAME_RECORD" && result.existingId) await mend(ctx, crm, result.existingId);
    await keepRefusal(ctx, write, result);
  }
}

/** Whose each record is that Zoho says it wrote. */
async function othersOf(tx: Tx, { tenantId }: Ctx, crm: Crm, results: readonly Outcome[]) {
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
  const isKept = await saveLink(tx, ctx, write.link, {
    state: "linked",
    externalId: result.id,
    externalModifiedAt: result.modifiedAt,
    snapshot: write.snapshot,
    details: {},
  });
  if (!isKept) await doubt(tx, ctx, crm, write, result.id);
  await recordWrite(tx, ctx, crm, write.leadId, result);
}

/**
 * Our claim ended on the way, and another worker wrote too: of the fields that we wrote, either's words may stand there. Taken for ours, they are compared with
 * those of the lead and written once more where they differ.
 */
async function doubt(tx: Tx, { tenantId, clock }: Ctx, crm: Crm, write: Claimed, externalId: string): Promise<void> {
  const { link, record, snapshot } = write;
  const written = crm.mapping.flatMap(({ ours, theirs }) => (theirs in record ? [[ours, snapshot[ours]]] : []));
  await tx.$executeRaw(Prisma.sql`
    UPDATE sync_link SET state = 'linked', external_id = coalesce(external_id, ${externalId}), next_attempt_at = ${clock.now()},
      snapshot = coalesce(snapshot, '{}') || ${JSON.stringify(Object.fromEntries(written))}::jsonb
    WHERE tenant_id = ${tenantId}::uuid AND id = ${link.id}::uuid AND state <> 'removed'`);
}

/** The event of one row that Zoho took. */
export const recordWrite = (
  tx: Tx,
  ctx: Ctx,
  { connectionId }: Crm,
  leadId: string,
  { action, id }: Pick<RowResult & { isWritten: true }, "action" | "id">,
): Promise<void> =>
  recordEvent(tx, ctx, {
    type: "sync.written",
    leadId,
    data: {
      connectionId,
      provider: "zoho",
      resource: "leads",
      action: action === "insert" ? "created" : "updated",
      externalId: id,
    },
  });

async function leaveGone(tx: Tx, ctx: Ctx, crm: Crm, { link, leadId }: Claimed): Promise<void> {
  if (!(await saveLink(tx, ctx, link, { state: "removed" }))) return;
  const externalId = link.externalId ?? "";
  const data = { connectionId: crm.connectionId, provider: "zoho" as const, resource: "leads", externalId };
  await recordEvent(tx, ctx, { type: "sync.removed_there", leadId, data });
}

/** Another lead's record was written over: everything of that lead is written again. */
async function mend(ctx: Ctx, crm: Crm, externalId: string): Promise<void> {
  await inTenant(ctx, (tx) =>
    tx.$executeRaw(Prisma.sql`
      UPDATE sync_link SET snapshot = '{}', next_attempt_at = ${ctx.clock.now()}
      WHERE tenant_id = ${ctx.tenantId}::uuid AND connection_id = ${crm.connectionId}::uuid AND kind = 'crm_lead' AND external_id = ${externalId}`),
  );
}

/**
 * Why Zoho did not take a row: kept at the link under Zoho's own code, and tried again when the lead changes or a day has passed. Nothing is kept when the claim
 * ended: whoever has the link now hears from Zoho by itself.
 */
export async function keepRefusal(
  ctx: Ctx,
  { link }: Claimed,
  { code, field }: RowResult & { isWritten: false },
): Promise<void> {
  const { id, claimedUntil } = link;
  await inTenant(ctx, (tx) =>
    tx.syncLink.updateMany({
      where: { tenantId: ctx.tenantId, id, claimedUntil },
      data: { details: { code, field } },
    }),
  );
  await failLink(ctx, link, new VendorError("zoho", "rejected", `refused a row: ${code}`, { code }));
}
