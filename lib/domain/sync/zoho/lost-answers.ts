import { getLeads, type ListedLead, type RowResult, type ZohoPlace, type ZohoRecord } from "@/lib/integrations/zoho";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { type LinkRow, renewLink } from "../links";
import { askZoho, type Crm, keyFields } from "./crm";
import type { Write } from "./plan-push";
import { noteFetch } from "./record-exchange";

type Sent = Write & { link: LinkRow };

/** The clocks of two services are not the same. */
const EARLIER_MS = 60_000;
const MOST_PAGES = 10;

/** True for a row by which Zoho can tell that it has it already: such a row may be sent again. */
export const hasKey = (crm: Crm, record: ZohoRecord): boolean =>
  keyFields(crm).some((field) => (record[field] ?? "") !== "");

/** Notes, before they are sent, when rows without a key were sent first: until an answer says what became of them, they may be there. */
export async function noteSending(tx: Tx, { tenantId, clock }: Ctx, crm: Crm, writes: readonly Sent[]): Promise<void> {
  const ids = writes
    .filter(({ externalId, record, link }) => externalId === null && !hasKey(crm, record) && !link.details.sentAt)
    .map(({ link }) => link.id);
  if (ids.length === 0) return;
  const details = { sentAt: clock.now().toISOString() };
  await tx.syncLink.updateMany({ where: { tenantId, id: { in: ids } }, data: { details } });
}

/**
 * Asked right before they are sent: Zoho makes a second record of a row without a key as gladly as the first, so only who holds the link at this moment sends it.
 * What another worker took over is left out.
 */
export async function stillHeld<W extends Sent>(ctx: Ctx, crm: Crm, writes: readonly W[]): Promise<W[]> {
  return inTenant(ctx, async (tx) => {
    const held: W[] = [];
    for (const write of writes) {
      const claim = hasKey(crm, write.record) ? write.link : await renewLink(tx, ctx, write.link);
      if (!claim) continue;
      write.link.claimedUntil = claim.claimedUntil;
      held.push(write);
    }
    return held;
  });
}

/**
 * Rows without a key that were sent before and whose answer never came: sent again they would be there twice. Looks among what came in since for a record that
 * says the same and stands for no other lead.
 */
export async function findLostAnswers(ctx: Ctx, crm: Crm, writes: readonly Sent[]): Promise<Map<string, RowResult>> {
  const lost = writes.filter(({ link, record }) => typeof link.details.sentAt === "string" && !hasKey(crm, record));
  const found = new Map<string, RowResult>();
  if (lost.length === 0) return found;
  const since = new Date(Math.min(...lost.map(({ link }) => Date.parse(String(link.details.sentAt)))) - EARLIER_MS);
  const seen = await listSince(ctx, crm, since);
  const taken = await takenIds(ctx, crm, seen);
  for (const { leadId, record } of lost) {
    const match = seen.find(({ id, fields }) => !taken.has(id) && saysTheSame(record, fields));
    if (!match) continue;
    taken.add(match.id);
    found.set(leadId, { isWritten: true, id: match.id, action: "insert", modifiedAt: match.modifiedAt });
  }
  return found;
}

const saysTheSame = (record: ZohoRecord, fields: ZohoRecord): boolean =>
  Object.entries(record).every(([name, value]) => String(fields[name] ?? "") === String(value ?? ""));

async function listSince(ctx: Ctx, crm: Crm, since: Date): Promise<ListedLead[]> {
  const fields = crm.mapping.map(({ theirs }) => theirs);
  const seen: ListedLead[] = [];
  let place: ZohoPlace | null = { page: 1 };
  for (let page = 0; place && page < MOST_PAGES; page += 1) {
    const asked: ZohoPlace = place;
    const answer: Awaited<ReturnType<typeof getLeads>> = await askZoho(ctx, crm.connectionId, (access) =>
      getLeads(access, { fields, since, place: asked }),
    );
    const { connectionId } = crm;
    await noteFetch(ctx, { connectionId, resource: "leads", items: answer.leads.length, because: "change" });
    seen.push(...answer.leads);
    place = answer.next;
  }
  return seen;
}

async function takenIds(ctx: Ctx, crm: Crm, seen: readonly ListedLead[]): Promise<Set<string>> {
  const rows = await inTenant(ctx, (tx) =>
    tx.syncLink.findMany({
      where: {
        tenantId: ctx.tenantId,
        connectionId: crm.connectionId,
        kind: "crm_lead",
        externalId: { in: seen.map(({ id }) => id) },
      },
      select: { externalId: true },
    }),
  );
  return new Set(rows.map(({ externalId }) => externalId ?? ""));
}
