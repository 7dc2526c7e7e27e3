import { baseAfterPush, isToPush } from "@/lib/core/merge-fields";
import { sharesKey, type ZohoRecord } from "@/lib/integrations/zoho";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { type Crm, keyFields } from "./crm";
import { type CrmLead, factOf, hasAnswered, loadCrmLeads } from "./crm-facts";
import { type CrmSnapshot, digestOf, snapshotOf } from "./crm-values";

/** What is to be written of a lead, and what the link will remember of it. */
export type Write = {
  leadId: string;
  externalId: string | null;
  record: ZohoRecord;
  snapshot: CrmSnapshot;
  /** Another lead of the firm stands behind the same key: written, one would take the other's place. */
  isTwin: boolean;
};

type Known = { leadId: string; externalId: string | null; state: string; snapshot: unknown };

/**
 * What has to be written of these leads: of a new one everything, of a linked one the fields that changed here since they were last given. Leads whose person
 * never answered, those removed there, and those of which nothing changed are left out.
 */
export async function planPush(tx: Tx, ctx: Ctx, crm: Crm, leadIds: readonly string[]): Promise<Write[]> {
  const { tenantId } = ctx;
  const leads = await loadCrmLeads(tx, ctx, leadIds);
  const links: Known[] = await tx.syncLink.findMany({
    where: { tenantId, connectionId: crm.connectionId, kind: "crm_lead", leadId: { in: [...leadIds] } },
    select: { leadId: true, externalId: true, state: true, snapshot: true },
  });
  const known = new Map(links.map((link) => [link.leadId, link]));
  const writes: Write[] = [];
  for (const lead of leads.values()) {
    const link = known.get(lead.id);
    if (link?.state === "removed" || (!link?.externalId && !hasAnswered(lead))) continue;
    const write = writeOf(ctx, crm, lead, link ?? null);
    if (write) writes.push(write);
  }
  await markTwins(tx, ctx, crm, writes);
  return writes;
}

function writeOf({ tenantId, clock }: Ctx, crm: Crm, lead: CrmLead, link: Known | null): Write | null {
  const before = snapshotOf(link?.snapshot);
  const externalId = link?.externalId ?? null;
  const snapshot: CrmSnapshot = { ...before };
  const record: ZohoRecord = {};
  const at = clock.now().toISOString();
  for (const { ours, theirs } of crm.mapping) {
    const options = crm.fields.get(theirs)?.options ?? [];
    const value = factOf(ours, lead, { options, snapshot: before, tenantId });
    if (value === undefined) continue;
    const digest = digestOf(tenantId, ours, value);
    // What was not there at the first writing is not emptied there.
    if (externalId === null ? digest === null : !isToPush(before[ours], digest)) continue;
    record[theirs] = value;
    snapshot[ours] = { ...baseAfterPush(digest), at };
  }
  // Nothing that was not given before: also what came from there a moment ago.
  if (externalId !== null && Object.keys(record).length === 0) return null;
  return { leadId: lead.id, externalId, record, snapshot, isTwin: false };
}

/** A new lead whose address (or other key) another lead of the firm already has there, or has in this very batch. */
async function markTwins(tx: Tx, { tenantId }: Ctx, crm: Crm, writes: Write[]): Promise<void> {
  const keys = keyFields(crm);
  const fresh = writes.filter(({ externalId }) => externalId === null);
  const email = (write: Write) => write.snapshot.email?.pushed ?? null;
  const digests = fresh.map(email).filter((digest) => digest !== null);
  const held = await tx.$queryRaw<{ digest: string }[]>`
    SELECT s.digest FROM sync_link l, LATERAL (VALUES (l.snapshot->'email'->>'pushed'), (l.snapshot->'email'->>'seen')) AS s (digest)
    WHERE l.tenant_id = ${tenantId}::uuid AND l.connection_id = ${crm.connectionId}::uuid AND l.kind = 'crm_lead'
      AND l.external_id IS NOT NULL AND l.state <> 'removed' AND s.digest = ANY(${digests}::text[])`;
  const taken = new Set(held.map(({ digest }) => digest));
  const first: Write[] = [];
  for (const write of fresh) {
    const isHeld = taken.has(email(write) ?? "");
    write.isTwin = isHeld || first.some((other) => sharesKey(other.record, write.record, keys));
    if (!write.isTwin) first.push(write);
  }
}
