import { getLeadsById, type ListedLead, MAX_ROWS } from "@/lib/integrations/zoho";
import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { type Drift, type DriftItem, driftOf } from "../drift";
import { mayAskBeside } from "./credits";
import { askZoho, type Crm, openCrm } from "./crm";
import { factOf, loadCrmLeads } from "./crm-facts";
import { digestOf, snapshotOf } from "./crm-values";
import { noteFetch } from "./record-exchange";

type Ours = { leadId: string; externalId: string | null; state: string | null; snapshot: unknown; code: string | null };

/**
 * Our leads that belong there beside the records they stand for: who has none there, whose record is gone, and in which fields the others differ. Records there
 * that stand for none of ours are the firm's own business: they are neither read nor counted, so that it takes a credit per hundred of ours, however many the
 * firm has there.
 * @throws VendorError, also when few credits are left: comparing can wait.
 */
export async function compareZoho(ctx: Ctx, connectionId: string): Promise<Drift> {
  const crm = await openCrm(ctx);
  const ours = await listOurs(ctx, connectionId);
  const items: DriftItem[] = [];
  let there = 0;
  for (let at = 0; at < ours.length; at += MAX_ROWS) {
    const batch = ours.slice(at, at + MAX_ROWS);
    const theirs = await readTheirs(ctx, crm, batch);
    const leads = await inTenant(ctx, (tx) =>
      loadCrmLeads(
        tx,
        ctx,
        batch.map(({ leadId }) => leadId),
      ),
    );
    for (const { leadId, externalId, state, snapshot, code } of batch) {
      const record = externalId === null ? undefined : theirs.get(externalId);
      if (!record) {
        const why = code ?? (state === "removed" || externalId !== null ? "removed_there" : "not_written");
        items.push({ leadId, consultationId: null, externalId, what: "only_ours", fields: [why] });
        continue;
      }
      there += 1;
      const lead = leads.get(leadId);
      const fields = lead ? differing(ctx, crm, lead, record, snapshot) : [];
      if (fields.length > 0) items.push({ leadId, consultationId: null, externalId, what: "different", fields });
    }
  }
  return driftOf({ ours: ours.length, theirs: there, items });
}

function differing(
  { tenantId }: Ctx,
  crm: Crm,
  lead: Parameters<typeof factOf>[1],
  record: ListedLead,
  stored: unknown,
): string[] {
  const snapshot = snapshotOf(stored);
  return crm.mapping.flatMap(({ ours, theirs }) => {
    const options = crm.fields.get(theirs)?.options ?? [];
    const value = factOf(ours, lead, { options, snapshot, tenantId });
    const isSame =
      value === undefined || digestOf(tenantId, ours, value) === digestOf(tenantId, ours, record.fields[theirs]);
    return isSame ? [] : [ours];
  });
}

/** Everybody who answered, and whoever is linked. */
const listOurs = (ctx: Ctx, connectionId: string): Promise<Ours[]> =>
  inTenant(ctx, (tx) =>
    tx.$queryRaw<Ours[]>(Prisma.sql`
      SELECT l.id AS "leadId", s.external_id AS "externalId", s.state, s.snapshot, s.details->>'code' AS code
      FROM lead l LEFT JOIN sync_link s ON s.tenant_id = l.tenant_id AND s.lead_id = l.id AND s.connection_id = ${connectionId}::uuid AND s.kind = 'crm_lead'
      WHERE l.tenant_id = ${ctx.tenantId}::uuid AND (s.id IS NOT NULL OR l.status IN ('responded', 'consultation', 'retained')
        OR EXISTS (SELECT FROM consultation c WHERE c.tenant_id = l.tenant_id AND c.lead_id = l.id))
      ORDER BY l.id`),
  );

async function readTheirs(ctx: Ctx, crm: Crm, ours: readonly Ours[]): Promise<Map<string, ListedLead>> {
  const { connectionId } = crm;
  const ids = ours.flatMap(({ externalId, state }) => (externalId === null || state === "removed" ? [] : [externalId]));
  if (ids.length === 0) return new Map();
  await mayAskBeside(ctx, connectionId, "backfill");
  const fields = crm.mapping.map(({ theirs }) => theirs);
  const { leads } = await askZoho(ctx, connectionId, (access) => getLeadsById(access, { fields, ids }));
  await noteFetch(ctx, { connectionId, resource: "leads", items: leads.length, because: "schedule" });
  return new Map(leads.map((lead) => [lead.id, lead]));
}
