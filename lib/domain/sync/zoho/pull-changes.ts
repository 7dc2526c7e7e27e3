import { VendorError } from "@/lib/core/errors";
import { getLeads, type ListedLead, type ZohoPlace } from "@/lib/integrations/zoho";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import type { CreditMemory } from "./credits";
import { askZoho, type Crm } from "./crm";
import { type CrmLead, loadCrmLeads } from "./crm-facts";
import { snapshotOf } from "./crm-values";
import { isPulled, mergeLead } from "./merge-lead";
import { recordDecided, recordFetch } from "./record-exchange";

/** Where a pull of changes stands: from when on, and the place in the pages of that. */
export type ChangesPosition = CreditMemory & { since: string; place: ZohoPlace | null };

/** A change can become visible a little after the time it bears. */
const OVERLAP_MS = 60_000;
/** Zoho keeps whole seconds, and a list from a time on may leave that second out. */
const SECOND = 1000;
/** A look before a write reads no more than this; what is beyond it comes with the next pull. */
const MAX_PEEKS = 5;

type Linked = { id: string; leadId: string; externalId: string; snapshot: unknown; isHeld: boolean };

/** One page of what changed there. */
async function readPage(ctx: Ctx, crm: Crm, { since, place }: Pick<ChangesPosition, "since" | "place">) {
  const fields = crm.mapping.filter(isPulled).map(({ theirs }) => theirs);
  return askZoho(ctx, crm.connectionId, (access) =>
    getLeads(access, { fields, since: new Date(since), ...(place ? { place } : {}) }),
  );
}

/**
 * Reads and stores one page. Pages by number shift when somebody writes meanwhile, so the next page is asked for from the last time seen on; only where a whole
 * page bears one time (an import) it goes on by number, and past 2,000 by token. `within` runs in the transaction that stores.
 */
export async function pullPage(
  ctx: Ctx,
  crm: Crm,
  from: ChangesPosition,
  within: (
    tx: Tx,
    to: { position: ChangesPosition; isDone: boolean; items: number; creditsLeft: number | null },
  ) => Promise<void>,
): Promise<void> {
  const page = await readPage(ctx, crm, from).catch((error: unknown) => {
    if (!isTokenRefused(error, from)) throw error;
    return null;
  });
  if (page === null) {
    // Begun anew at the next turn, not at once: a token that is never taken would have us read the same pages for ever.
    const position = { since: from.since, place: null };
    await inTenant(ctx, (tx) => within(tx, { position, isDone: true, items: 0, creditsLeft: null }));
    return;
  }
  const { leads, next, creditsLeft } = page;
  await inTenant(ctx, async (tx) => {
    const held = await storeChanges(tx, ctx, crm, leads);
    const position = held ? { since: before(held, SECOND), place: null } : positionAfter(from, leads, next);
    await within(tx, { position, isDone: held !== null || next === null, items: leads.length, creditsLeft });
  });
}

/** A token holds for a day: a pull that rested longer in the middle of its pages begins them again. */
const isTokenRefused = (error: unknown, { place }: ChangesPosition): boolean =>
  place !== null &&
  "pageToken" in place &&
  error instanceof VendorError &&
  error.kind === "rejected" &&
  error.status === 400;

const before = (at: Date, ms: number): string => new Date(at.getTime() - ms).toISOString();

function positionAfter(from: ChangesPosition, leads: readonly ListedLead[], next: ZohoPlace | null): ChangesPosition {
  const times = leads.flatMap(({ modifiedAt }) => modifiedAt?.getTime() ?? []);
  const greatest = new Date(Math.max(Date.parse(from.since), ...times));
  if (next === null) {
    const since = Math.max(Date.parse(from.since), greatest.getTime() - OVERLAP_MS);
    return { since: new Date(since).toISOString(), place: null };
  }
  const since = before(greatest, SECOND);
  return since > from.since ? { since, place: null } : { since: from.since, place: next };
}

/**
 * Looks at what changed there before something is written, so that a rule decides and not who wrote last. The place of the pull is left alone: reading twice is
 * harmless.
 */
export async function lookAtChanges(ctx: Ctx, crm: Crm): Promise<void> {
  const { tenantId } = ctx;
  const cursor = await inTenant(ctx, (tx) =>
    tx.syncCursor.findFirst({
      where: { tenantId, connectionId: crm.connectionId, resource: "changes" },
      select: { position: true },
    }),
  );
  let position = cursor?.position as ChangesPosition | null | undefined;
  for (let looks = 0; position && looks < MAX_PEEKS; looks += 1) {
    let to: ChangesPosition | null = null;
    await pullPage(ctx, crm, position, async (_tx, after) => {
      to = after.isDone ? null : after.position;
    });
    position = to;
  }
}

/**
 * Takes what changed there over, by the rule of each field; records that stand for no lead of ours are left alone. Gives the time of the first record that
 * somebody is writing at this moment: it is read again.
 */
async function storeChanges(tx: Tx, ctx: Ctx, crm: Crm, seen: readonly ListedLead[]): Promise<Date | null> {
  const { connectionId } = crm;
  await recordFetch(tx, ctx, { connectionId, resource: "leads", items: seen.length, because: "schedule" });
  if (seen.length === 0) return null;
  // Links and leads are held in the order of the leads' ids: see claimAll.
  const links = await tx.$queryRaw<Linked[]>(Prisma.sql`
    SELECT id, lead_id AS "leadId", external_id AS "externalId", snapshot, coalesce(claimed_until > ${ctx.clock.now()}, false) AS "isHeld"
    FROM sync_link WHERE tenant_id = ${ctx.tenantId}::uuid AND connection_id = ${connectionId}::uuid AND kind = 'crm_lead' AND state <> 'removed'
      AND external_id = ANY(${seen.map(({ id }) => id)}::text[]) ORDER BY lead_id FOR UPDATE`);
  const leads = await loadCrmLeads(
    tx,
    ctx,
    links.map(({ leadId }) => leadId),
  );
  const records = new Map(seen.map((record) => [record.id, record]));
  const held: number[] = [];
  for (const link of links) {
    const record = records.get(link.externalId);
    const lead = leads.get(link.leadId);
    if (!record || !lead) continue;
    if (!link.isHeld) await storeOne(tx, ctx, crm, { link, lead, record });
    else if (record.modifiedAt) held.push(record.modifiedAt.getTime());
  }
  return held.length === 0 ? null : new Date(Math.min(...held));
}

async function storeOne(
  tx: Tx,
  ctx: Ctx,
  crm: Crm,
  { link, lead, record }: { link: Linked; lead: CrmLead; record: ListedLead },
): Promise<void> {
  const merged = await mergeLead(tx, ctx, crm, { lead, record, snapshot: snapshotOf(link.snapshot) });
  await tx.syncLink.updateMany({
    where: { tenantId: ctx.tenantId, id: link.id },
    data: {
      snapshot: merged.snapshot,
      externalModifiedAt: record.modifiedAt,
      updatedAt: ctx.clock.now(),
      // Ours won: it is given to them at the next push.
      ...(merged.isToPush ? { nextAttemptAt: ctx.clock.now() } : {}),
    },
  });
  await recordDecided(tx, ctx, crm, lead.id, merged.decided);
}
