import { getLeadsById, type ListedLead, upsertLeads, type ZohoRecord } from "@/lib/integrations/zoho";
import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { failLink, saveLink } from "../links";
import { askZoho, type Crm, keyFields } from "./crm";
import { loadCrmLeads } from "./crm-facts";
import type { CrmSnapshot } from "./crm-values";
import { hasKey } from "./lost-answers";
import { mergeLead } from "./merge-lead";
import { planPush, type Write } from "./plan-push";
import { noteFetch, recordDecided } from "./record-exchange";
import {
  type Claimed,
  claimAll,
  keepRefusal,
  type Outcome,
  pair,
  recordWrite,
  refusal,
  storeResults,
} from "./store-results";

/** True for a lead that has no record yet by our knowledge, and may have one at Zoho: its address or another key can be there already. */
export const isToMeet = (crm: Crm, { externalId, record }: Write): boolean =>
  externalId === null && hasKey(crm, record);

/** What is known of the meeting on the way: the records that were there, those that are new, and the rest with the reason. */
type Meeting = { there: Map<Claimed, string>; settled: Outcome[]; creditsLeft: number | null };

/**
 * Links leads to their records before anything of theirs is written. A record that the firm has there already is the firm's own work: nothing but the key by which
 * it was found is written, then it is read and each field decided by its rule. A new one is begun with its key, its name and what is ours by rule. Everything
 * else goes there with the push that follows. (Zoho's search is no way to find them: it lags behind what was written, and needs a right of its own.)
 *
 * Two firms of one organization that share an address meet at one record: Zoho knows no firms. Each has a link of its own, takes over by its own rules, and writes
 * only what it changed itself, so their pushes come to rest; what one firm's people write there reaches the other. Who wants them apart connects them to
 * organizations of their own.
 * @throws VendorError when Zoho did not say; what it did say is kept.
 */
export async function meetRecords(ctx: Ctx, crm: Crm, leadIds: readonly string[]): Promise<number | null> {
  const writes = await inTenant(ctx, async (tx) => {
    const planned = await planPush(tx, ctx, crm, leadIds);
    return claimAll(
      tx,
      ctx,
      crm,
      planned.filter((write) => isToMeet(crm, write)),
    );
  });
  const twins = writes.filter(({ isTwin }) => isTwin);
  const settled = twins.map((twin): Outcome => [twin, refusal("SAME_ADDRESS", "Email")]);
  const meeting: Meeting = { there: new Map(), settled, creditsLeft: null };
  const met = new Set<Claimed>();
  try {
    await findThere(
      ctx,
      crm,
      writes.filter(({ isTwin }) => !isTwin),
      meeting,
    );
    for (const [write, record] of await readThere(ctx, crm, meeting)) {
      await meetOne(ctx, crm, write, record);
      met.add(write);
    }
  } catch (error) {
    for (const [write] of settled) met.add(write);
    await storeResults(ctx, crm, settled);
    for (const write of writes) if (!met.has(write)) await failLink(ctx, write.link, error);
    throw error;
  }
  await storeResults(ctx, crm, settled);
  return meeting.creditsLeft;
}

/**
 * Asks by each key alone whether there is a record: a row of nothing but its key can only be refused for its missing name, or find one. Whoever is not there is
 * begun.
 */
async function findThere(ctx: Ctx, crm: Crm, writes: readonly Claimed[], meeting: Meeting): Promise<void> {
  let open = [...writes];
  const send = async (sent: Claimed[], rowOf: (write: Claimed) => ZohoRecord, keys: readonly string[]) => {
    if (sent.length === 0) return [];
    const done = await askZoho(ctx, crm.connectionId, (access) => upsertLeads(access, sent.map(rowOf), keys));
    meeting.creditsLeft = done.creditsLeft;
    return pair(sent, done.rows);
  };
  const leave = (write: Claimed) => {
    open = open.filter((other) => other !== write);
  };
  for (const key of keyFields(crm)) {
    const asked = open.filter(({ record }) => (record[key] ?? "") !== "");
    for (const [write, result] of await send(asked, ({ record }) => ({ [key]: record[key] ?? null }), [key])) {
      if (!result.isWritten && result.code === "MANDATORY_NOT_FOUND") continue;
      leave(write);
      if (result.isWritten) meeting.there.set(write, result.id);
      else meeting.settled.push([write, result]);
    }
  }
  const begun = open.map((write): Claimed => ({ ...write, ...beginningOf(crm, write) }));
  for (const [write, result] of await send(begun, ({ record }) => record, keyFields(crm))) {
    // It came in between, or Zoho wants a name of every row: it is met all the same.
    if (result.isWritten && result.action === "update") meeting.there.set(write, result.id);
    else meeting.settled.push([write, result]);
  }
}

/** The fields that a new record begins with, and what the link remembers of them. */
function beginningOf(crm: Crm, { record, snapshot }: Write): Pick<Write, "record" | "snapshot"> {
  const keys = keyFields(crm);
  const begun: ZohoRecord = {};
  const remembered: CrmSnapshot = {};
  for (const { ours, theirs, rule } of crm.mapping) {
    const isNeeded = keys.includes(theirs) || crm.fields.get(theirs)?.isMandatory || rule === "ours";
    if (!isNeeded || !(theirs in record)) continue;
    begun[theirs] = record[theirs] ?? null;
    remembered[ours] = snapshot[ours];
  }
  return { record: begun, snapshot: remembered };
}

async function readThere(ctx: Ctx, crm: Crm, meeting: Meeting): Promise<[Claimed, ListedLead][]> {
  const { there } = meeting;
  if (there.size === 0) return [];
  const fields = crm.mapping.map(({ theirs }) => theirs);
  const ids = [...new Set(there.values())];
  const { leads, creditsLeft } = await askZoho(ctx, crm.connectionId, (access) =>
    getLeadsById(access, { fields, ids }),
  );
  meeting.creditsLeft = creditsLeft;
  await noteFetch(ctx, { connectionId: crm.connectionId, resource: "leads", items: leads.length, because: "change" });
  const byId = new Map(leads.map((lead) => [lead.id, lead]));
  return [...there].flatMap(([write, id]): [Claimed, ListedLead][] => {
    const record = byId.get(id);
    // Deleted or made something else a moment ago: tried again as a refusal is.
    if (!record) meeting.settled.push([write, refusal("RECORD_NOT_READ", null)]);
    return record ? [[write, record]] : [];
  });
}

/** One lead and the record that was there: decided, remembered and linked in one transaction. */
async function meetOne(ctx: Ctx, crm: Crm, write: Claimed, record: ListedLead): Promise<void> {
  const { tenantId } = ctx;
  const { leadId, link } = write;
  const isMet = await inTenant(ctx, async (tx) => {
    const held = await tx.$queryRaw<unknown[]>(Prisma.sql`
      SELECT 1 FROM sync_link WHERE tenant_id = ${tenantId}::uuid AND id = ${link.id}::uuid AND claimed_until = ${link.claimedUntil} FOR UPDATE`);
    // Whoever has the link now meets the record too, and keepRefusal keeps nothing then.
    if (held.length === 0) return false;
    const taken = await tx.syncLink.findFirst({
      where: {
        tenantId,
        connectionId: crm.connectionId,
        kind: "crm_lead",
        externalId: record.id,
        id: { not: link.id },
      },
      select: { id: true },
    });
    const lead = (await loadCrmLeads(tx, ctx, [leadId])).get(leadId);
    if (taken || !lead) return false;
    const { snapshot, decided } = await mergeLead(tx, ctx, crm, { lead, record, snapshot: {}, isFirst: true });
    const { id: externalId, modifiedAt: externalModifiedAt } = record;
    await saveLink(tx, ctx, link, { state: "linked", externalId, externalModifiedAt, snapshot, details: {} });
    await recordWrite(tx, ctx, crm, leadId, { action: "update", id: externalId });
    await recordDecided(tx, ctx, crm, leadId, decided);
    return true;
  });
  if (!isMet) await keepRefusal(ctx, write, refusal("SAME_RECORD", null));
}
